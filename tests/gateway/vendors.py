"""A carrier's server on loopback, over TLS: it takes every message on, unless scripted otherwise."""

import asyncio
import json
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from aiohttp import web


@dataclass
class Scripted:
    """One answer out of the ordinary. `hang`: none; `until`: then; `reset`: cut off after it was read."""

    status: int = 200
    body: bytes | dict[str, Any] = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    until: asyncio.Event | None = None
    reset: bool = False


@dataclass
class Vendor:
    """A webhook that takes every message on, unless scripted otherwise."""

    port: int = 0
    received: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    script: deque[Scripted] = field(default_factory=deque)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def reached(self, count: int = 1) -> None:
        """Returns when so many requests have come."""
        async with asyncio.timeout(60):
            while len(self.requests) < count:
                self.arrived.clear()
                await self.arrived.wait()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/hook"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        self.requests.append((request.path, dict(request.headers)))
        scripted = self.script.popleft() if self.script else Scripted(200, {"status": "accepted", "id": "v1"})
        if scripted.status == 200 and not scripted.hang and not scripted.reset and content:
            self.received.append(json.loads(content))
        self.arrived.set()
        if scripted.hang:
            await asyncio.Event().wait()
        if scripted.until is not None:
            await scripted.until.wait()
        if scripted.reset:
            assert request.transport is not None
            request.transport.abort()
        body = scripted.body if isinstance(scripted.body, bytes) else json.dumps(scripted.body).encode()
        return web.Response(status=scripted.status, body=body, headers=scripted.headers)


@asynccontextmanager
async def vendor(ca: trustme.CA, *names: str) -> AsyncIterator[Vendor]:
    """A server whose certificate is for these names, `localhost` unless told otherwise."""
    running = Vendor()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", running.answer)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(*(names or ("localhost",))).configure_cert(context)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    running.port = runner.addresses[0][1]
    try:
        yield running
    finally:
        await runner.cleanup()


def trust(ca: trustme.CA, directory: Path) -> Path:
    """The authority's certificate as a file, for SSL_CERT_FILE."""
    file = directory / "authority.pem"
    ca.cert_pem.write_to_path(str(file))
    return file
