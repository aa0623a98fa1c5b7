"""Acme Demo's pages: home, login, callback, logout, and the change of one's phone number."""

import re
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ..context import Sandbox
from ..handset.inbox import spaced
from ..pages import PRIVATE, Pages
from . import errors
from .errors import LoginError, TenantError
from .management import Management
from .oidc import OidcClient
from .sessions import Session, Sessions
from .tenant import Tenant

_TEMPLATES = Path(__file__).parent / "templates"
_PASSED_ON = ("prompt", "screen_hint", "connection")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SEPARATORS = re.compile(r"[\s().-]")
# An error text from the query is shown escaped, and no longer than one would read.
_LONGEST_DESCRIPTION = 300


class Demo:
    def __init__(self, sandbox: Sandbox, ca: Path | None) -> None:
        self._sandbox = sandbox
        self._trust = ssl.create_default_context(cafile=ca)
        self._pages = Pages(_TEMPLATES, PRIVATE, directives=["form-action 'self'"])
        self._sessions = Sessions(sandbox)
        self._app = sandbox.addresses.app

    async def home(self, request: Request) -> Response:
        session = self._sessions.find(request)
        if session.user is None:
            return self._render("welcome", sms=self._sms_connection())
        return await self._account(session)

    async def login(self, request: Request) -> Response:
        """Off to the tenant; prompt, screen_hint and connection are passed on."""
        session = self._sessions.find(request)
        attempt = self._sessions.begin(session)
        extra = {name: request.query_params[name] for name in _PASSED_ON if name in request.query_params}
        response = RedirectResponse(await self._oidc().authorization_url(attempt, extra), 303, PRIVATE)
        self._sessions.save(session, response)
        return response

    async def callback(self, request: Request) -> Response:
        query = request.query_params
        session = self._sessions.find(request)
        attempt = self._sessions.take(session, query.get("state", ""))
        if attempt is None:
            raise LoginError("invalid_state")
        if "error" in query:
            raise LoginError(query["error"], query.get("error_description", "")[:_LONGEST_DESCRIPTION])
        user = await self._oidc().finish(query.get("code", ""), attempt, self._sandbox.clock.now())
        response = RedirectResponse("/", 303, PRIVATE)
        self._sessions.save(self._sessions.renew(session, user), response)
        return response

    async def logout(self, request: Request) -> Response:
        """Ends the session here, then the one at the tenant."""
        _refuse_other_sites(request)
        client = self._seed("demo_client")
        query = urlencode({"client_id": client["client_id"], "returnTo": self._app})
        response = RedirectResponse(f"{self._sandbox.addresses.issuer}v2/logout?{query}", 303, PRIVATE)
        self._sessions.end(self._sessions.find(request), response)
        return response

    async def change_number(self, request: Request) -> Response:
        """Save another number as this person's wish; logging in again verifies it."""
        _refuse_other_sites(request)
        session = self._sessions.find(request)
        if session.user is None:
            return RedirectResponse("/", 303, PRIVATE)
        form = await request.form()
        given = str(form.get("phone_number", ""))[:40]
        number = _SEPARATORS.sub("", given)
        if not _E164.fullmatch(number):
            return await self._account(session, refused=given)
        await self._management().wish_number(session.user["id_token"]["sub"], number)
        session.notice = "number_saved"
        response = RedirectResponse("/", 303, PRIVATE)
        self._sessions.save(session, response)
        return response

    async def profile(self, request: Request) -> Response:
        """What the page shows, as JSON; 401 when nobody is logged in, 502 when the tenant doesn't answer."""
        user = self._sessions.find(request).user
        if user is None:
            return JSONResponse({"error": "not_logged_in"}, 401, PRIVATE)
        try:
            return JSONResponse(user | await self._metadata(user), headers=PRIVATE)
        except (LoginError, TenantError) as error:
            return JSONResponse({"error": "tenant_unreachable", "message": str(error)}, 502, PRIVATE)

    async def failed(self, _: Request, error: Exception) -> Response:
        """A login that failed, in friendly words; denied is 403, anything else the caller could mend 400."""
        if isinstance(error, TenantError):
            error = LoginError("tenant_unreachable", str(error))
        if not isinstance(error, LoginError):
            raise error
        status = {"access_denied": 403, "tenant_unreachable": 502}.get(error.error, 400)
        return self._render("failed", status, words=errors.words(error), error=error)

    async def refused(self, request: Request, error: Exception) -> Response:
        """Starlette's own refusals: no such page, no such method, another site's request."""
        if not isinstance(error, HTTPException):
            raise error
        return self._render("refused", error.status_code, detail=error.detail, path=request.url.path)

    async def _account(self, session: Session, refused: str | None = None) -> Response:
        user = session.user or {}
        notice, session.notice = session.notice, None
        try:
            metadata, trouble = await self._metadata(user), None
        except (LoginError, TenantError) as error:
            metadata, trouble = {"user_metadata": {}, "app_metadata": {}}, str(error)
        response = self._render(
            "account",
            400 if refused is not None else 200,
            **user,
            **metadata,
            spaced=spaced,
            trouble=trouble,
            notice=notice,
            refused=refused,
        )
        if notice:
            self._sessions.save(session, response)
        return response

    async def _metadata(self, user: dict[str, Any]) -> dict[str, Any]:
        return dict(await self._management().metadata(user["id_token"]["sub"]))

    def _render(self, template: str, status: int = 200, **values: Any) -> Response:
        return self._pages.render(template, status, handset=self._sandbox.addresses.handset, **values)

    def _oidc(self) -> OidcClient:
        client = self._seed("demo_client")
        redirect_uri = f"{self._app}/callback"
        return OidcClient(self._tenant(), client["client_id"], client["client_secret"], redirect_uri)

    def _management(self) -> Management:
        client = self._seed("m2m_client")
        return Management(self._tenant(), client["client_id"], client["client_secret"])

    def _tenant(self) -> Tenant:
        return Tenant(self._sandbox.addresses.issuer, self._trust)

    def _sms_connection(self) -> str | None:
        """The connection for a login by SMS; None while this application may use none."""
        client_id = self._seed("demo_client").get("client_id")
        for connection in self._sandbox.store.where("connections", "strategy", "sms"):
            if client_id in connection["enabled_clients"]:
                return str(connection["name"])
        return None

    def _seed(self, name: str) -> dict[str, Any]:
        """Read each time: a reset may have made another client."""
        return self._sandbox.store.get("seed", name) or {}


def _refuse_other_sites(request: Request) -> None:
    """No other site may log a person out or change a number; what is no browser sends no such header."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise HTTPException(403, "This has to be asked for on this site itself.")


def create_app(sandbox: Sandbox, ca: Path | None = None) -> Starlette:
    """The demo application on `addresses.app`.

    `ca` is the PEM file of the authority that vouches for the tenant; None: those the system trusts.
    """
    demo = Demo(sandbox, ca)
    return Starlette(
        routes=[
            Route("/", demo.home, methods=["GET"]),
            Route("/login", demo.login, methods=["GET"]),
            Route("/callback", demo.callback, methods=["GET"]),
            Route("/logout", demo.logout, methods=["GET"]),
            Route("/phone", demo.change_number, methods=["POST"]),
            Route("/profile.json", demo.profile, methods=["GET"]),
        ],
        exception_handlers={
            LoginError: demo.failed,
            TenantError: demo.failed,
            HTTPException: demo.refused,
        },
    )
