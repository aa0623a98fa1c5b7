"""The documents clients configure themselves by."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from ..context import Sandbox
from .authorization import CHALLENGE_METHODS
from .client_assertion import ALGORITHMS
from .device_codes import GRANT as DEVICE
from .grants import REALM

_CACHED = {
    "Cache-Control": "public, max-age=15, stale-while-revalidate=15",
    "Access-Control-Allow-Origin": "*",
}


_SUPPORTED = {
    "scopes_supported": ["openid", "profile", "offline_access", "email", "phone", "address"],
    "response_types_supported": [
        *("code", "token", "id_token"),
        *("code token", "code id_token", "token id_token", "code token id_token"),
    ],
    # web_message works and isn't announced, as on Auth0.
    "response_modes_supported": ["query", "fragment", "form_post"],
    "grant_types_supported": [
        *("authorization_code", "implicit", "refresh_token", "client_credentials", "password", REALM),
        DEVICE,
    ],
    "code_challenge_methods_supported": list(CHALLENGE_METHODS),
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["HS256", "RS256", "PS256"],
    "token_endpoint_auth_methods_supported": [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "none",
    ],
    "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
    "claims_supported": [
        *("aud", "auth_time", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss"),
        *("name", "nickname", "phone_number", "phone_number_verified", "picture", "sub", "updated_at"),
    ],
    "request_uri_parameter_supported": False,
    "request_parameter_supported": False,
    "backchannel_logout_supported": True,
    "backchannel_logout_session_supported": True,
}


async def configuration(sandbox: Sandbox, request: Request) -> JSONResponse:
    """OpenID Connect Discovery 1.0: only what the sandbox does."""
    endpoints = _endpoints(sandbox.addresses.issuer)
    settings = sandbox.store.get("settings", "tenant") or {}
    if (settings.get("oidc_logout") or {}).get("rp_logout_end_session_endpoint_discovery") is False:
        # auth0.com/docs/authenticate/login/logout/log-users-out-of-auth0, "Enable endpoint discovery".
        del endpoints["end_session_endpoint"]
    return JSONResponse({**_SUPPORTED, **endpoints}, headers=_CACHED)


async def jwks(sandbox: Sandbox, request: Request) -> JSONResponse:
    return JSONResponse(sandbox.keys.jwks(), headers=_CACHED)


def _endpoints(issuer: str) -> dict[str, str]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}authorize",
        "token_endpoint": f"{issuer}oauth/token",
        "userinfo_endpoint": f"{issuer}userinfo",
        "device_authorization_endpoint": f"{issuer}oauth/device/code",
        "revocation_endpoint": f"{issuer}oauth/revoke",
        "pushed_authorization_request_endpoint": f"{issuer}oauth/par",
        "jwks_uri": f"{issuer}.well-known/jwks.json",
        "end_session_endpoint": f"{issuer}oidc/logout",
    }
