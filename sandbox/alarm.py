"""Waiting without looking at the clock again and again: until a moment, or until somebody rings."""

import asyncio
import contextlib


class Alarm:
    """One waiter; whoever changes the time or what is due rings, from any thread."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self) -> None:
        """Remember the running loop as the waiter's; without one nobody waits, and ringing does nothing."""
        self._loop = asyncio.get_running_loop()

    def detach(self) -> None:
        self._loop = None

    def ring(self) -> None:
        """End the wait, or the next one if none is under way."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, seconds: float | None) -> None:
        """Return when rung, or after so many seconds; None: only when rung."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        self._rung.clear()
