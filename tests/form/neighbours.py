"""The form's neighbours on loopback: Twilio Verify with a script, the login's host, and a hostile site.

One TLS listener; the host name decides who answers.
"""

import asyncio
import json
import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import trustme
from aiohttp import web

from .waiting import moment

RIGHT = "123456"
NAMES = ("localhost", "form.localhost", "login.localhost", "app.localhost", "evil.localhost")


@dataclass
class Scripted:
    """One answer out of the ordinary. `apply`: it happens first; `hang`: no answer; `reset`: cut off."""

    status: int = 200
    body: bytes | dict[str, Any] = b""
    headers: dict[str, str] = field(default_factory=dict)
    apply: bool = False
    hang: float = 0.0
    reset: bool = False


@dataclass
class Call:
    path: str
    form: dict[str, str]
    authorization: str


@dataclass
class Neighbours:
    certificate: trustme.LeafCert
    ca: trustme.CA
    port: int = 0
    calls: list[Call] = field(default_factory=list)
    script: deque[Scripted] = field(default_factory=deque)
    returned: list[dict[str, str]] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    pending: dict[str, dict[str, Any]] = field(default_factory=dict)
    serial: int = 0

    @property
    def twilio_url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def starts(self) -> list[Call]:
        return [call for call in self.calls if call.path.endswith("/Verifications")]

    @property
    def checks(self) -> list[Call]:
        return [call for call in self.calls if call.path.endswith("/VerificationCheck")]

    def reset(self) -> None:
        for kept in (self.calls, self.script, self.returned, self.pages, self.requests, self.pending):
            kept.clear()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        name = request.host.partition(":")[0]
        self.requests.append((name, request.path_qs, dict(request.headers)))
        if name == "localhost":
            return await self._twilio(request)
        if name == "login.localhost" and request.path == "/continue":
            return await self._continue(request)
        if (page := self.pages.get(f"{name}{request.path}")) is None:
            return web.Response(status=404)
        return web.Response(text=page, content_type="text/html")

    async def _continue(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.returned.append({"method": request.method, **request.query, **form})
        location = self.pages.get("callback", f"https://app.localhost:{self.port}/callback")
        return web.Response(status=302, headers={"Location": location})

    async def _twilio(self, request: web.Request) -> web.StreamResponse:
        body = (await request.read()).decode()
        form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        self.calls.append(Call(request.path, form, request.headers.get("Authorization", "")))
        scripted = self.script.popleft() if self.script else None
        if scripted is None:
            return self._as_twilio(request.path, form)
        if scripted.apply:
            self._as_twilio(request.path, form)
        if scripted.hang:
            await moment(scripted.hang)
        if scripted.reset:
            assert request.transport is not None
            request.transport.abort()
        content = scripted.body if isinstance(scripted.body, bytes) else json.dumps(scripted.body).encode()
        return web.Response(status=scripted.status, body=content, headers=scripted.headers)

    def _as_twilio(self, path: str, form: dict[str, str]) -> web.Response:
        if path.endswith("/Verifications"):
            return self._start(form)
        if path.endswith("/VerificationCheck"):
            return self._check(form)
        sid = path.rsplit("/", 1)[1]
        found = [number for number, verification in self.pending.items() if verification["sid"] == sid]
        for number in found:
            del self.pending[number]
        return error(404, 20404) if not found else web.json_response({"sid": sid, "status": "canceled"})

    def _start(self, form: dict[str, str]) -> web.Response:
        if form["To"] not in self.pending:
            self.serial += 1
            self.pending[form["To"]] = {"sid": f"VE{self.serial:032x}", "checks": 0, "sends": 0}
        found = self.pending[form["To"]]
        found["sends"] += 1
        if found["sends"] > 5:
            return error(429, 60203)
        document = {"sid": found["sid"], "to": form["To"], "status": "pending", "valid": False}
        return web.json_response(document, status=201)

    def _check(self, form: dict[str, str]) -> web.Response:
        by_sid = {v["sid"]: number for number, v in self.pending.items()}
        number = by_sid.get(form.get("VerificationSid", ""), form.get("To", ""))
        found = self.pending.get(number)
        if found is None:
            return error(404, 20404)
        found["checks"] += 1
        if found["checks"] > 5:
            return error(429, 60202)
        approved = form["Code"] == RIGHT
        if approved:
            del self.pending[number]
        status = "approved" if approved else "pending"
        return web.json_response({"sid": found["sid"], "to": number, "status": status, "valid": approved})


def error(status: int, code: int) -> web.Response:
    document = {"code": code, "message": "as told", "more_info": "", "status": status}
    return web.json_response(document, status=status)


@contextmanager
def running_neighbours() -> Iterator[Neighbours]:
    ca = trustme.CA()
    neighbours = Neighbours(ca.issue_cert(*NAMES, "127.0.0.1"), ca)
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", neighbours.answer)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        neighbours.certificate.configure_cert(context)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        neighbours.port = runner.addresses[0][1]
        ready.set()
        await stop.wait()
        await runner.cleanup()
        answering = asyncio.all_tasks() - {asyncio.current_task()}
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield neighbours
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
