"""A login in the person's own browser: an address to open, and a listener that its stations come to."""

import html
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from .tenant import ProbeError, Tenant

Query = dict[str, str]


@dataclass(frozen=True)
class Stop:
    """Where the browser came by: /hop (an Action sent it) or /callback (the login's end)."""

    path: str
    query: Query


class Visit:
    """A listener on loopback; `token` makes what a hop gives back, of its query, or nothing."""

    def __init__(self, tenant: Tenant, token: Callable[[Query], str | None], seconds: float) -> None:
        self._tenant = tenant
        self._seconds = seconds
        self._stops: queue.Queue[Stop] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(tenant, token, self._stops))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://localhost:{self._server.server_port}"

    def address(self, client_id: str) -> str:
        """What the person opens."""
        wish = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": f"{self.url}/callback",
            "scope": "openid",
            "state": "probe",
            "prompt": "login",
        }
        return f"{self._tenant.url}/authorize?{urlencode(wish)}"

    def stops(self) -> list[Stop]:
        """Every station up to the login's end. Raises ProbeError when it doesn't come in time."""
        seen: list[Stop] = []
        while not seen or seen[-1].path != "/callback":
            try:
                seen.append(self._stops.get(timeout=self._seconds))
            except queue.Empty:
                raise ProbeError(f"Nobody finished the login within {self._seconds:.0f} s.") from None
        return seen


def _handler(
    tenant: Tenant, token: Callable[[Query], str | None], stops: queue.Queue[Stop]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            split = urlsplit(self.path)
            given = dict(parse_qsl(split.query))
            if split.path == "/hop" and "state" in given:
                back = f"{tenant.url}/continue?{urlencode({'state': given['state']})}"
                self._answer(_form(back, token(given)))
            elif split.path == "/callback":
                self._answer("<p>The probe has its answer. This page can be closed.</p>")
            else:
                self.send_error(404)
                return
            stops.put(Stop(split.path, given))

        def _answer(self, page: str) -> None:
            body = f"<!doctype html><title>Probe</title>{page}".encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    return Handler


def _form(back: str, token: str | None) -> str:
    field = f'<input type="hidden" name="token" value="{html.escape(token)}">' if token else ""
    return (
        f'<form method="post" action="{html.escape(back)}">{field}<button>Continue</button></form>'
        "<script>document.forms[0].submit()</script>"
    )
