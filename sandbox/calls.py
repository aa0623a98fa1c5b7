"""The last requests each service answered: what call budgets are checked against."""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

_KEPT = 500


@dataclass(frozen=True)
class Call:
    """One answered request; `path` is without its query, which may hold personal data."""

    sequence: int
    service: str
    method: str
    path: str
    status: int
    milliseconds: float
    at: str


class Calls:
    """A ring buffer of calls."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=_KEPT)
        self._sequence = 0

    def record(self, service: str, method: str, path: str, status: int, seconds: float, at: str) -> None:
        self._sequence += 1
        self._calls.append(Call(self._sequence, service, method, path, status, round(seconds * 1000, 3), at))

    def since(self, sequence: int = 0) -> list[dict[str, Any]]:
        return [asdict(call) for call in self._calls if call.sequence > sequence]

    def clear(self) -> None:
        self._calls.clear()
