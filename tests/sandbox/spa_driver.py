"""Auth0's own SDK for single-page applications, in a page of its own at an origin of its own."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import BrowserContext, Page

from sandbox.management.clients.defaults import new_client
from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox
from tests.clients.install import modules

from .login_driver import EMAIL, PASSWORD

_SDK = "@auth0/auth0-spa-js/dist/auth0-spa-js.production.js"
_PAGE = '<!doctype html><html lang="en"><title>SPA</title><h1>SPA</h1><script src="/sdk.js"></script></html>'


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Browsers try a connection, dislike its certificate, and try again: nothing to be told of."""


class Site:
    """The application's server: one page and the SDK.

    On the tenant's own host name, since browsers keep cookies from the frames of other sites: a real
    application that renews in a frame needs a custom domain of its own site for the same reason.
    """

    def __init__(self, running: RunningSandbox) -> None:
        files = {"/sdk.js": ("text/javascript", (modules() / _SDK).read_bytes())}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, body = files.get(self.path, ("text/html", _PAGE.encode()))
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        self._server = _Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(running.ready["tls"]["cert"], running.ready["tls"]["key"])
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def origin(self) -> str:
        return f"https://localhost:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def register(running: RunningSandbox, origin: str, **changes: Any) -> dict[str, Any]:
    """A single-page application as the SDK's quickstart sets it up, with the database."""
    sandbox = running.sandbox
    body = {
        "name": "SPA",
        "app_type": "spa",
        "oidc_conformant": True,
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token", "implicit"],
        "callbacks": [origin],
        "allowed_logout_urls": [origin],
        "web_origins": [origin],
        "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 36000},
        **changes,
    }
    client = new_client(sandbox.ids, body)
    sandbox.store.put("clients", client["client_id"], client)
    for connection in sandbox.store.where("connections", "name", CONNECTION):
        connection["enabled_clients"].append(client["client_id"])
        sandbox.store.put("connections", connection["id"], connection)
    return client


class Spa:
    """The application's page; every method ends when the SDK has."""

    def __init__(
        self, running: RunningSandbox, context: BrowserContext, site: Site, client: dict[str, Any]
    ) -> None:
        self.running = running
        self.origin = site.origin
        self.options = {
            "domain": running.addresses.auth0,
            "clientId": client["client_id"],
            "authorizationParams": {"redirect_uri": site.origin},
        }
        self.page: Page = context.new_page()

    def open(self, **options: Any) -> None:
        """Load the page and start the SDK, which remembers everything where `options` say."""
        self.options |= options
        self.page.goto(self.origin)
        self.start()

    def start(self) -> None:
        self.page.evaluate("async o => { window.client = await auth0.createAuth0Client(o) }", self.options)

    def log_in(self) -> None:
        """By redirect, through the tenant's page, and back."""
        self.page.evaluate("() => { window.client.loginWithRedirect() }")
        self.page.get_by_label("Email address").fill(EMAIL)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Continue").click()
        self.finish()

    def finish(self) -> None:
        self.page.wait_for_url(f"{self.origin}/?*code=*")
        self.start()
        self.page.evaluate("async () => { await window.client.handleRedirectCallback() }")

    def user(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate("() => window.client.getUser()")
        return found

    def renewed(self) -> dict[str, Any]:
        """What `getTokenSilently` gave without its cache, or {"error": …}."""
        answer: dict[str, Any] = self.page.evaluate(
            """() => window.client.getTokenSilently({cacheMode: 'off', detailedResponse: true})
                 .catch(error => ({error: error.error, description: error.error_description}))"""
        )
        return answer

    def log_out(self) -> None:
        with self.page.expect_navigation(url=f"{self.origin}/"):
            self.page.evaluate(
                "origin => { window.client.logout({logoutParams: {returnTo: origin}}) }", self.origin
            )
        self.start()

    def calls(self, path: str) -> list[int]:
        """The statuses the tenant has answered on a path, preflights left out."""
        found = self.running.sandbox.calls.since(0)
        return [one["status"] for one in found if one["path"] == path and one["method"] != "OPTIONS"]
