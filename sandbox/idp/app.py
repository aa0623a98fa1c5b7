"""The provider's one page: it asks who you are, believes it, and sends the browser back with a code.

It stands for every social and enterprise provider, whatever the connection's options say: a laptop reaches
none of the real ones. Its protocol is OAuth 2.0's authorization code (RFC 6749, 4.1) for all of them.
"""

from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ..context import Sandbox
from ..pages import HEADERS, Pages
from ..store import Doc
from . import profiles

PREFIX = "/idp"
_KIND = "idp_codes"
_SECONDS = 60
_LARGEST = 16 * 1024
_LONGEST = 320


def create_app(sandbox: Sandbox) -> Starlette:
    async def show(request: Request) -> Response:
        return _page(sandbox, request, dict(request.query_params), None)

    async def answer(request: Request) -> Response:
        body = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        return _answer(sandbox, request, dict(request.query_params), body)

    path = "/{strategy}/authorize"
    return Starlette(
        routes=[
            Route(path, show, methods=["GET"]),
            Route(path, answer, methods=["POST"], max_body_size=_LARGEST),
        ]
    )


def address(sandbox: Sandbox, strategy: str, parameters: dict[str, str]) -> str:
    """Where a browser is sent to log in at the provider of this strategy."""
    return f"{sandbox.addresses.twilio}{PREFIX}/{strategy}/authorize?{urlencode(parameters)}"


def callback(sandbox: Sandbox) -> str:
    """The only address the provider knows to send people back to."""
    return f"{sandbox.addresses.issuer}login/callback"


def redeem(sandbox: Sandbox, strategy: str, code: str) -> Doc | None:
    """The profile a code stands for; it works once, for a minute, at its own provider."""
    found = sandbox.store.take(_KIND, code) if code else None
    if found is None or found["strategy"] != strategy or found["expires_at"] <= sandbox.clock.now():
        return None
    return dict(found["profile"])


def _answer(sandbox: Sandbox, request: Request, query: dict[str, str], body: dict[str, str]) -> Response:
    if query.get("redirect_uri") != callback(sandbox):
        return _page(sandbox, request, query, None)
    state = {"state": query.get("state", "")}
    if body.get("action") == "deny":
        refused = {"error": "access_denied", "error_description": "The user has denied access"}
        return _back(sandbox, refused | state)
    email, name = body.get("email", "").strip()[:_LONGEST], body.get("name", "")[:_LONGEST]
    if "@" not in email.strip("@"):
        return _page(sandbox, request, {**query, "login_hint": email}, "Please enter a valid email address.")
    code, strategy = sandbox.ids.token(32), request.path_params["strategy"]
    profile = profiles.of(strategy, email, name)
    expires = sandbox.clock.now() + _SECONDS
    sandbox.store.put(_KIND, code, {"strategy": strategy, "profile": profile, "expires_at": expires})
    return _back(sandbox, {"code": code} | state)


def _page(sandbox: Sandbox, request: Request, query: dict[str, str], problem: str | None) -> Response:
    provider = profiles.title(request.path_params["strategy"])
    if query.get("redirect_uri") != callback(sandbox):
        return _pages().render("unknown", 400, provider=provider)
    values = {"provider": provider, "email": query.get("login_hint", ""), "problem": problem}
    return _pages().render("who", 400 if problem else 200, action=f"?{request.url.query}", **values)


def _back(sandbox: Sandbox, values: dict[str, str]) -> Response:
    return RedirectResponse(f"{callback(sandbox)}?{urlencode(values)}", 302, {"Cache-Control": "no-store"})


@cache
def _pages() -> Pages:
    return Pages(Path(__file__).parent / "templates", HEADERS)
