"""Auth0's rate limits by plan: a token bucket for each API, as its pages of limits give them.

Source: docs/troubleshoot/customer-support/operational-policies/rate-limit-policy/rate-limit-configurations of
auth0.com, free-public and enterprise-public: burst, and requests a second. Limits of single endpoints are not
kept.
"""

import math
from dataclasses import dataclass, field
from typing import Literal

Plan = Literal["free", "enterprise", "enterprise-non-production"]
Api = Literal["management", "authentication"]

# Burst and sustained requests a second.
LIMITS: dict[Plan, dict[Api, tuple[int, float]]] = {
    "free": {"management": (2, 2.0), "authentication": (300, 5.0)},
    "enterprise": {"management": (50, 16.0), "authentication": (100, 100.0)},
    "enterprise-non-production": {"management": (10, 2.0), "authentication": (100, 100.0)},
}


@dataclass(frozen=True)
class Reading:
    """What a request found: whether it may pass, what its headers say; `wait` is seconds until one may."""

    allowed: bool
    limit: int
    remaining: int
    wait: float

    def headers(self, now: float) -> dict[str, str]:
        """`now` is the caller's own time in Unix seconds: it compares the reset with its own clock."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-reset": str(math.ceil(now + self.wait)),
        }


@dataclass
class Bucket:
    """A bucket of tokens: full at first, refilled all the time."""

    size: int
    rate: float
    _tokens: float = field(init=False)
    _at: float | None = None

    def __post_init__(self) -> None:
        self._tokens = float(self.size)

    def take(self, now: float) -> Reading:
        """Take a token, if there is one, at `now` (seconds of a clock that doesn't run backwards)."""
        passed = now - (now if self._at is None else self._at)
        self._tokens, self._at = min(float(self.size), self._tokens + passed * self.rate), now
        allowed = self._tokens >= 1
        self._tokens -= allowed
        missing = max(0.0, 1 - self._tokens)
        return Reading(allowed, self.size, int(self._tokens), missing / self.rate)


def api(path: str) -> Api:
    """Which API a path of the tenant belongs to."""
    return "management" if path.startswith("/api/v2/") else "authentication"
