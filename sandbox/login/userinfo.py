"""/userinfo: the claims the access token's scopes release."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from ..context import Sandbox
from ..keys import TokenError
from . import opaque, scopes, tokens
from .errors import OAuthError


async def userinfo(sandbox: Sandbox, request: Request) -> JSONResponse:
    claims = _authenticate(sandbox, request)
    user = sandbox.store.get("users", claims["sub"])
    if user is None or user.get("blocked"):
        raise _unauthorized()
    granted = str(claims.get("scope", "")).split()
    custom = tokens.remembered_claims(sandbox, claims["sub"], str(claims.get("azp", "")))
    return JSONResponse({**custom, **scopes.claims(user, granted), "sub": user["user_id"]})


def _authenticate(sandbox: Sandbox, request: Request) -> dict[str, Any]:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthorized()
    opened = opaque.decrypt(sandbox, token)
    if opened is not None:
        return opened
    try:
        return sandbox.keys.verify(token, tokens.userinfo_audience(sandbox))
    except TokenError as error:
        raise _unauthorized() from error


def _unauthorized() -> OAuthError:
    # RFC 6750, 3
    challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return OAuthError("invalid_token", "Unauthorized", 401, challenge)
