"""The sandbox's time: real, or standing still; plus what a test has advanced it by."""

import time
from datetime import UTC, datetime

from .alarm import Alarm


class Clock:
    """Unix seconds that can be moved forwards, so that an expiry needs no waiting."""

    def __init__(self, offset: float = 0.0, frozen: float | None = None) -> None:
        """`frozen` is when it stands still, in Unix seconds; it moves by `advance` alone then."""
        self.offset = offset
        self.frozen = self._start = frozen
        self.alarm = Alarm()

    def now(self) -> float:
        return (time.time() if self.frozen is None else self.frozen) + self.offset

    def reset(self) -> None:
        """As it was at first."""
        self.offset, self.frozen = 0.0, self._start

    def freeze(self) -> None:
        """Stand still at the present moment."""
        self.frozen, self.offset = self.now(), 0.0

    def thaw(self) -> None:
        """Run again, from the moment at which it stood."""
        self.frozen, self.offset = None, self.now() - time.time()

    def advance(self, seconds: float) -> None:
        """Move forwards; time that runs backwards would break what was already issued."""
        if seconds < 0:
            raise ValueError("the clock moves forwards only")
        self.offset += seconds
        self.alarm.ring()

    def iso(self, at: float | None = None) -> str:
        """`at` (default: now) as Auth0 writes it: 2026-01-01T00:00:00.000Z."""
        moment = datetime.fromtimestamp(self.now() if at is None else at, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
