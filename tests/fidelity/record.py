"""The last replay's figures beside the sandbox's code: what sandbox/COVERAGE.md says of recordings."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sandbox.coverage.figures import RECORDINGS

from . import totals
from .folder import Folder
from .replay import Replayed


def record(folder: Folder, replayed: Sequence[Replayed], day: str) -> dict[str, Any]:
    """The figures of a whole folder; `day` is when they were taken (2026-01-31)."""
    requests = totals.every(replayed)
    return {
        "day": day,
        "recordings": len(replayed),
        "in_full": sum(one.matched == len(one.requests) for one in replayed),
        "lists": totals.by_list(replayed, folder.lists),
        "resources": totals.count(requests, totals.resource),
        "operations": totals.count(requests, totals.operation),
        "missed": {one.name: one.first for one in replayed if one.first},
    }


def write(recorded: dict[str, Any], file: Path = RECORDINGS) -> None:
    file.write_text(_text(recorded))


def _text(recorded: dict[str, Any]) -> str:
    """One line for each figure: a change of one is a diff of one."""
    parts = []
    for name, value in recorded.items():
        if isinstance(value, dict):
            rows = ",\n".join(f"    {json.dumps(key)}: {json.dumps(item)}" for key, item in value.items())
            value_text = f"{{\n{rows}\n  }}" if rows else "{}"
        else:
            value_text = json.dumps(value)
        parts.append(f"  {json.dumps(name)}: {value_text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
