"""Drives one long-lived Node process that runs rendered Actions against doubles of Auth0."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HARNESS = Path(__file__).with_name("harness.mjs")
NOW = 1_790_000_000
"""The harness's clock, unix seconds."""


@dataclass(frozen=True)
class Run:
    """What one execution of a handler did: calls on `api` in order, log lines, requests it made."""

    calls: list[str]
    logs: list[str]
    fetches: list[dict[str, Any]]
    timeouts: list[int]
    redirect: dict[str, Any] | None
    denied: list[str]
    claims: dict[str, Any]
    app_metadata: dict[str, Any]
    transaction_metadata: dict[str, Any]
    notified: list[list[str]]
    cache: dict[str, Any]
    required: list[str]
    threw: str | None
    native: bool
    nanoseconds: float
    load_nanoseconds: float

    @property
    def passed(self) -> bool:
        """Neither denied nor redirected nor thrown: the login goes on to its tokens."""
        return self.redirect is None and not self.denied and self.threw is None

    @property
    def denial(self) -> str | None:
        """The one reason of a denial; None when the login was not denied."""
        assert len(self.denied) <= 1
        assert not (self.denied and self.redirect), "a denial and a redirect exclude each other"
        return self.denied[0] if self.denied else None


class ActionRunner:
    """The Node process; a context manager."""

    def __init__(self) -> None:
        self._node = subprocess.Popen(
            ["node", str(HARNESS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(
        self, code: str, handler: str, event: Mapping[str, Any], *, now: float = NOW, **options: Any
    ) -> Run:
        """Execute `handler` of `code` once; `options` are the harness's."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        order = {"code": code, "handler": handler, "event": event, "now": round(now * 1000), **options}
        self._node.stdin.write(json.dumps(order, allow_nan=False) + "\n")
        self._node.stdin.flush()
        answer = json.loads(self._node.stdout.readline())
        assert "broken" not in answer, answer["broken"]
        return Run(**answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._node.communicate(timeout=10)
