"""Around every service: faults on request, a Date header, and the record of calls."""

import asyncio
import math
import time
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .context import Sandbox
from .faults import Fault

CONTROL = "/_sandbox"
# Where the server's protocol puts the function that cuts the connection.
ABORT = "sandbox.abort"
# Other third parties on the same port as Twilio, by the first part of their paths.
_GUESTS = ("carriers", "vercel")

_VERCEL_CODES = {
    400: "bad_request",
    402: "payment_required",
    403: "forbidden",
    404: "not_found",
    429: "rate_limited",
}


class Gate:
    """Lets a request through to its service unless a fault says otherwise, and records the answer."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox, service: str) -> None:
        self._app = app
        self._sandbox = sandbox
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sender = _Sender(send)
        path = scope["raw_path"].decode("latin-1").partition("?")[0]
        if path.startswith(CONTROL):
            await self._app(scope, receive, sender)
            return
        began = time.perf_counter()
        try:
            await self._serve(path, scope, receive, sender)
        finally:
            clock = self._sandbox.clock
            self._sandbox.calls.record(
                self._service, scope["method"], path, sender.status, time.perf_counter() - began, clock.iso()
            )

    async def _serve(self, path: str, scope: Scope, receive: Receive, sender: "_Sender") -> None:
        faults, method = self._sandbox.faults, scope["method"]
        reading = faults.meter(self._service, method, path, self._sandbox.clock.now())
        if reading is not None:
            # Clients compare the reset with their own clock, hence real time.
            sender.headers = reading.headers(time.time())
            if not reading.allowed:
                await JSONResponse(_body(429, self._service), 429)(scope, receive, sender)
                return
        fault = faults.pick(self._service, method, path)
        if fault is None:
            await self._app(scope, receive, sender)
        elif fault.kind == "latency":
            await asyncio.sleep(fault.seconds)
            await self._app(scope, receive, sender)
        elif fault.kind == "reset":
            _abort(scope)
        elif fault.kind == "reset_after_apply":
            sender.muted = True
            await self._app(scope, receive, sender)
            _abort(scope)
        else:
            service = next((name for name in _GUESTS if path.startswith(f"/{name}/")), self._service)
            await _response(fault, service)(scope, receive, sender)


class _Sender:
    """Passes the answer on, dated; remembers its status; says nothing when muted."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.muted = False
        self.headers: dict[str, str] = {}

    async def __call__(self, message: Message) -> None:
        if self.muted:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = ((name.encode(), value.encode()) for name, value in self.headers.items())
            date = (b"date", formatdate(usegmt=True).encode())
            message["headers"] = [*message.get("headers", ()), *own, date]
        await self._send(message)


def _abort(scope: Scope) -> None:
    scope["state"][ABORT]()


def _response(fault: Fault, service: str) -> Response:
    status = 429 if fault.kind == "rate_limit" else fault.status
    headers = dict(fault.headers)
    if fault.kind == "rate_limit" and fault.reset_in is not None:
        headers |= {
            "x-ratelimit-limit": "50",
            "x-ratelimit-remaining": "0",
            # Clients compare this with their own clock, hence real time and not the sandbox's.
            "x-ratelimit-reset": str(int(time.time() + fault.reset_in)),
        }
        if service == "vercel":
            headers["retry-after"] = str(max(0, math.ceil(fault.reset_in)))
    if service == "carriers" and fault.body is None:
        # What stands before a carrier's API answers then: a load balancer knows no JSON.
        return PlainTextResponse(HTTPStatus(status).phrase, status, headers)
    body = fault.body if fault.body is not None else _body(status, service)
    return JSONResponse(body, status, headers)


def _body(status: int, service: str) -> dict[str, Any]:
    if service == "twilio":
        code = 20429 if status == 429 else 20500
        return {
            "code": code,
            "message": HTTPStatus(status).phrase,
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }
    if service == "vercel":
        return {
            "error": {
                "code": _VERCEL_CODES.get(status, "internal_server_error"),
                "message": HTTPStatus(status).phrase,
            }
        }
    body: dict[str, Any] = {"statusCode": status, "error": HTTPStatus(status).phrase}
    if status == 429:
        return {**body, "message": "Global limit has been reached", "errorCode": "too_many_requests"}
    return {**body, "message": "An internal server error occurred"}
