"""Applications that authenticate by a signed assertion: private_key_jwt.

Sources: RFC 7523, 3; …/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt.
"""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey

from ..context import Sandbox
from ..keys import MALFORMED
from ..store import Doc
from . import logs
from .errors import OAuthError
from .incoming import Incoming

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("RS256", "RS384", "PS256")
_SPENT = "spent_assertions"
# "Assertion limits" of the page above, in bytes and characters.
_LARGEST, _LONGEST = 2048, 64
# Seconds; `iat` and `nbf` may be ahead by as much, `exp` may not be behind.
_LIFETIME, _SKEW = 300, 10


class AssertionRefusedError(OAuthError):
    """The public sentence is always the same; `reason` is for the tenant's log, `client` whom it is about."""

    def __init__(self, reason: str) -> None:
        super().__init__("invalid_client", "Failed client authentication", 401)
        self.reason = reason
        self.client: Doc | None = None


@dataclass(frozen=True)
class _Assertion:
    token: str
    header: Doc
    claims: Doc

    def text(self, name: str) -> str:
        value = self.claims.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
            raise AssertionRefusedError(f"'{name}' claim must be a string of 1 to {_LONGEST} characters")
        return value

    def time(self, name: str) -> float:
        value = self.claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise AssertionRefusedError(f"'{name}' claim must be a number")
        return value


def is_given(incoming: Incoming) -> bool:
    return any(incoming.body.get(name) for name in ("client_assertion", "client_assertion_type"))


def prove(sandbox: Sandbox, client_id: str | None, incoming: Incoming, endpoint: str) -> Doc:
    """The application that signed; its assertion can't be used again. `endpoint` is the path that was asked.

    `client_id` may be absent; where it is given, it has to be the assertion's. Raises AssertionRefusedError.
    """
    client: Doc | None = None
    try:
        assertion = _read(incoming)
        client = _claimed(sandbox, client_id, assertion)
        _check_signature(sandbox, client, assertion)
        _check_times(sandbox.clock.now(), assertion)
        is_current = _check_audience(sandbox, assertion, endpoint)
        _spend(sandbox, client, assertion)
    except AssertionRefusedError as error:
        error.client = client
        raise
    if not is_current:
        description = "Client assertion whose audience is not the issuer as a single string"
        logs.write(sandbox, "depnote", incoming, description=description, client=client)
    return client


def _read(incoming: Incoming) -> _Assertion:
    if incoming.body.get("client_assertion_type") != TYPE:
        raise AssertionRefusedError(f"client_assertion_type must be {TYPE}")
    token = incoming.body.get("client_assertion")
    if not isinstance(token, str) or not token.isascii() or len(token) > _LARGEST:
        raise AssertionRefusedError(f"client_assertion must be a JWT of at most {_LARGEST} bytes")
    parts = token.split(".")
    if len(parts) != 3:
        raise AssertionRefusedError("client_assertion is not a signed JWT")
    return _Assertion(token, _object(parts[0]), _object(parts[1]))


def _object(segment: str) -> Doc:
    try:
        found = json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
        # JSON can spell characters that no text has; the store could not keep them.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise AssertionRefusedError("client_assertion is not a signed JWT") from error
    if not isinstance(found, dict):
        raise AssertionRefusedError("client_assertion is not a signed JWT")
    return found


def _claimed(sandbox: Sandbox, client_id: str | None, assertion: _Assertion) -> Doc:
    """RFC 7523, 3: both the issuer and the subject are the application."""
    subject = assertion.text("sub")
    if assertion.text("iss") != subject:
        raise AssertionRefusedError("'iss' and 'sub' claims must be the same")
    if client_id not in (None, subject):
        raise AssertionRefusedError("client_id must be the 'sub' claim")
    client = sandbox.store.get("clients", subject)
    if client is None:
        raise AssertionRefusedError("'sub' claim names no application")
    return client


def _check_signature(sandbox: Sandbox, client: Doc, assertion: _Assertion) -> None:
    algorithm, kid = assertion.header.get("alg"), assertion.header.get("kid")
    # RFC 7515, 4.1.11: what is critical and not understood is refused, and no extension is understood.
    if algorithm not in ALGORITHMS or "crit" in assertion.header:
        raise AssertionRefusedError(f"'alg' must be one of {', '.join(ALGORITHMS)}, without extensions")
    for credential in _credentials(sandbox, client):
        if kid in (None, credential["kid"]) and _is_signed(assertion.token, credential):
            return
    raise AssertionRefusedError("no enabled credential of the application verifies the signature")


def _credentials(sandbox: Sandbox, client: Doc) -> list[Doc]:
    """The keys that count: enabled for this method, and not expired."""
    method = (client.get("client_authentication_methods") or {}).get("private_key_jwt") or {}
    enabled = [each["id"] for each in method.get("credentials") or ()]
    stored = sandbox.store.get("client_credentials", client["client_id"]) or {"credentials": []}
    return [
        each
        for each in stored["credentials"]
        if each["id"] in enabled
        and each["credential_type"] == "public_key"
        and not _has_expired(each, sandbox.clock.now())
    ]


def _has_expired(credential: Doc, now: float) -> bool:
    until = credential.get("expires_at")
    return until is not None and datetime.fromisoformat(until).timestamp() <= now


def _is_signed(token: str, credential: Doc) -> bool:
    """Whether this key signed it, by this credential's algorithm and no other."""
    try:
        jws.deserialize_compact(token, RSAKey.import_key(credential["_pem"].strip()), [credential["alg"]])
    except MALFORMED:
        return False
    return True


def _check_times(now: float, assertion: _Assertion) -> None:
    # Each comparison is the condition to pass: a NaN, which JSON can carry, passes none.
    for name in ("iat", "nbf"):
        if name in assertion.claims and not assertion.time(name) <= now + _SKEW:
            raise AssertionRefusedError(f"'{name}' claim must not be in the future")
    expires = assertion.time("exp")
    if not now < expires:
        raise AssertionRefusedError("'exp' claim must be in the future")
    issued = assertion.time("iat") if "iat" in assertion.claims else now
    if not expires <= issued + _LIFETIME:
        raise AssertionRefusedError(
            "'exp' claim must specify a time that is no more than 5 minutes after 'iat'"
        )


def _check_audience(sandbox: Sandbox, assertion: _Assertion, endpoint: str) -> bool:
    """Whether `aud` is as Auth0 wants it from now on; older forms, deprecated in October 2025, still count.

    Source: auth0.com/changelog, "Audience Validation for Private Key JWT Client Authentication".
    """
    issuers = _issuers(sandbox)
    told: Any = assertion.claims.get("aud")
    if told in issuers:
        return True
    accepted = [*issuers, *(f"{issuer.rstrip('/')}{endpoint}" for issuer in issuers)]
    if not any(each in accepted for each in (told if isinstance(told, list) else [told])):
        raise AssertionRefusedError(f"'aud' claim must be {sandbox.addresses.issuer}")
    return False


def _issuers(sandbox: Sandbox) -> list[str]:
    """The tenant's own, and by each custom domain that is ready."""
    domains = sandbox.store.where("custom_domains", "status", "ready")
    return [sandbox.addresses.issuer, *(f"https://{each['domain']}/" for each in domains)]


def _spend(sandbox: Sandbox, client: Doc, assertion: _Assertion) -> None:
    store, now = sandbox.store, sandbox.clock.now()
    key = f"{client['client_id']} {assertion.text('jti')}"
    with store.atomic():
        for spent in store.all(_SPENT):
            if spent["until"] <= now:
                store.delete(_SPENT, spent["key"])
        if store.get(_SPENT, key):
            raise AssertionRefusedError("'jti' claim was used before")
        store.put(_SPENT, key, {"key": key, "until": assertion.time("exp")})
