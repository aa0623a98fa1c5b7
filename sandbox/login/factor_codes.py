"""Codes of a second factor: sent by SMS, or made by an authenticator app (RFC 6238).

An SMS goes out by the Actions of the trigger send-phone-message where there are any, else by the tenant's
phone provider, else as the message that Auth0 itself would send. Sources: auth0.com/docs/customize/actions/
explore-triggers/send-phone-message and auth0.com/docs/customize/phone-messages. Not documented are how long
a code counts and how often it may be tried; five minutes and three times here. factor_limits.py has the rest.
"""

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass
from typing import Literal

from .. import phone
from ..actions import sequence
from ..context import Sandbox
from ..store import Doc
from . import event as events
from . import factor_limits, factors
from .incoming import Incoming

TRIGGER = "send-phone-message"
_KIND = "factor_codes"
_SECONDS = 300
_TRIES = 3
_DIGITS = 6
_STEP = 30
_ACTION = {"otp_verify": "second-factor-authentication", "otp_enroll": "enrollment"}

Kind = Literal["otp_verify", "otp_enroll"]
Verdict = Literal["right", "wrong", "exhausted", "locked"]


@dataclass(frozen=True)
class Addressed:
    """For whom a message is, and why."""

    client: Doc
    user: Doc
    incoming: Incoming
    kind: Kind


def new_phone(sandbox: Sandbox, user_id: str, number: str) -> Doc:
    """A number to be enrolled; it counts once it is confirmed."""
    device = f"dev_{sandbox.ids.alphanumeric(16)}"
    return {
        "id": f"phone|{device}",
        "type": "phone",
        "phone_number": number,
        "preferred_authentication_method": "sms",
        "authentication_methods": [{"type": "sms", "id": f"sms|{device}"}],
        "_user": user_id,
    }


def new_authenticator(sandbox: Sandbox, user_id: str) -> Doc:
    """A secret to be enrolled in an authenticator app."""
    secret = base64.b32encode(sandbox.ids.token(20).encode()[:20]).decode()
    return {
        "id": f"totp|dev_{sandbox.ids.alphanumeric(16)}",
        "type": "totp",
        "totp_secret": secret,
        "_user": user_id,
    }


def confirm(sandbox: Sandbox, method: Doc) -> None:
    now = sandbox.clock.iso()
    enrolled = {**method, "confirmed": True, "created_at": now, "last_auth_at": now}
    sandbox.store.put(factors.KIND, method["id"], enrolled)


async def send(sandbox: Sandbox, key: str, method: Doc, addressed: Addressed) -> bool:
    """Send a new code under `key`, in the place of the one before; False for a person who had too many."""
    counted = f"sms {addressed.user['user_id']}"
    if factor_limits.is_reached(sandbox, counted):
        return False
    factor_limits.count(sandbox, counted)
    code = sandbox.ids.digits(_DIGITS)
    doc = {"code": code, "tries": 0, "expires_at": sandbox.clock.now() + _SECONDS}
    sandbox.store.put(_KIND, key, doc)
    text = f"{code} is your verification code for {addressed.client.get('name') or 'the application'}."
    if sandbox.store.get("bindings", TRIGGER):
        await _by_action(sandbox, method["phone_number"], code, text, addressed)
    elif phone.active(sandbox) is not None:
        await phone.deliver(
            sandbox,
            phone.Notification(
                recipient=method["phone_number"],
                client=addressed.client,
                incoming=addressed.incoming,
                code=code,
                message_type=addressed.kind,
                user=addressed.user,
                locale=addressed.incoming.language.partition("-")[0] or None,
            ),
        )
    else:
        message = {
            "to": method["phone_number"],
            "from": "Auth0",
            "body": text,
            "channel": "sms",
            "code": code,
        }
        sandbox.store.append("messages", {**message, "at": sandbox.clock.iso()})
    return True


def check(sandbox: Sandbox, key: str, method: Doc, given: str) -> Verdict:
    """Judge a code of a factor, which is used up by being right; "locked" after too many wrong ones."""
    counted = f"wrong {method['_user']} {method['id']}"
    if factor_limits.is_reached(sandbox, counted):
        return "locked"
    is_made = method["type"] == "totp"
    verdict = _made_verdict(sandbox, method, given) if is_made else _sent_verdict(sandbox, key, given)
    if verdict == "wrong":
        factor_limits.count(sandbox, counted)
    return verdict


def _sent_verdict(sandbox: Sandbox, key: str, given: str) -> Verdict:
    with sandbox.store.atomic():
        doc = sandbox.store.get(_KIND, key)
        if doc is None or doc["tries"] >= _TRIES or doc["expires_at"] <= sandbox.clock.now():
            return "exhausted"
        if hmac.compare_digest(doc["code"].encode(), given.encode()):
            sandbox.store.delete(_KIND, key)
            return "right"
        sandbox.store.put(_KIND, key, {**doc, "tries": doc["tries"] + 1})
    return "wrong"


def totp(secret: str, at: float) -> str:
    """The code of an authenticator app at a moment: RFC 6238 with SHA-1, 30 seconds, six digits."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at // _STEP)), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def _made_verdict(sandbox: Sandbox, method: Doc, given: str) -> Verdict:
    now = sandbox.clock.now()
    for moment in (now, now - _STEP, now + _STEP):
        if hmac.compare_digest(totp(method["totp_secret"], moment).encode(), given.encode()):
            fresh = factor_limits.is_new_step(sandbox, method["id"], int(moment // _STEP))
            return "right" if fresh else "wrong"
    return "wrong"


async def _by_action(sandbox: Sandbox, number: str, code: str, text: str, addressed: Addressed) -> None:
    event: Doc = {
        "client": events.client_view(addressed.client),
        "message_options": {
            "action": _ACTION[addressed.kind],
            "code": code,
            "message_type": "sms",
            "recipient": number,
            "text": text,
        },
        "request": events.request_view(addressed.incoming, query=False, body=False),
        "tenant": {"id": sandbox.addresses.tenant_name},
        "user": events.user_view(addressed.user),
        **events.custom_domain(sandbox, addressed.incoming.hostname),
    }
    await sequence.run(sandbox, TRIGGER, "onExecuteSendPhoneMessage", lambda: event)
