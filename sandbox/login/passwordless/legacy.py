"""/oauth/ro and /passwordless/verify: closed to every application made since June 2017.

The legacy grant can no longer be given to an application, which is what both answer; clients that are OIDC
conformant are refused before that. Tenants of the last years are said to answer 404 instead: a switch.
Sources: auth0.com/docs/get-started/applications/application-grant-types, "Auth0 legacy grants";
github.com/auth0/lock-passwordless issues 141 and 143; github.com/auth0/node-auth0 issues 244 and 273.
"""

from starlette.requests import Request
from starlette.responses import Response

from ...context import Sandbox
from ...errors import not_found
from .. import incoming as requests
from ..errors import OAuthError

GRANT = "http://auth0.com/oauth/legacy/grant-type/ro"
_PARAMETERS = ("client_id", "connection", "username", "password")


async def refuse(sandbox: Sandbox, request: Request) -> Response:
    if sandbox.switches.legacy_passwordless == "absent":
        return not_found("Not Found").response()
    incoming = await requests.read(request)
    for name in _PARAMETERS:
        if incoming.text(name) is None:
            raise OAuthError("invalid_request", f"missing {name} parameter", 400)
    client = sandbox.store.get("clients", incoming.text("client_id") or "")
    if client is None or client.get("global"):
        raise OAuthError("unauthorized_client", "invalid client")
    if client.get("oidc_conformant"):
        raise OAuthError("invalid_request", f"OIDC conformant clients cannot use {request.url.path}", 400)
    raise OAuthError("unauthorized_client", f"Grant type '{GRANT}' not allowed for the client.")
