"""One recording through the tool, in a process of its own: its crash costs that recording alone."""

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.testing import RunningSandbox

from .folder import Folder

_SECONDS = 300
_NUMBER = re.compile(r"#(\d+) ")


@dataclass(frozen=True)
class Request:
    """One recorded request: whether the sandbox answered it in full."""

    recording: str
    method: str
    path: str
    matched: bool


@dataclass(frozen=True)
class Replayed:
    """A recording's requests and, where one missed, what the tool said first."""

    name: str
    requests: tuple[Request, ...]
    first: str | None

    @property
    def matched(self) -> int:
        return sum(request.matched for request in self.requests)


def replay(folder: Folder, sandbox: RunningSandbox, name: str, salt: str | None = None) -> Replayed:
    """Replay one recording on a fresh tenant; where the tool fails, nothing of it counts as matched."""
    requests = folder.requests(name)
    with tempfile.TemporaryDirectory(prefix="fidelity-") as scratch:
        told = Path(scratch) / "result.json"
        failure = _run(_command(folder, sandbox, name, told, salt))
        if not told.is_file():
            return _replayed(
                name, requests, set(range(len(requests))), failure or "The tool wrote no result."
            )
        results = json.loads(told.read_text())["results"]
    problems = results[0]["problems"] if results else []
    missed = {int(found[1]) for line in problems if (found := _NUMBER.match(line))}
    return _replayed(name, requests, missed, problems[0] if problems else None)


def _replayed(name: str, requests: list[tuple[str, str]], missed: set[int], first: str | None) -> Replayed:
    rows = (
        Request(name, method, path, number not in missed) for number, (method, path) in enumerate(requests)
    )
    return Replayed(name, tuple(rows), first)


def _command(folder: Folder, sandbox: RunningSandbox, name: str, told: Path, salt: str | None) -> list[str]:
    client = sandbox.ready["auth0"]
    return [
        sys.executable,
        str(folder.tool),
        sandbox.url,
        name,
        *("--dir", str(folder.recordings), "--ca", str(sandbox.ca), "--json", str(told)),
        *("--client-id", client["client_id"], "--client-secret", client["client_secret"]),
        *("--reset-url", f"{sandbox.ready['control']}/reset"),
        *(("--salt", salt) if salt else ()),
    ]


def _run(command: list[str]) -> str | None:
    """What went wrong with the tool itself, in its last words; misses are its exit code 1 as well."""
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return f"The tool took longer than {_SECONDS} s."
    if ended.returncode == 0:
        return None
    words = ended.stderr.strip().splitlines()
    return f"The tool ended with {ended.returncode}: {words[-1] if words else 'no word'}"
