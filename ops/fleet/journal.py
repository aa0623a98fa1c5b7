"""What has been done to which stage, from what: a small file for each, so that a fleet can be resumed."""

import fcntl
import hashlib
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from .. import digest
from ..errors import OpsError
from ..local import read_json, write_private

SOURCES = Path(__file__).resolve().parents[2]
DONE, STARTED = "done", "started"
# What the declaration is made from, besides the stage file.
_SOURCES = ("infra", "action_src", "form", "gateway", "serving", "asgi.py")
_TEXTS = ("requirements/service.txt", "toolchain/go.mod")


@dataclass(frozen=True)
class Journal:
    """The folder of one project's fleet, in the state of the user: entries, logs and a lock."""

    folder: Path

    @classmethod
    def of(cls, root: Path) -> "Journal":
        """The journal of the project in `root`, for its owner alone. Raises OpsError."""
        home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state").absolute()
        name = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]
        it = cls(home / "auth0-phone" / "fleet" / name)
        try:
            for folder in (it.folder, it.logs):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                folder.chmod(0o700)
        except OSError as error:
            raise OpsError(
                f"The fleet's journal cannot be kept in {it.folder}",
                f"{error.strerror}.",
                "Name a folder that you can write: export XDG_STATE_HOME=…",
            ) from error
        return it

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def log(self, stage: str, operation: str) -> Path:
        return self.logs / f"{stage}.{operation}.log"

    def path(self, stage: str) -> Path:
        return self.folder / f"{stage}.json"

    def entry(self, stage: str) -> dict[str, Any]:
        """What was noted last; empty for a stage that was never begun."""
        return note_of(str(self.path(stage)))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Held by one fleet of updates at a time. Raises OpsError when there is another."""
        with (self.folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise OpsError(
                    "Another `fleet up` of this project runs on this machine",
                    "Both would update the same stages.",
                    "Wait until it has ended, then add --resume",
                ) from error
            yield


def note(path: Path, **facts: Any) -> None:
    """Replace an entry in one step."""
    write_private(path, json.dumps({**facts, "host": platform.node()}))


def note_of(path: str) -> dict[str, Any]:
    """The entry in a file; empty without one."""
    return (read_json(Path(path)) if path else None) or {}


def myself() -> dict[str, float]:
    """This process, for an entry: a pid alone may be given to another one."""
    return identified(os.getpid())


def identified(pid: int) -> dict[str, float]:
    try:
        return {"pid": pid, "since": psutil.Process(pid).create_time()}
    except psutil.NoSuchProcess:
        return {"pid": pid, "since": 0.0}


def still_runs(entry: dict[str, Any]) -> list[psutil.Process]:
    """Those of the processes in an entry that live: what a killed fleet has left at work."""
    living = []
    for noted in (entry.get("worker"), entry.get("engine")):
        if not isinstance(noted, dict) or entry.get("host") != platform.node():
            continue
        try:
            process = psutil.Process(int(noted["pid"]))
            if process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - noted["since"]) < 1:
                living.append(process)
        except (psutil.NoSuchProcess, KeyError, ValueError):
            continue
    return living


def program_digest(root: Path, *tools: str) -> str:
    """Of what every stage is made from: our sources and packages, the schema in `root`, the tools."""
    texts = [path.read_text() for path in (root / "Pulumi.yaml", *(SOURCES / name for name in _TEXTS))]
    return digest.of_sources([SOURCES / name for name in _SOURCES], *texts, *tools)


def stage_digest(program: str, file: Path, backend: str) -> str:
    """Of one stage's update: equal as long as doing it again would declare the same in the same place."""
    told = hashlib.sha256(f"{program}\0{backend}\0".encode())
    told.update(file.read_bytes())
    return told.hexdigest()
