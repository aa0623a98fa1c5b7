"""Cross-origin calls from a browser: which pages may read the answers of the tenant's endpoints.

An origin counts as known when any application lists it: as a web origin, as an allowed origin (CORS), or as
part of a callback. Sources: auth0.com/docs/get-started/applications/set-up-cors and /application-settings
("Allowed Origins (CORS)"). That an origin of one application may call for another is an assumption: a
preflight doesn't say for whom it asks.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from ..context import Sandbox
from ..store import Doc
from . import urls

Endpoint = Callable[[Request], Awaitable[Response]]

_LISTS = ("web_origins", "allowed_origins", "callbacks")
_EXPOSED = "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After"
_AGE = "300"


def shared(sandbox: Sandbox, endpoint: Endpoint, methods: list[str]) -> Endpoint:
    """The endpoint with the headers that let known pages of other origins read its answers."""

    async def answer(request: Request) -> Response:
        origin = request.headers.get("origin")
        if request.method == "OPTIONS":
            return _preflight(sandbox, request, origin, methods)
        response = await endpoint(request)
        if origin is not None and "access-control-allow-origin" not in response.headers:
            response.headers.update(_allowed(sandbox, origin))
        return response

    return answer


def is_known(sandbox: Sandbox, origin: str) -> bool:
    """Whether some application lists this origin."""
    return any(_lists(client, origin) for client in sandbox.store.all("clients"))


def _lists(client: Doc, origin: str) -> bool:
    return any(urls.admits_origin(client.get(name) or [], origin) for name in _LISTS)


def _allowed(sandbox: Sandbox, origin: str) -> dict[str, str]:
    if not is_known(sandbox, origin):
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": _EXPOSED,
        "Vary": "Origin",
    }


def _preflight(sandbox: Sandbox, request: Request, origin: str | None, methods: list[str]) -> Response:
    headers = _allowed(sandbox, origin) if origin is not None else {}
    if "Access-Control-Allow-Origin" in headers:
        headers |= {
            "Access-Control-Allow-Methods": ", ".join(methods),
            "Access-Control-Allow-Headers": request.headers.get("access-control-request-headers", ""),
            "Access-Control-Max-Age": _AGE,
        }
    return Response(status_code=204, headers=headers)
