"""The tokens a finished sign-in gets.

Sources: auth0.com/docs/secure/tokens/access-tokens/access-token-profiles and
/secure/tokens/id-tokens/id-token-structure; OpenID Connect Core 1.0, 2, 3.2.2.10 and 3.3.2.11.
"""

import base64
import hashlib
import math
from typing import Any

from ..context import Sandbox
from ..store import Doc
from . import claims, opaque, organizations, permissions, refresh_tokens, scopes, signing
from .sign_in import SignIn

# Auth0's defaults: APIs 24 h, in the implicit and hybrid flows 2 h, ID tokens 10 h.
ACCESS_SECONDS = 86400
FRONT_CHANNEL_SECONDS = 7200
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
    token, lifetime = _access_token(sandbox, sign_in, granted, gty, ACCESS_SECONDS, "token_lifetime")
    body: Doc = {
        "access_token": token,
        "scope": " ".join(granted),
        "expires_in": lifetime,
        "token_type": "Bearer",
    }
    if "openid" in granted:
        body["id_token"] = id_token(sandbox, sign_in, nonce=nonce, with_auth_time=with_auth_time)
    return body


def front_channel(sandbox: Sandbox, sign_in: SignIn) -> dict[str, str]:
    """An access token for an answer by the browser; it lives as long as the API says for the web."""
    granted = sign_in.granted_scopes()
    token, lifetime = _access_token(
        sandbox, sign_in, granted, None, FRONT_CHANNEL_SECONDS, "token_lifetime_for_web"
    )
    return {
        "access_token": token,
        "scope": " ".join(granted),
        "expires_in": str(lifetime),
        "token_type": "Bearer",
    }


def id_token(
    sandbox: Sandbox,
    sign_in: SignIn,
    *,
    nonce: str | None,
    with_auth_time: bool,
    access_token: str | None = None,
    code: str | None = None,
) -> str:
    """An ID token; what travels beside it by the browser is bound to it by `at_hash` and `c_hash`."""
    client, user = sign_in.client(sandbox), sign_in.user(sandbox)
    custom = claims.admitted(sign_in.wishes.id_claims)
    _remember(sandbox, sign_in, custom)
    lifetime = (client.get("jwt_configuration") or {}).get("lifetime_in_seconds")
    token_claims: dict[str, Any] = {
        **scopes.claims(user, sign_in.granted_scopes()),
        **custom,
        "iss": sandbox.addresses.issuer,
        "aud": sign_in.client_id,
        "sub": sign_in.user_id,
        **_issued(sandbox, int(lifetime or ID_SECONDS)),
        **organizations.claims(sandbox, sign_in.organization),
        **_hash("at_hash", access_token),
        **_hash("c_hash", code),
    }
    if sign_in.session_id:
        token_claims["sid"] = sign_in.session_id
    if nonce is not None:
        token_claims["nonce"] = nonce
    if with_auth_time and sign_in.authenticated_at is not None:
        token_claims["auth_time"] = math.floor(sign_in.authenticated_at)
    if any(method["name"] == "mfa" for method in sign_in.methods):
        token_claims["amr"] = ["mfa"]
    return signing.id_token(sandbox, client, token_claims)


def first_refresh_token(sandbox: Sandbox, client: Doc, sign_in: SignIn) -> Doc:
    """{"refresh_token": …} when offline_access was granted, else nothing."""
    if not sign_in.wants_offline:
        return {}
    return {"refresh_token": refresh_tokens.issue(sandbox, client, sign_in, sign_in.granted_scopes())}


def machine(
    sandbox: Sandbox,
    client: Doc,
    server: Doc,
    granted: list[str],
    organization: str | None = None,
    custom: Doc | None = None,
) -> Doc:
    """The body of a client_credentials response; `custom` are the claims that Actions have set."""
    lifetime = int(server.get("token_lifetime") or ACCESS_SECONDS)
    scope = {"scope": " ".join(granted)} if granted else {}
    own = server["identifier"] == sandbox.addresses.management_audience
    token_claims = {
        **claims.admitted(custom or {}, own_api=own),
        "iss": sandbox.addresses.issuer,
        "sub": f"{client['client_id']}@clients",
        "aud": server["identifier"],
        **_issued(sandbox, lifetime),
        **scope,
        **organizations.claims(sandbox, organization),
        **_profile(sandbox, server, client["client_id"], "client-credentials"),
        **({"permissions": granted} if permissions.is_told(server) else {}),
    }
    token = signing.access_token(sandbox, server, token_claims)
    return {"access_token": token, **scope, "expires_in": lifetime, "token_type": "Bearer"}


def remembered_claims(sandbox: Sandbox, user_id: str, client_id: str) -> Doc:
    """The custom claims of the last ID token, which /userinfo shows too."""
    return sandbox.store.get(_USERINFO_CLAIMS, f"{user_id} {client_id}") or {}


def userinfo_audience(sandbox: Sandbox) -> str:
    return f"{sandbox.addresses.issuer}userinfo"


def _access_token(
    sandbox: Sandbox, sign_in: SignIn, granted: list[str], gty: str | None, default: int, setting: str
) -> tuple[str, int]:
    """The token and how many seconds it lives: by the API's `setting`."""
    server = scopes.api(sandbox, sign_in.audience)
    lifetime = int((server or {}).get(setting) or default)
    own = sign_in.audience == sandbox.addresses.management_audience
    token_claims: Doc = {
        **claims.admitted(sign_in.wishes.access_claims, own_api=own),
        "iss": sandbox.addresses.issuer,
        "sub": sign_in.user_id,
        "aud": _audiences(sandbox, sign_in.audience, granted),
        **_issued(sandbox, lifetime),
        "scope": " ".join(granted),
        **organizations.claims(sandbox, sign_in.organization),
        **_profile(sandbox, server or {}, sign_in.client_id, gty),
    }
    if server is None:
        return opaque.encrypt(sandbox, token_claims), lifetime
    token_claims |= permissions.claim(sandbox, sign_in.user(sandbox), server, sign_in.organization)
    return signing.access_token(sandbox, server, token_claims), lifetime


def _profile(sandbox: Sandbox, server: Doc, client_id: str, gty: str | None) -> Doc:
    """What the two profiles of access tokens say differently about who got the token, and how."""
    if signing.is_rfc9068(server):
        return {"client_id": client_id, "jti": sandbox.ids.alphanumeric(22)}
    return {**({"gty": gty} if gty else {}), "azp": client_id}


def _audiences(sandbox: Sandbox, audience: str | None, granted: list[str]) -> str | list[str]:
    userinfo = userinfo_audience(sandbox)
    if audience is None:
        return userinfo
    return [audience, userinfo] if "openid" in granted else audience


def _remember(sandbox: Sandbox, sign_in: SignIn, custom: Doc) -> None:
    if custom != remembered_claims(sandbox, sign_in.user_id, sign_in.client_id):
        sandbox.store.put(_USERINFO_CLAIMS, f"{sign_in.user_id} {sign_in.client_id}", custom)


def _issued(sandbox: Sandbox, lifetime: int) -> dict[str, int]:
    now = math.floor(sandbox.clock.now())
    return {"iat": now, "exp": now + lifetime}


def _hash(name: str, value: str | None) -> Doc:
    """The left half of a SHA-256: all algorithms here but RS512 are of that size, and Auth0 signs so too."""
    if value is None:
        return {}
    half = hashlib.sha256(value.encode()).digest()[:16]
    return {name: base64.urlsafe_b64encode(half).rstrip(b"=").decode()}
