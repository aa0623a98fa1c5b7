"""With which key and algorithm a token is signed: an application's for its ID tokens, an API's for access.

Sources: auth0.com/docs/get-started/applications/signing-algorithms and /get-started/apis/api-settings.
An application without an algorithm gets RS256 here; what Auth0 gives such an old one is not documented.
"""

import base64
import binascii
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

from ..context import Sandbox
from ..keys import MALFORMED
from ..store import Doc

_SHARED = "HS256"


def id_token(sandbox: Sandbox, client: Doc, claims: dict[str, Any]) -> str:
    """A compact JWT of exactly these claims, as the application wants its ID tokens."""
    settings = client.get("jwt_configuration") or {}
    if settings.get("alg") == _SHARED and client.get("client_secret"):
        return _shared(claims, _secret(client), "JWT")
    return sandbox.keys.sign(claims, alg=_asymmetric(settings.get("alg")))


def access_token(sandbox: Sandbox, server: Doc, claims: dict[str, Any]) -> str:
    """A compact JWT of exactly these claims, as the API wants its access tokens."""
    typ = "at+jwt" if is_rfc9068(server) else "JWT"
    if server.get("signing_alg") == _SHARED and server.get("signing_secret"):
        return _shared(claims, str(server["signing_secret"]).encode(), typ)
    return sandbox.keys.sign(claims, typ, alg=_asymmetric(server.get("signing_alg")))


def opened_id_token(sandbox: Sandbox, token: str) -> dict[str, Any] | None:
    """The claims of an ID token of this tenant, expired or not; None for anything else."""
    claims = sandbox.keys.opened(token)
    if claims is not None:
        return claims
    for client in sandbox.store.all("clients"):
        if (client.get("jwt_configuration") or {}).get("alg") == _SHARED and client.get("client_secret"):
            try:
                claims = jwt.decode(token, OctKey.import_key(_secret(client)), algorithms=[_SHARED]).claims
            except MALFORMED:
                continue
            # Whoever knows an application's secret speaks for that application alone.
            return dict(claims) if claims.get("aud") == client["client_id"] else None
    return None


def is_rfc9068(server: Doc) -> bool:
    """Whether the API's tokens follow RFC 9068 instead of Auth0's own profile."""
    return str(server.get("token_dialect", "")).startswith("rfc9068")


def _asymmetric(alg: Any) -> str:
    return str(alg) if alg in ("RS256", "RS512", "PS256") else "RS256"


def _shared(claims: dict[str, Any], secret: bytes, typ: str) -> str:
    return jwt.encode({"alg": _SHARED, "typ": typ}, claims, OctKey.import_key(secret))


def _secret(client: Doc) -> bytes:
    secret = str(client["client_secret"])
    encoded = (client.get("jwt_configuration") or {}).get("secret_encoded")
    return _decoded(secret) if encoded else secret.encode()


def _decoded(secret: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    except (binascii.Error, ValueError):
        return secret.encode()
