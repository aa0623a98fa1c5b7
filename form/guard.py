"""What stands around every request: the right host, the security headers, and no error that shows itself."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from serving.logs import where

from .headers import CSP, HEADERS, NOTHING_ALLOWED
from .pages import Pages

PROBE_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Guard:
    """Middleware for all answers, errors included."""

    def __init__(
        self, app: ASGIApp, pages: Pages, public_host: str, health_path: str, log: FilteringBoundLogger
    ) -> None:
        self._app = app
        self._pages = pages
        self._public_host = public_host
        self._health_path = health_path
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _harden(message)
            await send(message)

        app = self._app if self._host_is_ours(scope) else self._pages.for_status(400)
        try:
            await app(scope, receive, send_guarded)
        except Exception as error:
            # Whatever it is, nobody but the log may learn of it.
            self._log.error("failed", error=type(error).__name__, where=where(error))
            if not started:
                await self._pages.for_status(500)(scope, receive, send_guarded)

    def _host_is_ours(self, scope: Scope) -> bool:
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1:
            return False
        host = hosts[0].lower()
        if scope["path"] == self._health_path and _without_port(host) in PROBE_HOSTS:
            return True
        return host == self._public_host


def _harden(message: Message) -> None:
    headers = MutableHeaders(raw=message["headers"])
    for name, value in HEADERS.items():
        headers[name] = value
    headers.setdefault(CSP, f"{NOTHING_ALLOWED}; form-action 'none'")
    message["headers"] = headers.raw


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
