"""A response's head and body in one write: uvicorn's two cost a TLS record and a system call more."""

import asyncio
from typing import Any


class Joining:
    """A transport that keeps a write back until the next one, or until the loop has done what is due now."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._kept: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self._kept.append(data)
        if len(self._kept) == 1:
            self._loop.call_soon(self._pass_on)
        else:
            self._pass_on()

    def close(self) -> None:
        self._pass_on()
        self._transport.close()

    def _pass_on(self) -> None:
        if self._kept:
            kept, self._kept = b"".join(self._kept), []
            self._transport.write(kept)
