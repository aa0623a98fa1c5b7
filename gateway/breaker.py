"""Leaves a carrier alone that keeps failing, and tries it again with one message at a time."""

import time
from collections.abc import Callable

FAILURES = 5
REST_SECONDS = 15.0
# A carrier may ask for a longer rest, but not to be left alone for hours.
LONGEST_REST_SECONDS = 60.0


class Breaker:
    """Closed until 5 failures in a row; open for 15 seconds, or up to 60 when the carrier asked for more;
    then one probe decides."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._closed_again_at = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        return self._failures >= FAILURES

    @property
    def wait(self) -> float:
        """Seconds until it may be tried again; 0 when it may be now."""
        if not self.is_open:
            return 0.0
        if self._probing:
            return REST_SECONDS
        return max(0.0, self._closed_again_at - self._now())

    def enter(self) -> bool:
        """Whether to try; then `succeeded`, `failed` or `left` must follow."""
        if not self.is_open:
            return True
        if self._probing or self._now() < self._closed_again_at:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        self._failures, self._probing = 0, False

    def failed(self, rest: float = 0.0) -> None:
        """`rest`: how many seconds the carrier asked to be left alone."""
        self._failures, self._probing = self._failures + 1, False
        self._closed_again_at = self._now() + min(max(rest, REST_SECONDS), LONGEST_REST_SECONDS)

    def left(self) -> None:
        """The try ended without a verdict on the carrier."""
        self._probing = False
