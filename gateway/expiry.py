"""Forgets in time: keys by the moment when they may go, without ever looking at all of them."""

from collections.abc import Callable, Hashable
from heapq import heappop, heappush
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Expiry(Generic[K]):
    """`ends` tells when a key may go, None when it is gone already; it may have been put off meanwhile."""

    def __init__(self, ends: Callable[[K], float | None], forget: Callable[[K], object]) -> None:
        self._ends = ends
        self._forget = forget
        self._queue: list[tuple[float, int, K]] = []
        self._serial = 0

    def add(self, key: K, moment: float) -> None:
        """A new key, which may go at that moment or later."""
        self._serial += 1
        heappush(self._queue, (moment, self._serial, key))

    def run(self, now: float) -> None:
        """Forget what may go by now."""
        while self._queue and self._queue[0][0] <= now:
            key = heappop(self._queue)[2]
            ends = self._ends(key)
            if ends is not None and ends > now:
                self.add(key, ends)
            elif ends is not None:
                self._forget(key)
