"""The sandbox's time: real, plus what a test has advanced it by."""

import time
from datetime import UTC, datetime

from .alarm import Alarm


class Clock:
    """Unix seconds that can be moved forwards, so that an expiry needs no waiting."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset
        self.alarm = Alarm()

    def now(self) -> float:
        return time.time() + self.offset

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
