"""Who may call what: bearer tokens and their scopes, refused in Auth0's words."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..context import Sandbox
from ..errors import Auth0Error, refusal
from ..keys import AudienceError, ExpiredTokenError, TokenError
from .routing import Operation


def authenticate(sandbox: Sandbox, authorization: str | None) -> Mapping[str, Any]:
    """The claims of the request's access token, or Auth0Error 400/401."""
    if not authorization:
        raise refusal(401, "Missing authentication")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or token.count(".") != 2:
        raise refusal(400, "Bad HTTP authentication header format", "Bearer")
    try:
        return sandbox.keys.verify(token, sandbox.addresses.management_audience)
    except ExpiredTokenError as error:
        raise _unauthorized("Expired token received for JSON Web Token validation") from error
    except AudienceError as error:
        raise _unauthorized(f"Bad audience: {error.audience}") from error
    except TokenError as error:
        raise _unauthorized("Invalid token") from error


def authorize(operation: Operation, claims: Mapping[str, Any], params: Mapping[str, str]) -> None:
    """Raise Auth0Error 403 unless the token's scopes admit the operation."""
    granted = set(str(claims.get("scope", "")).split())
    if granted.intersection(operation.scopes):
        if operation.also and not granted.intersection(operation.also):
            raise _insufficient(operation.also)
        return
    if granted.intersection(operation.self_scopes):
        if claims.get("sub") == params.get("id"):
            return
        raise refusal(
            403, "User to be acted on does not match subject in bearer token.", "operation_not_supported"
        )
    raise _insufficient((*operation.scopes, *operation.self_scopes))


def _insufficient(expected: Iterable[str]) -> Auth0Error:
    return refusal(403, f"Insufficient scope, expected any of: {','.join(expected)}", "insufficient_scope")


def _unauthorized(message: str) -> Auth0Error:
    return refusal(401, message, attributes={"error": message})
