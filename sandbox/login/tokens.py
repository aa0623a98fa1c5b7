"""The tokens a finished sign-in gets."""

import math
from typing import Any

from ..context import Sandbox
from ..store import Doc
from . import claims, opaque, refresh_tokens, scopes
from .sign_in import SignIn

# Auth0's defaults: APIs 24 h, ID tokens 10 h.
ACCESS_SECONDS = 86400
ID_SECONDS = 36000
_USERINFO_CLAIMS = "userinfo_claims"


def issue(
    sandbox: Sandbox,
    sign_in: SignIn,
    *,
    gty: str | None = None,
    nonce: str | None = None,
    with_auth_time: bool = False,
) -> Doc:
    """The body of a token response, without a refresh token."""
    granted = sign_in.granted_scopes()
    access_token, lifetime = _access_token(sandbox, sign_in, granted, gty)
    body: Doc = {
        "access_token": access_token,
        "scope": " ".join(granted),
        "expires_in": lifetime,
        "token_type": "Bearer",
    }
    if "openid" in granted:
        body["id_token"] = _id_token(sandbox, sign_in, granted, nonce, with_auth_time)
    return body


def first_refresh_token(sandbox: Sandbox, client: Doc, sign_in: SignIn) -> Doc:
    """{"refresh_token": …} when offline_access was granted, else nothing."""
    if not sign_in.wants_offline:
        return {}
    return {"refresh_token": refresh_tokens.issue(sandbox, client, sign_in, sign_in.granted_scopes())}


def machine(sandbox: Sandbox, client: Doc, server: Doc, granted: list[str]) -> Doc:
    """The body of a client_credentials response."""
    lifetime = int(server.get("token_lifetime") or ACCESS_SECONDS)
    issued = _issued(sandbox, lifetime)
    audience = server["identifier"]
    token_claims = {
        "iss": sandbox.addresses.issuer,
        "sub": f"{client['client_id']}@clients",
        "aud": audience,
        **issued,
        **({"scope": " ".join(granted)} if granted else {}),
        "gty": "client-credentials",
        "azp": client["client_id"],
    }
    body: Doc = {"access_token": sandbox.keys.sign(token_claims, _typ(server))}
    return (
        body
        | ({"scope": " ".join(granted)} if granted else {})
        | {"expires_in": lifetime, "token_type": "Bearer"}
    )


def remembered_claims(sandbox: Sandbox, user_id: str, client_id: str) -> Doc:
    """The custom claims of the last ID token, which /userinfo shows too."""
    return sandbox.store.get(_USERINFO_CLAIMS, f"{user_id} {client_id}") or {}


def userinfo_audience(sandbox: Sandbox) -> str:
    return f"{sandbox.addresses.issuer}userinfo"


def _access_token(sandbox: Sandbox, sign_in: SignIn, granted: list[str], gty: str | None) -> tuple[str, int]:
    server = scopes.api(sandbox, sign_in.audience)
    lifetime = int((server or {}).get("token_lifetime_for_web") or 0) if gty is None else 0
    lifetime = lifetime or int((server or {}).get("token_lifetime") or ACCESS_SECONDS)
    own = sign_in.audience == sandbox.addresses.management_audience
    token_claims: Doc = {
        **claims.admitted(sign_in.wishes.access_claims, own_api=own),
        "iss": sandbox.addresses.issuer,
        "sub": sign_in.user_id,
        "aud": _audiences(sandbox, sign_in.audience, granted),
        **_issued(sandbox, lifetime),
        "scope": " ".join(granted),
        "azp": sign_in.client_id,
        **({"gty": gty} if gty else {}),
    }
    if server is None:
        return opaque.encrypt(sandbox, token_claims), lifetime
    return sandbox.keys.sign(token_claims, _typ(server)), lifetime


def _audiences(sandbox: Sandbox, audience: str | None, granted: list[str]) -> str | list[str]:
    userinfo = userinfo_audience(sandbox)
    if audience is None:
        return userinfo
    return [audience, userinfo] if "openid" in granted else audience


def _id_token(
    sandbox: Sandbox, sign_in: SignIn, granted: list[str], nonce: str | None, with_auth_time: bool
) -> str:
    custom = claims.admitted(sign_in.wishes.id_claims)
    _remember(sandbox, sign_in, custom)
    lifetime = (sign_in.client(sandbox).get("jwt_configuration") or {}).get("lifetime_in_seconds")
    token_claims: dict[str, Any] = {
        **scopes.claims(sign_in.user(sandbox), granted),
        **custom,
        "iss": sandbox.addresses.issuer,
        "aud": sign_in.client_id,
        "sub": sign_in.user_id,
        **_issued(sandbox, int(lifetime or ID_SECONDS)),
    }
    if sign_in.session_id:
        token_claims["sid"] = sign_in.session_id
    if nonce is not None:
        token_claims["nonce"] = nonce
    if with_auth_time and sign_in.authenticated_at is not None:
        token_claims["auth_time"] = math.floor(sign_in.authenticated_at)
    return sandbox.keys.sign(token_claims)


def _remember(sandbox: Sandbox, sign_in: SignIn, custom: Doc) -> None:
    if custom != remembered_claims(sandbox, sign_in.user_id, sign_in.client_id):
        sandbox.store.put(_USERINFO_CLAIMS, f"{sign_in.user_id} {sign_in.client_id}", custom)


def _issued(sandbox: Sandbox, lifetime: int) -> dict[str, int]:
    now = math.floor(sandbox.clock.now())
    return {"iat": now, "exp": now + lifetime}


def _typ(server: Doc) -> str:
    """The API's token profile: Auth0's own, or RFC 9068's."""
    return "at+jwt" if str(server.get("token_dialect", "")).startswith("rfc9068") else "JWT"
