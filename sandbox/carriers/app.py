"""All carriers as one ASGI app, mounted at /carriers on Twilio's port, and their accounts."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from ..context import Sandbox
from .africastalking import AfricasTalking
from .aws import Aws
from .bird import Bird
from .carrier import ACCOUNTS, Carrier, Handler, RefusedError
from .clickatell import Clickatell
from .infobip import Infobip
from .messagebird import MessageBird
from .plivo import Plivo
from .sinch import Sinch
from .telnyx import Telnyx
from .twilio import Twilio
from .vonage import Vonage
from .webhook import Webhook

CARRIERS: tuple[type[Carrier], ...] = (
    Clickatell,
    Twilio,
    Webhook,
    Vonage,
    Infobip,
    Aws,
    Plivo,
    Telnyx,
    Sinch,
    MessageBird,
    Bird,
    AfricasTalking,
)
PREFIX = "/carriers"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def seed_accounts(sandbox: Sandbox) -> None:
    """Give every carrier that has none an account; those an earlier seed made stay."""
    known = sandbox.store.get("seed", ACCOUNTS) or {}
    missing = {
        carrier.name: carrier.account(sandbox.ids) for carrier in CARRIERS if carrier.name not in known
    }
    if missing:
        sandbox.store.put("seed", ACCOUNTS, {**known, **missing})


def credentials(sandbox: Sandbox) -> dict[str, dict[str, str]]:
    """{carrier: {environment variable: value}}, for whoever sets a gateway up."""
    return {carrier.name: carrier(sandbox).credentials for carrier in CARRIERS}


def create_router(sandbox: Sandbox) -> Router:
    """The carriers' APIs, by their names; every other path is a 501 that names it."""
    routes = [
        Route(f"/{carrier.name}{path}", _answered(carrier, handler), methods=[method])
        for carrier in (kind(sandbox) for kind in CARRIERS)
        for method, path, handler in carrier.endpoints()
    ]
    return Router([*routes, Route("/{path:path}", _unknown, methods=_METHODS)])


def _answered(carrier: Carrier, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await handler(request)
        except RefusedError as error:
            return carrier.refuse(error)

    return endpoint


async def _unknown(request: Request) -> Response:
    message = f"The sandbox does not know {request.method} {request.url.path}."
    return JSONResponse({"message": message}, 501)
