"""Ends well: says that it is not ready, takes no more work, and lets what is under way end."""

import asyncio
from typing import Any

DRAIN_SECONDS = 25.0  # more than the deadline of a request


class Drain:
    """Counts requests under way; `begin` and `ended` as `serving.server.Draining`."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.draining = False
        self._idle: asyncio.Event | None = None

    def begin(self) -> None:
        self.draining = True
        self._idle = asyncio.Event()
        if self.in_flight == 0:
            self._idle.set()

    async def ended(self) -> None:
        if self._idle is not None:
            try:
                async with asyncio.timeout(DRAIN_SECONDS):
                    await self._idle.wait()
            except TimeoutError:
                return

    def __enter__(self) -> None:
        self.in_flight += 1

    def hold(self, task: "asyncio.Future[Any]") -> None:
        """Count this as well until it ends: its request is gone."""
        self.__enter__()
        task.add_done_callback(self.__exit__)

    def __exit__(self, *_: object) -> None:
        self.in_flight -= 1
        if self._idle is not None and self.in_flight == 0:
            self._idle.set()
