"""The Management API without a socket: the same app, driven directly, fast enough for thousands of calls."""

import asyncio
import atexit
import json
from typing import Any

from sandbox.context import Sandbox
from sandbox.management.app import create_app
from sandbox.testing import mint

# A loop for each of thousands of calls would cost more than the calls.
LOOP = asyncio.new_event_loop()
atexit.register(LOOP.close)
# An RSA key takes longer than everything else that makes a sandbox: the first one's serves all.
KEY: list[Any] = []


class InProcess:
    def __init__(self, sandbox: Sandbox) -> None:
        if KEY:
            sandbox.store.put("keys", "signing", KEY[0])
        else:
            sandbox.keys.prepare()
            KEY.append(sandbox.store.get("keys", "signing"))
        self._app = create_app(sandbox)
        self._headers = [
            (b"authorization", b"Bearer " + mint(sandbox).encode()),
            (b"content-type", b"application/json"),
        ]

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the decoded body of one request; `path` is raw and below /api/v2."""
        return LOOP.run_until_complete(self._call(method, path, body))

    async def _call(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        raw, _, query = f"/api/v2{path}".partition("?")
        sent = json.dumps(body).encode() if body is not None else b""
        status, received = 0, bytearray()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            received.extend(message.get("body", b""))

        scope = {
            "type": "http",
            "method": method,
            "path": raw,
            "raw_path": raw.encode(),
            "query_string": query.encode(),
            "headers": self._headers if sent else self._headers[:1],
        }
        await self._app(scope, receive, send)
        return status, json.loads(bytes(received)) if received else None
