"""/_sandbox/notifications: what became of the messages the tenant's phone provider was asked to send."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..context import Sandbox
from . import records


def table(sandbox: Sandbox) -> list[tuple[str, str, Callable[[Request], Awaitable[Response]]]]:
    """Method, path below the control address, endpoint."""

    async def describe(request: Request) -> Response:
        shown = [records.public(record) for record in sandbox.store.all(records.KIND)]
        return JSONResponse({"notifications": shown})

    return [("GET", "/notifications", describe)]
