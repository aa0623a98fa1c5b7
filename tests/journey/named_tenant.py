"""Sandboxes that go by a real tenant's name: what a stage that is not `local` can be tried against.

A proxy on loopback, which the engine is given as HTTPS_PROXY, answers for those names with certificates of
its own authority and hands each request to the name's sandbox. It counts the Management API's calls, keeps to
a plan's rate limit, and can do something at a moment of a test's choice.
"""

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, Literal

import trustme

Moment = Literal["before", "after"]
_LIMITED = 429
_PASSED = ("content-type", "x-ratelimit", "date")


@dataclass
class Rate:
    """A bucket of Management API calls: `size` at once, `per_second` again."""

    size: int
    per_second: float
    level: float = field(init=False)
    at: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.level = float(self.size)

    def take(self) -> float:
        """0 when a call may pass, else the seconds until one may."""
        now = time.monotonic()
        self.level = min(float(self.size), self.level + (now - self.at) * self.per_second)
        self.at = now
        if self.level < 1:
            return (1 - self.level) / self.per_second
        self.level -= 1
        return 0.0


# auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
FREE = (2, 2.0)


@dataclass
class Proxy:
    """Which sandbox (its port on loopback) answers for which name, and what has been asked of them.

    `at` is called for every Management API call, with its number from 1 on, before it is done and after, when
    its answer has not been given yet.
    """

    tenants: dict[str, int]
    address: str
    authority: Path
    calls: list[tuple[str, str]] = field(default_factory=list)
    refused: int = 0
    rate: Rate | None = None
    at: Callable[[int, Moment], None] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def environment(self) -> dict[str, str]:
        return {"HTTPS_PROXY": self.address, "NO_PROXY": "", "SSL_CERT_FILE": str(self.authority)}

    def forget(self) -> None:
        """No calls, no limit, nothing to do."""
        self.calls, self.refused, self.rate, self.at = [], 0, None, None


@contextmanager
def answering(tenants: dict[str, int], folder: Path) -> Iterator[Proxy]:
    """A proxy for `tenants` (name to port), with its authority's certificate in `folder`."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslsocket_class = _Tunnel
    authority.issue_cert(*tenants).configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    proxy = Proxy(tenants, f"http://127.0.0.1:{server.server_port}", folder / "authority.pem")
    _Handler.served[server.server_port] = (proxy, context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        del _Handler.served[server.server_port]


class _Tunnel(ssl.SSLSocket):
    """Closed in any case: `ssl` forgets to when the client has gone before TLS begins."""

    def __del__(self) -> None:
        self.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: ClassVar[dict[int, tuple[Proxy, ssl.SSLContext]]] = {}
    tenant = ""

    def do_CONNECT(self) -> None:
        proxy, context = self._served()
        name = self.path.rpartition(":")[0]
        if name not in proxy.tenants:
            self.send_error(502, f"No tenant is called {name}")
            return
        self.send_response(200)
        self.end_headers()
        try:
            self.connection = context.wrap_socket(self.connection, server_side=True)
        except OSError:
            self.close_connection = True
            return
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.tenant = name
        # Whatever HTTP version asked for the tunnel: what follows in it is to be answered.
        self.close_connection = False

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def _forward(self) -> None:
        proxy, _ = self._served()
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        number = self._counted(proxy)
        if number and (wait := self._limited(proxy)):
            self._answer(_LIMITED, _told(wait), b'{"statusCode":429,"error":"Too Many Requests"}')
            return
        try:
            _at(proxy, number, "before")
            status, headers, text = self._asked(proxy, body)
            _at(proxy, number, "after")
            self._answer(status, headers, text)
        except (OSError, http.client.HTTPException):
            # The sandbox cut the connection, or the engine is no more: so do we.
            self.close_connection = True

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _forward  # noqa: N815  (the base class's names)

    def _counted(self, proxy: Proxy) -> int:
        if not self.path.startswith("/api/v2/"):
            return 0
        with proxy.lock:
            proxy.calls.append((self.command, self.path.partition("?")[0]))
            return len(proxy.calls)

    def _limited(self, proxy: Proxy) -> float:
        with proxy.lock:
            wait = proxy.rate.take() if proxy.rate else 0.0
            proxy.refused += wait > 0
            return wait

    def _asked(self, proxy: Proxy, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """The sandbox's answer; it knows itself as localhost, and the engine knows the name."""
        port = proxy.tenants[self.tenant]
        context = ssl._create_unverified_context()  # noqa: S323  (loopback, the test's own sandbox)
        link = http.client.HTTPSConnection("localhost", port, context=context, timeout=120)
        kept = {n: v for n, v in self.headers.items() if n.lower() not in ("host", "content-length")}
        try:
            link.request(self.command, self.path, _renamed(body, self.tenant, f"localhost:{port}"), kept)
            answer = link.getresponse()
            text = answer.read()
        finally:
            link.close()
        passed = {
            n: v for n, v in answer.getheaders() if n.lower().startswith(("content-type", "x-rate", "date"))
        }
        for name, sandbox in proxy.tenants.items():
            text = _renamed(text, f"localhost:{sandbox}", name)
        return answer.status, passed, text

    def _answer(self, status: int, headers: dict[str, str], text: bytes) -> None:
        self.send_response_only(status)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def _served(self) -> tuple[Proxy, ssl.SSLContext]:
        return self.served[self.server.server_address[1]]  # type: ignore[index]  # an internet socket's

    def log_message(self, *_: object) -> None:
        pass


def _at(proxy: Proxy, number: int, moment: Moment) -> None:
    if number and proxy.at:
        proxy.at(number, moment)


def _told(wait: float) -> dict[str, str]:
    reset = str(int(time.time() + wait) + 1)
    return {"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}


def _renamed(text: bytes, old: str, new: str) -> bytes:
    return text.replace(old.encode(), new.encode())
