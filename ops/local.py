"""Where the local stage keeps what it must remember: one git-ignored folder, nothing outside it."""

import json
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import files
from .errors import OpsError

_SMALLEST_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True)
class LocalState:
    """The folders and files of one local stage.

    `root` is the checkout, `folder` the state (default `.local/` in the checkout). Everything in it can be
    deleted; `make up` then starts afresh.
    """

    root: Path
    folder: Path

    @classmethod
    def at(cls, root: Path, folder: Path | None = None) -> "LocalState":
        return cls(root=root.resolve(), folder=(folder or root / ".local").resolve())

    @property
    def sandbox_data(self) -> Path:
        return self.folder / "sandbox"

    @property
    def sandbox_ready(self) -> Path:
        return self.folder / "sandbox-ready.json"

    @property
    def blobs(self) -> Path:
        """Where the service's files wait for the provider."""
        return self.folder / "blobs"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def pids(self) -> Path:
        return self.folder / "run"

    @property
    def pulumi_home(self) -> Path:
        return self.folder / "pulumi"

    @property
    def backend(self) -> Path:
        return self.folder / "state"

    @property
    def passphrase(self) -> Path:
        return self.folder / "passphrase"

    @property
    def stack(self) -> Path:
        """The folder in which the stack is initialised, so that its salt never lands in the checkout."""
        return self.folder / "stack"

    @property
    def stage_file(self) -> Path:
        return self.stack / "Pulumi.local.yaml"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets.json"

    @property
    def is_ours(self) -> bool:
        """Whether the folder is a local stage's, and not one that somebody named by mistake."""
        return self.passphrase.is_file() and self.pids.is_dir()

    def remove(self) -> bool:
        """Delete the folder; False when there is none. Refuses a folder that no local stage made."""
        if not self.folder.exists():
            return False
        if not self.is_ours:
            raise OpsError(
                f"{self.folder} is not a local stage's folder",
                "It is left as it is.",
                "Name another by --state",
            )
        try:
            shutil.rmtree(self.folder)
        except OSError as error:
            raise OpsError(
                f"Cannot delete {self.folder}",
                f"{error.strerror}: {error.filename}.",
                "Delete the rest yourself",
            ) from error
        return True

    def prepare(self) -> None:
        """Create the folders, for their owner alone; refuse a full disk before anything is half done."""
        if self.folder.is_dir() and any(self.folder.iterdir()) and not self.is_ours:
            raise OpsError(
                f"{self.folder} holds something else",
                "A local stage wants a folder of its own.",
                "Name another by --state",
            )
        try:
            for folder in (self.folder, self.logs, self.pids, self.backend, self.stack, self.pulumi_home):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.passphrase.exists():
                write_private(self.passphrase, secrets.token_urlsafe(32))
        except OSError as error:
            raise OpsError(
                f"Cannot write {self.folder}",
                f"{error.strerror}.",
                "Free some space or fix the folder's owner",
            ) from error
        free = shutil.disk_usage(self.folder).free
        if free < _SMALLEST_FREE_BYTES:
            raise OpsError(
                f"Only {free // 2**20} MB are free at {self.folder}",
                "The local stage wants 200 MB, so that no write stops half way.",
                "Free some space, then run the command again",
            )


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; nobody but its owner may read it, not even for a moment."""
    files.replace(path, text.encode())


def read_json(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None when the file is absent or was cut short by a crash."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
