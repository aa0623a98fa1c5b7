"""Faults on request: rate limits, server errors, latency, connections cut after the work was done."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fnmatch import translate
from typing import Any, Literal

from . import members
from .policies import LIMITS, Api, Bucket, Plan, Reading, api

Kind = Literal[
    "status",
    "rate_limit",
    "latency",
    "reset",
    "reset_after_apply",
    "policy",
    "build_error",
    "alias_error",
    "never_ready",
]
# What happens to deployments, not to requests.
_OF_BUILDS = ("build_error", "alias_error", "never_ready")
_BUILDS = "builds"


class FaultError(ValueError):
    """A fault that can't be set; the text says what is wrong with it."""


@dataclass
class Fault:
    """One rule: what happens to requests that match, and to how many of them.

    `service`, `method` and `path` choose requests, the path by its raw form and with * and ? as wildcards;
    the first `skip` of them pass; then `count` are hit (None: all), though only a `share` of them (0 to
    1), evenly spread. `status`, `body` and `headers` make the
    answer of kind status, `seconds` the delay of kind latency, `reset_in` the seconds until a rate limit ends
    (negative: in the past; None: not told).

    The kind policy counts instead of hitting: every answer of the tenant has a rate limit's headers, and what
    is too much for the `plan` gets 429.

    The kinds build_error, alias_error and never_ready are what becomes of a deployment at Vercel: `path` is
    the name of its project then, and `body` may hold errorCode and errorMessage, or code and message.
    """

    kind: Kind
    service: str = "auth0"
    method: str = "*"
    path: str = "*"
    count: int | None = 1
    skip: int = 0
    share: float = 1.0
    status: int = 500
    seconds: float = 0.0
    reset_in: float | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    plan: Plan = "free"
    hits: int = 0

    def __post_init__(self) -> None:
        self._pattern = re.compile(translate(self.path))
        self._seen = 0
        self._buckets: dict[Api, Bucket] = {name: Bucket(*limit) for name, limit in LIMITS[self.plan].items()}

    def matches(self, service: str, method: str, path: str) -> bool:
        if self.kind in _OF_BUILDS:
            return service == _BUILDS and self._pattern.match(path) is not None
        return (
            service != _BUILDS
            and self.service in ("*", service)
            and self.method in ("*", method)
            and self._pattern.match(path) is not None
        )

    def meter(self, path: str, now: float) -> Reading:
        """Count a request against the plan's limit for its API."""
        reading = self._buckets[api(path)].take(now)
        self.hits += not reading.allowed
        return reading

    def takes(self) -> bool:
        """Whether the next request that matches is one of the share."""
        self._seen += 1
        return is_of_share(self._seen, self.share)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> "Fault":
        """A fault from JSON, or FaultError saying what is wrong with it."""
        try:
            members.check(cls, given)
        except members.MembersError as error:
            raise FaultError(str(error)) from error
        if "kind" not in given:
            raise FaultError("A fault needs a kind.")
        fault = cls(**given)
        if fault.count is not None and fault.count < 1:
            raise FaultError("count must be at least 1, or null for every request.")
        if not 400 <= fault.status <= 599:
            raise FaultError("status must be between 400 and 599.")
        if not 0 < fault.share <= 1:
            raise FaultError("share must be more than 0 and at most 1.")
        if fault.seconds < 0:
            raise FaultError("seconds must not be negative.")
        return fault


def is_of_share(number: int, share: float) -> bool:
    """Whether the number-th of many is hit when a share of them shall be: evenly, exactly, without dice."""
    # The whole part grows by one exactly as often as the share says; the rest is for what a float can't hold.
    return int(number * share + 1e-9) > int((number - 1) * share + 1e-9)


class Faults:
    """The rules in force, the oldest first; a rule that is used up disappears."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._rules.append(fault)

    def clear(self) -> None:
        self._rules.clear()

    def describe(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._rules]

    def pick(self, service: str, method: str, path: str) -> Fault | None:
        """The first rule that applies to this request, counted as used."""
        for fault in self._rules:
            if fault.kind == "policy" or not fault.matches(service, method, path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if not fault.takes():
                continue
            fault.hits += 1
            if fault.count is not None:
                fault.count -= 1
                if fault.count <= 0:
                    self._rules.remove(fault)
            return fault
        return None

    def meter(self, service: str, method: str, path: str, now: float) -> Reading | None:
        """What the first policy that governs this request says of it."""
        policies = (fault for fault in self._rules if fault.kind == "policy")
        found = next((fault for fault in policies if fault.matches(service, method, path)), None)
        return found.meter(path, now) if found else None

    def pick_build(self, project: str) -> Fault | None:
        """What shall become of this project's next deployment, counted as used."""
        return self.pick(_BUILDS, "", project)
