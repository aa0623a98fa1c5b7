"""The dashboard's pages, below /_sandbox/dashboard on the tenant's port. They change nothing."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from ..context import Sandbox
from ..pages import PRIVATE, Pages
from . import reading

Page = Callable[[Request], Awaitable[Response]]
PATH = "/dashboard"
_TEMPLATES = Path(__file__).parent / "templates"
_LOGINS = 200
_USERS = 50
_LAST_PAGE = 10**6
_MOST_DIGITS = 10


class Dashboard:
    """One method for each page; nothing here changes the tenant."""

    def __init__(self, sandbox: Sandbox, prefix: str) -> None:
        self._sandbox = sandbox
        self._home = prefix + PATH
        self._pages = Pages(_TEMPLATES, PRIVATE)

    def routes(self) -> list[tuple[str, str, Page]]:
        """Method, path below the control address, and endpoint."""
        pages: list[tuple[str, Page]] = [
            ("", self.overview),
            ("/actions", self.actions),
            ("/actions/{id}", self.action),
            ("/connections", self.connections),
            ("/users", self.users),
            ("/users/{id:path}", self.user),
            ("/logins", self.logins),
            ("/logins/{id}", self.login),
        ]
        return [("GET", PATH + path, page) for path, page in pages]

    async def overview(self, request: Request) -> Response:
        store = self._sandbox.store
        kinds = ("actions", "connections", "users", "clients", "organizations", "roles")
        return self._shown(
            "overview",
            "Overview",
            counts={kind: store.count(kind) for kind in kinds},
            flows=reading.flows(store),
            logins=reading.logins(store, _LOGINS)[:5],
        )

    async def actions(self, request: Request) -> Response:
        store = self._sandbox.store
        return self._shown("actions", "Actions", actions=reading.actions(store), flows=reading.flows(store))

    async def action(self, request: Request) -> Response:
        found = reading.action(self._sandbox.store, request.path_params["id"])
        return self._shown("action", found["name"], action=found) if found else self._missing("Action")

    async def connections(self, request: Request) -> Response:
        return self._shown("connections", "Connections", connections=reading.connections(self._sandbox.store))

    async def users(self, request: Request) -> Response:
        given = request.query_params.get("page", "0")
        counted = given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS
        page = min(int(given), _LAST_PAGE) if counted else 0
        users, total = reading.users(self._sandbox.store, page, _USERS)
        return self._shown(
            "users", "Users", users=users, total=total, page=page, last=max(0, (total - 1) // _USERS)
        )

    async def user(self, request: Request) -> Response:
        found = reading.user(self._sandbox.store, request.path_params["id"])
        return self._shown("user", found["name"], user=found) if found else self._missing("user")

    async def logins(self, request: Request) -> Response:
        return self._shown("logins", "Logins", logins=reading.logins(self._sandbox.store, _LOGINS))

    async def login(self, request: Request) -> Response:
        found = reading.login(self._sandbox.store, request.path_params["id"])
        return self._shown("login", found.title, login=found) if found else self._missing("login")

    def _shown(self, name: str, title: str, status: int = 200, **values: object) -> Response:
        return self._pages.render(
            name,
            status,
            title=title,
            home=self._home,
            domain=self._sandbox.addresses.auth0,
            quoted=lambda text: quote(text, safe=""),
            **values,
        )

    def _missing(self, what: str) -> Response:
        return self._shown("missing", "Not found", 404, what=what)
