"""Rate limits as Auth0 has them: a bucket of calls that fills up again, steadily.

Source: auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
"""

import math
from dataclasses import dataclass

from .context import Sandbox

_KIND = "limits"


@dataclass(frozen=True)
class Bucket:
    """`size` calls at once, and as many again in each `seconds`; a size of 0 has no limit."""

    name: str
    size: int
    seconds: float


@dataclass(frozen=True)
class Allowance:
    """Whether a call may pass, and what the answer's headers say about the next ones."""

    allowed: bool
    limit: int
    remaining: int
    reset_at: int
    retry_after: int

    def headers(self) -> dict[str, str]:
        told = {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-reset": str(self.reset_at),
        }
        return told if self.allowed else {**told, "retry-after": str(self.retry_after)}


def take(sandbox: Sandbox, bucket: Bucket, key: str) -> Allowance | None:
    """Take one call out of the key's bucket; None where there is no limit."""
    if bucket.size <= 0:
        return None
    now, rate = sandbox.clock.now(), bucket.size / bucket.seconds
    with sandbox.store.atomic():
        known = sandbox.store.get(_KIND, f"{bucket.name} {key}") or {"calls": bucket.size, "at": now}
        calls = min(float(bucket.size), known["calls"] + (now - known["at"]) * rate)
        allowed = calls >= 1
        left = calls - 1 if allowed else calls
        sandbox.store.put(_KIND, f"{bucket.name} {key}", {"calls": left, "at": now})
    return Allowance(
        allowed,
        bucket.size,
        math.floor(left),
        math.ceil(now + (bucket.size - left) / rate),
        math.ceil(max(0.0, 1 - left) / rate),
    )
