"""Background processes that outlive the command which started them: a pid file, a log, a clean stop."""

import contextlib
import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from .errors import OpsError
from .halt import end
from .local import LocalState, read_json, write_private

# A Popen object that is forgotten while its child lives raises a ResourceWarning; these live on, by design.
_CHILDREN: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Background:
    """One named background process of a local stage.

    A pid alone proves nothing (it may have been given to another program since), so the process's start time
    is kept beside it. `digest` says from what it was started: another digest means that it is out of date.
    """

    name: str
    local: LocalState

    @property
    def pid_file(self) -> Path:
        return self.local.pids / f"{self.name}.json"

    @property
    def log(self) -> Path:
        return self.local.logs / f"{self.name}.log"

    def process(self) -> psutil.Process | None:
        """The running process, or None when it has ended or was never started."""
        noted = read_json(self.pid_file)
        if noted is None or not {"pid", "started", "digest"} <= noted.keys():
            return None
        try:
            process = psutil.Process(noted["pid"])
            alive = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if alive and abs(process.create_time() - noted["started"]) < 1 else None

    def digest(self) -> str | None:
        noted = read_json(self.pid_file)
        return noted.get("digest") if noted else None

    def start(self, command: Sequence[str], environment: Mapping[str, str], digest: str) -> psutil.Process:
        """Start it in a session of its own, so that Ctrl-C in the terminal does not reach it."""
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=self.local.root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _CHILDREN.append(child)
        process = psutil.Process(child.pid)
        note = {"pid": child.pid, "started": process.create_time(), "digest": digest}
        write_private(self.pid_file, json.dumps(note))
        return process

    def stop(self, seconds: float = 10) -> bool:
        """Ask it to end, insist after `seconds`; True when there was something to stop."""
        process = self.process()
        if process is not None:
            end(process.pid, seconds)
            _CHILDREN[:] = [child for child in _CHILDREN if child.poll() is None]
        self.pid_file.unlink(missing_ok=True)
        return process is not None

    def await_ready(self, process: psutil.Process, ready_file: Path, seconds: float) -> None:
        """Return when the process has written its ready file; otherwise tell what its log says."""
        deadline = time.monotonic() + seconds
        while not ready_file.exists():
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(timeout=0.02)
                raise self._failure("ended before it was ready")
            if time.monotonic() > deadline:
                self.stop()
                raise self._failure(f"was not ready within {seconds:.0f} s")

    def _failure(self, what: str) -> OpsError:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return OpsError(
            f"The {self.name} {what}",
            lines[-1] if lines else "Its log is empty.",
            f"Read {self.log}, then run the command again",
        )
