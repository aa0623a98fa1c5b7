"""/oauth/revoke: end a refresh token.

Source: auth0.com/docs/api/authentication/revoke-refresh-token/revoke-refresh-token and
/secure/tokens/refresh-tokens/revoke-refresh-tokens. RFC 7009, 2.2: an unknown token is no error.
"""

from starlette.requests import Request
from starlette.responses import Response

from ..context import Sandbox
from ..store import Doc
from . import clients, logs, refresh_tokens
from . import incoming as requests
from .errors import OAuthError


async def revoke(sandbox: Sandbox, request: Request) -> Response:
    """200 without a body, whether or not there was such a token."""
    incoming = await requests.read_body(request)
    client = clients.authenticate(sandbox, request, incoming)
    token = incoming.text("token")
    if token is None:
        raise OAuthError("invalid_request", "Missing required parameter: token", 400)
    found = refresh_tokens.of(sandbox, token)
    if found is not None:
        if found["client_id"] != client["client_id"]:
            raise OAuthError("invalid_request", "The token was issued to another client", 400)
        _end(sandbox, found)
        logs.write(sandbox, "srrt", incoming, client=client)
    return Response(status_code=200, headers={"Cache-Control": "no-store"})


def _end(sandbox: Sandbox, token: Doc) -> None:
    """The token with its family; where the tenant wants it, all of the same person, application and API."""
    refresh_tokens.revoke_family(sandbox, token["family"])
    flags = (sandbox.store.get("settings", "tenant") or {}).get("flags") or {}
    if flags.get("revoke_refresh_token_grant"):
        refresh_tokens.revoke_grant(sandbox, token)
