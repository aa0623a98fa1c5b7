"""One interactive request: who asks, and the cookies its answer has to set."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from ..context import Sandbox
from ..store import Doc
from . import browser, incoming, pages, sessions
from .errors import OAuthError, PageError, StateError
from .incoming import Incoming


class Visit:
    """A request of a browser."""

    def __init__(self, sandbox: Sandbox, request: Request, incoming: Incoming) -> None:
        self.sandbox = sandbox
        self.request = request
        self.incoming = incoming
        self.browser, self._new_browser = browser.identify(sandbox, request)
        self._session_secret = request.cookies.get(browser.SESSION)
        self._session_key: str | None = None

    def begin_session(self, user: Doc, connection: Doc) -> Doc:
        """A new session instead of the one this browser had."""
        former = sessions.of(self.sandbox, self.request)
        if former:
            sessions.end(self.sandbox, former)
        self._session_secret, session = sessions.start(self.sandbox, user, connection, self.incoming)
        return session

    def keep_session(self, key: str | None) -> None:
        """Have the answer set the session's cookie (again), or delete it when the session has ended."""
        self._session_key = key

    def finish(self, response: Response) -> Response:
        if self._new_browser:
            browser.set_cookie(response, browser.BROWSER, self.browser)
        # In another tab somebody may have logged in anew: the cookie is no longer this sign-in's to touch.
        if self._session_secret and self._session_key == browser.digest(self._session_secret):
            session = sessions.find(self.sandbox, self._session_key)
            if session:
                sessions.give(self.sandbox, response, self._session_secret, session)
            else:
                browser.delete_cookie(response, browser.SESSION)
        return response


Handler = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def interactive(sandbox: Sandbox, handler: Handler) -> Endpoint:
    """An endpoint for browsers: what goes wrong is shown on a page."""

    async def endpoint(request: Request) -> Response:
        if request.method == "HEAD":
            # A link preview must neither run Actions nor use up a state.
            return PlainTextResponse("Method Not Allowed", 405)
        try:
            visit = Visit(sandbox, request, await incoming.read(request))
            return visit.finish(await handler(visit))
        except StateError as error:
            return _lost_state(sandbox, error)
        except PageError as error:
            return error_page(error)
        except OAuthError as error:
            return error_page(PageError(error.error, error.description, error.status))

    return endpoint


def error_page(error: PageError) -> Response:
    values = {"error": error.error, "description": error.description}
    return pages.render("error", values, error.status)


def _lost_state(sandbox: Sandbox, error: StateError) -> Response:
    """Auth0 is said to show an error or to send people to the default login route; the switch chooses."""
    if sandbox.switches.expired_state == "default_login_route":
        route = _default_login_route(sandbox, error.client_id)
        if route:
            return RedirectResponse(route, 302)
    return error_page(error)


def _default_login_route(sandbox: Sandbox, client_id: str | None) -> str | None:
    """The application's login address, else the tenant's.

    Source: auth0.com/docs/authenticate/login/auth0-universal-login/configure-default-login-routes
    """
    client = sandbox.store.get("clients", client_id) if client_id else None
    tenant = sandbox.store.get("settings", "tenant") or {}
    route = (client or {}).get("initiate_login_uri") or tenant.get("default_redirection_uri")
    return str(route) if route else None
