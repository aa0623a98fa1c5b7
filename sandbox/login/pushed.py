"""/oauth/par: an authorization request that a server pushes before it sends the browser.

Sources: RFC 9126; auth0.com/docs/get-started/authentication-and-authorization-flow/authorization-code-flow/
authorization-code-flow-with-par and /get-started/applications/configure-par. The words of the refusals are
not documented.
"""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse

from ..context import Sandbox
from ..store import Doc
from . import authorization as authorizations
from . import clients
from . import incoming as requests
from .errors import AppError, OAuthError, PageError
from .incoming import Incoming

_KIND = "pushed_requests"
_PREFIX = "urn:ietf:params:oauth:request_uri:"
_SECONDS = 30
_LARGEST = 10 * 1024
_SECRET = ("client_secret", "client_assertion", "client_assertion_type")


async def push(sandbox: Sandbox, request: Request) -> JSONResponse:
    """Judge and keep a request; 201 with the `request_uri` under which it waits, once, for the browser."""
    if len(await request.body()) > _LARGEST:
        raise OAuthError("invalid_request", "The request is larger than 10 KB", 413)
    incoming = await requests.read_body(request)
    client = clients.authenticate(sandbox, request, incoming)
    if client.get("token_endpoint_auth_method") == "none":
        raise OAuthError("unauthorized_client", "Pushed authorization requests need a confidential client")
    if incoming.text("request_uri") is not None:
        raise OAuthError("invalid_request", "Parameter 'request_uri' is not allowed here", 400)
    _judge(sandbox, client, incoming)
    name = sandbox.ids.token(32)
    seconds = int(client.get("par_request_expiry") or _SECONDS)
    body = {key: value for key, value in incoming.body.items() if key not in _SECRET}
    pushed = {"client_id": client["client_id"], "expires_at": sandbox.clock.now() + seconds, "body": body}
    sandbox.store.put(_KIND, name, pushed)
    return JSONResponse(
        {"request_uri": _PREFIX + name, "expires_in": seconds}, 201, {"Cache-Control": "no-store"}
    )


def taken(sandbox: Sandbox, incoming: Incoming) -> Incoming:
    """The request as it was pushed, which is used up; unchanged without a `request_uri`. Raises PageError."""
    uri = incoming.text("request_uri")
    if uri is None:
        return incoming
    found = sandbox.store.take(_KIND, uri.removeprefix(_PREFIX)) if uri.startswith(_PREFIX) else None
    expired = found is None or found["expires_at"] <= sandbox.clock.now()
    if found is None or expired or found["client_id"] != incoming.text("client_id"):
        raise PageError("invalid_request", "The request_uri is invalid or has expired")
    # RFC 9126, 4: what was pushed counts, and nothing beside it.
    query = {**found["body"], "client_id": found["client_id"], "request_uri": uri}
    return replace(incoming, query=query, body={})


def require(sandbox: Sandbox, client: Doc, incoming: Incoming) -> None:
    """AppError where the application has to push and didn't."""
    if client.get("require_pushed_authorization_requests") and incoming.text("request_uri") is None:
        raise AppError("invalid_request", "Pushed Authorization Requests are required for this client")


def _judge(sandbox: Sandbox, client: Doc, incoming: Incoming) -> None:
    try:
        known = authorizations.address(client, incoming)
        authorizations.judge(sandbox, client, known, incoming)
    except (PageError, AppError) as error:
        raise OAuthError(error.error, error.description, 400) from error
