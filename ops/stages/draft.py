"""Where a stage is made before it is there: a folder of the user's cache that survives a kill."""

import fcntl
import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .. import files
from ..errors import OpsError
from ..local import read_json, write_private
from ..toolchain import cache

# A Pulumi command that outlives a killed run ends by itself; the slowest took 10 s.
_PATIENCE = 30.0
_NOTE = "note.json"


@dataclass(frozen=True)
class Draft:
    """One stage of one checkout while it is made; whoever has it holds its lock, and so do its commands."""

    root: Path
    stage: str
    folder: Path
    lock: IO[str]

    @property
    def stage_file(self) -> Path:
        """Where Pulumi writes the stack's salt or key, and the encrypted secrets."""
        return self.folder / f"Pulumi.{self.stage}.yaml"

    @property
    def target(self) -> Path:
        return self.root / f"Pulumi.{self.stage}.yaml"

    @property
    def begun_on(self) -> str | None:
        """The backend on which an earlier run may have left a stack; None when nothing was begun."""
        backend = (read_json(self.folder / _NOTE) or {}).get("backend")
        return backend if isinstance(backend, str) else None

    def begin(self, backend: str) -> None:
        """Note, before it happens, that there will be a stack."""
        self._note({"backend": backend})

    def publish(self, text: str) -> None:
        """The stage's file, whole or not at all, and never over another one. Raises OpsError."""
        digest = hashlib.sha256(text.encode()).hexdigest()
        self._note({"backend": self.begun_on, "published": digest})
        try:
            files.create(self.target, text.encode(), mode=None)
        except FileExistsError:
            raise exists(self.target) from None

    @property
    def is_published(self) -> bool:
        """Whether the stage's file is what a run wrote that did not come to its end."""
        wanted = (read_json(self.folder / _NOTE) or {}).get("published")
        return self.target.is_file() and hashlib.sha256(self.target.read_bytes()).hexdigest() == wanted

    def prepare(self) -> None:
        """The project's file alone in the folder, so that Pulumi writes a stage file of its own there."""
        self.stage_file.unlink(missing_ok=True)
        shutil.copy(self.root / "Pulumi.yaml", self.folder / "Pulumi.yaml")

    def clear(self) -> None:
        """Forget it: the stage is complete, or nothing is left of it."""
        left = files.leftovers(self.target)
        for file in (*left, self.stage_file, self.folder / "Pulumi.yaml", self.folder / _NOTE):
            file.unlink(missing_ok=True)

    def _note(self, note: dict[str, str | None]) -> None:
        write_private(self.folder / _NOTE, json.dumps(note))


@contextmanager
def held(root: Path, stage: str) -> Iterator[Draft]:
    """The draft of a stage, held by this process alone. Raises OpsError while another makes it."""
    place = hashlib.sha256(f"{root.resolve()}\0{stage}".encode()).hexdigest()[:16]
    folder = cache.folder().parent / "stages" / place
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise OpsError(
            f"Cannot write {folder}", f"{error.strerror}.", "Fix its owner, or set XDG_CACHE_HOME"
        ) from error
    with lock:
        _take(lock, stage)
        yield Draft(root, stage, folder, lock)


def _take(lock: IO[str], stage: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OpsError(
                    f"Another process is making the stage {stage}",
                    "It, or a Pulumi command of it, has not ended.",
                    "Wait for it, or end it; then run the command again",
                ) from None
        time.sleep(0.1)


def exists(target: Path) -> OpsError:
    return OpsError(
        f"There is a {target.name} already",
        "A stage's file is never written over: its secrets might be nowhere else.",
        f"Choose another name; or, if you don't need it any more (an example, say): rm {target.name}",
    )
