"""The keys a connection signs its requests with: /connections/{id}/keys.

Documented: https://auth0.com/docs/api/management/v2/connections/get-keys (also post-keys, rotate-keys). That
a connection has keys as soon as it authenticates by private_key_jwt, and the 404 of one that has none, is
the likely reading.
"""

import asyncio
import hashlib
from base64 import urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ...context import Sandbox
from ...errors import conflict, not_found
from ...store import Doc
from ..documents import without
from ..keys import certificates
from ..routing import Answer, Call, Operation
from ..schema import nullable, record, text
from .lookup import connection_of

KIND = "connection_keys"
_STRATEGIES = ("oidc", "okta")
_BITS = 2048
_YEARS_VALID = 10
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "ES256", "ES384")
_BODY = nullable(record({"signing_alg": text(choices=_ALGORITHMS)}))


async def list_keys(call: Call) -> Answer:
    keys = await _of(call)
    if not keys:
        raise not_found("The connection has no keys", "inexistent_connection_keys")
    return Answer(keys)


async def create_keys(call: Call) -> Answer:
    _check_new(await _of(call))
    made = await _first(call.sandbox, _algorithm(call))
    # Asked again: another call may have made keys meanwhile.
    _check_new(await _of(call))
    return Answer(_save(call, made), 201)


def _check_new(known: list[Doc]) -> None:
    if known:
        raise conflict("The connection already has keys", "connection_keys_conflict")


async def rotate_keys(call: Call) -> Answer:
    """The next key becomes the current one, that one the previous; answered is the new next key."""
    algorithm = _algorithm(call)
    first = [] if await _of(call) else await _first(call.sandbox, algorithm)
    upcoming = await new_key(call.sandbox, algorithm) | {"next": True}
    # Only now: another call may have rotated while the key was made.
    known = await _of(call) or first
    now = call.sandbox.clock.iso()
    roles = {role: next(key for key in known if key.get(role)) for role in ("current", "next")}
    current = _bare(roles["next"]) | {"current": True, "current_since": now}
    previous = _bare(roles["current"]) | {"previous": True}
    _save(call, [current, upcoming, previous])
    return Answer(upcoming)


async def _first(sandbox: Sandbox, algorithm: str) -> list[Doc]:
    current = {"current": True, "current_since": sandbox.clock.iso()}
    made = [await new_key(sandbox, algorithm) for _ in range(2)]
    return [made[0] | current, made[1] | {"next": True}]


async def new_key(sandbox: Sandbox, algorithm: str) -> Doc:
    """A key as it is shown: its certificate, never its private half, which nothing here signs with."""
    private = await asyncio.to_thread(rsa.generate_private_key, 65_537, _BITS)
    certificate = certificates.issued(private, sandbox.addresses.auth0, sandbox.clock.now(), _YEARS_VALID)
    shown = certificates.shown(certificate)
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    return {
        **without(shown, ("pkcs7",)),
        "kid": urlsafe_b64encode(digest[:16]).rstrip(b"=").decode(),
        "pkcs": shown["pkcs7"],
        "algorithm": algorithm,
        "key_use": "signing",
        "subject_dn": f"/CN={sandbox.addresses.auth0}",
    }


def _algorithm(call: Call) -> str:
    return str((call.body or {}).get("signing_alg", "RS256"))


async def _of(call: Call) -> list[Doc]:
    stored = _stored(call)
    if stored or _connection(call)["options"].get("token_endpoint_auth_method") != "private_key_jwt":
        return stored
    made = await _first(call.sandbox, "RS256")
    # Asked again: of two calls that made keys at the same time, the first one's stay.
    return _stored(call) or _save(call, made)


def _connection(call: Call) -> Doc:
    return connection_of(call, _STRATEGIES, "The connection's strategy does not support keys")


def _stored(call: Call) -> list[Doc]:
    """What was made so far; Auth0Error 404 when the connection is gone."""
    _connection(call)
    return list((call.sandbox.store.get(KIND, call.params["id"]) or {}).get("keys", []))


def _save(call: Call, keys: list[Doc]) -> list[Doc]:
    call.sandbox.store.put(KIND, call.params["id"], {"keys": keys})
    return keys


def _bare(key: Doc) -> Doc:
    roles = ("current", "next", "previous", "current_since")
    return {name: value for name, value in key.items() if name not in roles}


_ALL = "/connections/{id}/keys"

OPERATIONS = (
    Operation("GET", _ALL, list_keys, ("read:connections_keys",)),
    Operation("POST", _ALL, create_keys, ("create:connections_keys",), _BODY),
    Operation(
        "POST", f"{_ALL}/rotate", rotate_keys, ("create:connections_keys", "update:connections_keys"), _BODY
    ),
)
