"""The documents clients configure themselves by."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from ..context import Sandbox
from .authorization import RESPONSE_MODES
from .client_assertion import ALGORITHMS
from .grants import REALM

_CACHED = {
    "Cache-Control": "public, max-age=15, stale-while-revalidate=15",
    "Access-Control-Allow-Origin": "*",
}


_SUPPORTED = {
    "scopes_supported": ["openid", "profile", "offline_access", "email", "phone", "address"],
    "response_types_supported": ["code"],
    "response_modes_supported": list(RESPONSE_MODES),
    "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", "password", REALM],
    "code_challenge_methods_supported": ["S256"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
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
}


async def configuration(sandbox: Sandbox, request: Request) -> JSONResponse:
    """OpenID Connect Discovery 1.0: only what the sandbox does."""
    return JSONResponse({**_SUPPORTED, **_endpoints(sandbox.addresses.issuer)}, headers=_CACHED)


async def jwks(sandbox: Sandbox, request: Request) -> JSONResponse:
    return JSONResponse(sandbox.keys.jwks(), headers=_CACHED)


def _endpoints(issuer: str) -> dict[str, str]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}authorize",
        "token_endpoint": f"{issuer}oauth/token",
        "userinfo_endpoint": f"{issuer}userinfo",
        "jwks_uri": f"{issuer}.well-known/jwks.json",
        "end_session_endpoint": f"{issuer}oidc/logout",
    }
