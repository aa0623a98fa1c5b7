"""Ends the services of a local stage with Python alone: `make down` works before anything is installed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SERVICES = ("sandbox",)
_PROC = Path("/proc")
_SECONDS = 10.0
_KILLED_SECONDS = 2.0


def halt(folder: Path) -> str:
    """Stop what runs of the local stage whose state is in `folder`; a sentence for the person."""
    stopped = [name for name in SERVICES if _stop(folder, name)]
    return f"Stopped {' and '.join(stopped)}." if stopped else "Nothing was running."


def end(pid: int, seconds: float = _SECONDS) -> None:
    """Ask the leader of a session to end, insist after `seconds`; what is left of its group goes with it."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    _wait_while(lambda: _is_running(pid), seconds)
    # macOS refuses the signal when nothing but zombies is left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    _wait_while(lambda: _is_running(pid) or _has_group(pid), _KILLED_SECONDS)


def command_line(pid: int) -> str:
    """What a process was started with; empty when it has ended or cannot be seen."""
    try:
        if (_PROC / "self").exists():
            return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        listed = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        return subprocess.run(listed, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def _stop(folder: Path, name: str) -> bool:
    note = folder / "run" / f"{name}.json"
    pid = _noted(note)
    # A pid alone proves nothing: it may have been given to another program since.
    ours = pid is not None and str(folder / f"{name}-ready.json") in command_line(pid)
    if pid is not None and ours:
        end(pid)
    note.unlink(missing_ok=True)
    return ours


def _noted(note: Path) -> int | None:
    try:
        pid = json.loads(note.read_text())["pid"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return pid if isinstance(pid, int) else None


def _is_running(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    try:
        os.kill(pid, 0)
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except OSError:
        return True


def _has_group(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    # The first process of many a container takes its time to bury the dead; they hold nothing any more.
    return not (_PROC / "self").exists() or any(_lives_in(stat, pid) for stat in _PROC.glob("[0-9]*/stat"))


def _lives_in(stat: Path, group: int) -> bool:
    """Whether the process of this file (proc(5)) belongs to a group and has not ended."""
    try:
        state, _, of, *_ = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return int(of) == group and state != "Z"


def _wait_while(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while condition() and time.monotonic() < deadline:
        time.sleep(0.02)


if __name__ == "__main__":
    print(halt(Path(sys.argv[1]).resolve()))
