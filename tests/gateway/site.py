"""A gateway in this process, and a caller that speaks ASGI to it."""

import io
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message

from gateway.app import Store, build
from gateway.drain import Drain
from gateway.logs import json_logger
from gateway.replay import MemoryReplays
from gateway.settings import Settings, load_settings
from gateway.tracing import Tracer
from gateway.windows import MemoryWindows

from . import made
from .stubs import StubCarrier


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document

    @property
    def error(self) -> str | None:
        return self.document.get("error")


@dataclass
class Site:
    app: ASGIApp
    settings: Settings
    carriers: Mapping[str, StubCarrier]
    drain: Drain
    log: io.StringIO = field(default_factory=io.StringIO)
    read_bytes: int = 0

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [entry for entry in self.events if entry["event"] == event]

    @property
    def sent(self) -> list[tuple[str, str]]:
        """What carriers took on: number and text, in whatever carrier's hands."""
        return [(m.to, m.text) for carrier in self.carriers.values() for m in carrier.accepted]

    async def sms(self, token: str | None = None, **order: Any) -> Reply:
        """Post an order as Auth0 does; its token is good unless another is given."""
        return await self.post(json.dumps(made.order(**order)).encode(), token)

    async def post(self, body: bytes, token: str | None = None, **headers: str) -> Reply:
        bearer = made.token() if token is None else token
        return await self.call("POST", "/sms", {"authorization": f"Bearer {bearer}", **headers}, body)

    async def call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
        body: bytes | AsyncIterator[bytes] = b"",
    ) -> Reply:
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers or [])
        names = {name for name, _ in pairs}
        if isinstance(body, bytes):
            pairs += [("content-length", str(len(body)))] if "content-length" not in names else []
        if "content-type" not in names:
            pairs.append(("content-type", "application/json"))
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "client": ("127.0.0.1", 1),
            "headers": [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in pairs],
        }
        await self.app(scope, self._receiver(body), send)
        start, *rest = sent
        content = b"".join(message.get("body", b"") for message in rest)
        found = {name.decode(): value.decode() for name, value in start["headers"]}
        return Reply(start["status"], found, content)

    def _receiver(self, body: bytes | AsyncIterator[bytes]) -> Any:
        async def whole() -> Message:
            assert isinstance(body, bytes)
            self.read_bytes += len(body)
            return {"type": "http.request", "body": body, "more_body": False}

        async def piece() -> Message:
            assert not isinstance(body, bytes)
            chunk = await anext(body, None)
            if chunk is None:
                return {"type": "http.request", "body": b"", "more_body": False}
            self.read_bytes += len(chunk)
            return {"type": "http.request", "body": chunk, "more_body": True}

        return whole if isinstance(body, bytes) else piece

    async def figures(self) -> dict[str, float]:
        """What Prometheus would read: a figure by its name and labels."""
        headers = {"authorization": f"Bearer {made.METRICS_TOKEN}"}
        page = (await self.call("GET", "/metrics", headers)).body.decode()
        lines = [line.rpartition(" ") for line in page.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in lines}


def read_settings(directory: Path, env: Mapping[str, str] | None = None, **stage: Any) -> Settings:
    """The settings of a stage that is written into the directory."""
    file = directory / "stage.json"
    file.write_text(json.dumps(made.stage(**stage)))
    return load_settings(made.environment(file, **(env or {})))


def site_of(
    directory: Path,
    *carriers: StubCarrier,
    store: Store | None = None,
    tracer: Tracer | None = None,
    env: Mapping[str, str] | None = None,
    **stage: Any,
) -> Site:
    """A gateway around carriers in memory: the stage's own, accepting everything, unless others are given."""
    settings, log, drain = read_settings(directory, env, **stage), io.StringIO(), Drain()
    stubs = carriers or [StubCarrier(name) for name in settings.carriers]
    counting = store or Store(MemoryWindows(), MemoryReplays())
    lanes = {stub.name: stub.lane() for stub in stubs}
    app = build(settings, lanes, counting, drain, json_logger(log), tracer)
    return Site(app, settings, {stub.name: stub for stub in stubs}, drain, log)
