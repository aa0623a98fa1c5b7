"""Waiting for a condition: never longer than it takes, never for ever."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress

SECONDS = 60.0


def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        threading.Event().wait(0.01)


async def moment(seconds: float = 0.01) -> None:
    """What a poll waits between two looks, and a slow server before it answers."""
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)


async def eventually(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """`until` for code on a loop, which has to go on meanwhile."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await moment(0.002)
