"""A Pulumi that is already on PATH: which version it is, and whether its Python host is there too."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .cache import folder as cache_folder
from .pins import FIRST_REFUSED_PULUMI, OLDEST_PULUMI, numbers

_ASK_SECONDS = 20
# A CLI is some 100 MB; what is smaller is a version manager's shim, and may mean another version tomorrow.
_SMALLEST_BINARY = 10 * 2**20


@dataclass(frozen=True)
class FoundPulumi:
    """A `pulumi` on PATH; `complaint` says why it can't be used, None when it can."""

    path: Path
    version: str
    complaint: str | None


def find() -> FoundPulumi | None:
    """The first `pulumi` on PATH; None when there is none."""
    name = shutil.which("pulumi")
    if name is None:
        return None
    path = Path(name).absolute()
    version = _version(path)
    return FoundPulumi(path, version, _complaint(path, version))


def _complaint(path: Path, version: str) -> str | None:
    if not version:
        return f"{path} does not tell its version"
    if not numbers(OLDEST_PULUMI) <= numbers(version) < numbers(FIRST_REFUSED_PULUMI):
        return f"{path} is {version}, and {OLDEST_PULUMI} or newer, below {FIRST_REFUSED_PULUMI}, is needed"
    beside = os.pathsep.join([str(path.parent), str(path.resolve().parent), os.environ.get("PATH", "")])
    if shutil.which("pulumi-language-python", path=beside) is None:
        return f"{path} has no pulumi-language-python beside it or on PATH"
    return None


def _version(path: Path) -> str:
    """Ask the CLI once, which takes it 0.2 s, and remember the answer for as long as the file is the same."""
    note, key = cache_folder() / "found.json", _identity(path)
    try:
        known = json.loads(note.read_text())
    except (OSError, ValueError):
        known = None
    if isinstance(known, dict) and key is not None and isinstance(answer := known.get(key), str):
        return answer
    answer = _ask(path)
    if answer and key is not None:
        _remember(note, {key: answer})
    return answer


def _identity(path: Path) -> str | None:
    file = path.resolve()
    facts = file.stat()
    return f"{file} {facts.st_size} {facts.st_mtime_ns}" if facts.st_size >= _SMALLEST_BINARY else None


def _remember(note: Path, what: dict[str, str]) -> None:
    fresh = note.with_name(f"{note.name}.{os.getpid()}")
    try:
        note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.write_text(json.dumps(what))
        fresh.replace(note)
    except OSError:  # it is only a memory: where it can't be kept, the CLI is asked again
        return


def _ask(path: Path) -> str:
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "1"}
    try:
        done = subprocess.run(
            [path, "version"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().removeprefix("v") if done.returncode == 0 else ""
