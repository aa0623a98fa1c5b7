"""What replays and clients left behind: figures that `make fidelity` keeps beside this file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

RECORDINGS = Path(__file__).with_name("recordings.json")
CLIENTS = Path(__file__).with_name("clients.json")

Count = tuple[int, int]


@dataclass(frozen=True)
class Recordings:
    """The last replay: matched and total by list, resource and operation; the recordings that missed."""

    day: str
    recordings: int
    in_full: int
    lists: Mapping[str, Count]
    resources: Mapping[str, Count]
    operations: Mapping[str, Count]
    missed: Mapping[str, str]


@dataclass(frozen=True)
class Clients:
    """The operations each client called, all of them to its satisfaction."""

    operations: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, operation: str) -> list[str]:
        """The clients that called an operation."""
        return [client for client, called in self.operations.items() if operation in called]


def recordings(file: Path = RECORDINGS) -> Recordings:
    read = json.loads(file.read_text())
    counted = {name: _counts(read[name]) for name in ("lists", "resources", "operations")}
    return Recordings(**{**read, **counted})


def clients(file: Path = CLIENTS) -> Clients:
    read = json.loads(file.read_text()) if file.exists() else {}
    return Clients({client: frozenset(called) for client, called in read.items()})


def _counts(read: Mapping[str, list[int]]) -> dict[str, Count]:
    return {name: (matched, total) for name, (matched, total) in read.items()}
