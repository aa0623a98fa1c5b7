"""Files that hold secrets, and the lock that keeps a second sandbox off the same data."""

import fcntl
import os
from pathlib import Path
from typing import IO


def write_private(path: Path, content: bytes) -> None:
    """Replace the file in one step, readable by its owner only: no reader ever sees half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)


def lock(path: Path) -> IO[str] | None:
    """Hold the lock until the handle is closed or the process ends; None: somebody else does."""
    handle = path.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    handle.seek(0)
    handle.truncate()
    handle.write(str(os.getpid()))
    handle.flush()
    return handle
