"""Stopping at once: every wait of the provider ends as soon as the engine says so."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from .errors import ProviderError

T = TypeVar("T")


class StoppedError(ProviderError):
    """A person stopped the engine."""

    def __init__(self) -> None:
        super().__init__("Stopped before it was done. Run `pulumi up` again: it goes on from here.")


class Halt:
    """Set once, for the rest of the process."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    def raise_if_set(self) -> None:
        if self._event.is_set():
            raise StoppedError

    async def pause(self, seconds: float) -> None:
        """Wait; raises StoppedError as soon as it is set."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return
        raise StoppedError

    async def unless(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, which is dropped and StoppedError raised as soon as it is set."""
        doing, stopped = asyncio.ensure_future(work), asyncio.ensure_future(self._event.wait())
        try:
            await asyncio.wait((doing, stopped), return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise StoppedError
        finally:
            for task in (doing, stopped):
                task.cancel()
            await asyncio.gather(doing, stopped, return_exceptions=True)
