"""Made-up stages, logins and tokens; joserfc plays the form."""

import base64
import copy
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwe, jwt
from joserfc.jwk import OctKey

from infra.render.environment import render_template

from .runner import NOW

ROOT = Path(__file__).resolve().parents[2]
CONTRACT: dict[str, Any] = json.loads((ROOT / "action_src" / "contract.json").read_text())
DENY: dict[str, str] = CONTRACT["denyCodes"]
PARTS = ("request", "result", "secrets", "userMetadata", "appMetadata", "claims", "denyCodes")

EXECUTE, CONTINUE = "onExecutePostLogin", "onContinuePostLogin"
USER_ID = "auth0|64f0c0ffee64f0c0ffee64f0"
HOST = "localhost:8443"
JTI = "T2Zfb25lX3JlcXVlc3Q"
FORM = "https://form.localhost:8447"
PHONE, OTHER, THIRD = "+14155550123", "+447700900123", "+14155550199"
STATE = "hKFo2SBzdGF0ZS1vcGFxdWU"
REQUEST_KEY, RESULT_KEY, PREVIOUS_KEY = (
    base64.urlsafe_b64encode(bytes([seed]) * 32).rstrip(b"=").decode() for seed in (1, 2, 3)
)
SECRETS = {"PHONE_REQUEST_KEY": REQUEST_KEY, "PHONE_RESULT_KEY": RESULT_KEY}
TWILIO_SECRETS = {
    "TWILIO_API_KEY": "SK" + "0" * 32,
    "TWILIO_API_SECRET": "made-up-secret",
    "TWILIO_VERIFY_SERVICE": "VA" + "0" * 32,
}
STAGE: dict[str, Any] = {
    "contract": {part: CONTRACT[part] for part in PARTS},
    "formUrl": FORM + "/verify",
    "loginHosts": ["login.example.com", HOST],
    "flow": "form",
    "enforcement": "required",
    "scope": {
        "applications": [],
        "connections": [],
        "organizations": [],
        "percentage": 100,
        "startsAt": None,
    },
    "allowWithoutRedirect": [],
    "trustedConnections": [],
    "smsConnection": "sms",
    "twilioVerifyUrl": "https://verify.twilio.com",
    "channel": "sms",
    "dialPrefixes": ["+1", "+44"],
    "resendSeconds": 30,
    "codeSeconds": 600,
    "claimNamespace": FORM + "/",
}


@cache
def _rendered(stage: str) -> str:
    return render_template("phone_verification.js.j2", {"stage": json.loads(stage)})


def code(**changes: Any) -> str:
    """The Action rendered for STAGE with `changes`; `scope` is merged into STAGE's."""
    stage = {**STAGE, **changes, "scope": {**STAGE["scope"], **changes.get("scope", {})}}
    return _rendered(json.dumps(stage, sort_keys=True))


def login(**changes: Any) -> dict[str, Any]:
    """The event of a database login of an unverified person; `changes` are merged in, None removes."""
    connection = "Username-Password-Authentication"
    event: dict[str, Any] = {
        "authentication": {"methods": [{"name": "pwd", "timestamp": "2026-09-21T00:00:00.000Z"}]},
        "client": {"client_id": "web", "name": "Web"},
        "connection": {"id": "con_0000000000000001", "name": connection, "strategy": "auth0"},
        "request": {"hostname": HOST, "method": "GET", "ip": "127.0.0.1", "query": {}, "body": {}},
        "secrets": {**SECRETS},
        "transaction": {"id": "tx", "protocol": "oidc-basic-profile", "prompt": [], "metadata": {}},
        "user": {
            "user_id": USER_ID,
            "email": "ada@example.com",
            "app_metadata": {},
            "user_metadata": {},
            "identities": [
                {"connection": connection, "provider": "auth0", "user_id": USER_ID[6:], "isSocial": False}
            ],
        },
    }
    return merged(event, changes)


def merged(event: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of `event` with `changes` merged into it, level by level; None removes a key."""
    result = copy.deepcopy(dict(event))
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = merged(result[key], value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def hinted(number: str, **changes: Any) -> dict[str, Any]:
    """A login whose user_metadata names `number`."""
    return merged(login(user={"user_metadata": {"phone_number": number}}), changes)


def verified(number: str = PHONE, **changes: Any) -> dict[str, Any]:
    """A login of a person whose `number` is verified."""
    known = {
        "phone_number": number,
        "phone_number_verified": True,
        "phone_verified_at": "2026-01-01T00:00:00.000Z",
    }
    return merged(login(user={"app_metadata": known}), changes)


def through(name: str, strategy: str, profile: Mapping[str, Any] | None, **changes: Any) -> dict[str, Any]:
    """A login through a linked identity on connection `name`."""
    identity: dict[str, Any] = {"connection": name, "provider": strategy, "user_id": "linked"}
    if profile is not None:
        identity["profileData"] = dict(profile)
    event = login(connection={"name": name, "strategy": strategy})
    event["user"]["identities"].append(identity)
    return merged(event, changes)


def digest(number: str) -> str:
    """The digest under which a hint is stored."""
    return base64.urlsafe_b64encode(hashlib.sha256(number.encode()).digest()).rstrip(b"=").decode()


def derived(secret: str, info: str) -> OctKey:
    """The JWE key of a configured secret."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=info.encode()).derive(secret.encode())
    return OctKey.import_key(key)


def opened(request: str, secret: str = REQUEST_KEY) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a request, opened as the form does it."""
    found = jwe.decrypt_compact(request, derived(secret, CONTRACT["request"]["keyInfo"]))
    assert found.plaintext is not None
    return dict(found.headers()), json.loads(found.plaintext)


def sealed(claims: Mapping[str, Any], secret: str = RESULT_KEY, **header: Any) -> str:
    """The encrypted part of a result."""
    protected = {"alg": "dir", "enc": "A256GCM", "typ": "phone-sealed+jwe", **header}
    key = derived(secret, CONTRACT["result"]["sealedKeyInfo"])
    return jwe.encrypt_compact(protected, json.dumps(claims), key)


def result_claims(outcome: str = "verified", **changes: Any) -> dict[str, Any]:
    """The claims of a result as the form makes them; None removes one."""
    claims: dict[str, Any] = {
        "sub": USER_ID,
        "iss": HOST,
        "aud": CONTRACT["result"]["audience"],
        "iat": NOW - 1,
        "exp": NOW - 1 + CONTRACT["result"]["lifetimeSeconds"],
        "jti": JTI,
        "state": STATE,
        "outcome": outcome,
    }
    if outcome == "verified":
        claims["sealed"] = sealed({"phone": PHONE})
        claims["consent_at"] = "2026-09-21T00:00:00+00:00"
        claims["consent_version"] = "2026-09-01"
    if outcome == "submitted":
        claims["sealed"] = sealed({"code": "123456"})
    return merged(claims, changes)


def signed(claims: Mapping[str, Any], secret: str = RESULT_KEY, **header: Any) -> str:
    """A result token."""
    return jwt.encode({"alg": "HS256", "typ": "JWT", **header}, dict(claims), OctKey.import_key(secret))


def hs256(text: str, secret: str) -> str:
    """The signature part for `text`, under a key of any length."""
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def raw(claims: Mapping[str, Any], secret: str = RESULT_KEY) -> str:
    """A result token signed over claims that a library would refuse to sign."""
    parts = [{"alg": "HS256", "typ": "JWT"}, claims]
    text = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts
    )
    return f"{text}.{hs256(text, secret)}"


def asked_about(event: Mapping[str, Any], jti: str = JTI) -> str:
    """What the Action notes in the transaction when it asks at `event`."""
    noted = event["transaction"]["metadata"].get("phone_asked")
    if noted:
        return ".".join([jti, *noted.split(".")[1:]])
    user = event["user"]
    number = user["app_metadata"].get("phone_number", "")
    hint = user["user_metadata"].get("phone_number", "")
    return ".".join([jti, *(digest(each) if each else "" for each in (number, hint))])


def mfa(seconds_ago: float = 60) -> dict[str, str]:
    """A second factor, shown that long ago."""
    at = datetime.fromtimestamp(NOW - seconds_ago, UTC).isoformat().replace("+00:00", "Z")
    return {"name": "mfa", "timestamp": at}


def returning(event: Mapping[str, Any], token: str | None, **changes: Any) -> dict[str, Any]:
    """The event of `event`'s login when the browser posts `token` to /continue."""
    body = {} if token is None else {"phone_result": token}
    asked = {"transaction": {"metadata": {"phone_asked": asked_about(event)}}}
    back = merged({**event}, merged(asked, {"request": {"method": "POST", "query": {"state": STATE}}}))
    back["request"]["body"] = body
    return merged(back, changes)
