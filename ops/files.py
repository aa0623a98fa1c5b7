"""Files that are there whole or not at all, whoever else writes and whatever ends half way."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE = 0o600
# For a file system without hard links, such as a memory stick's.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK)


def replace(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Make `content` the file, in one step, with this mode from the first moment on.

    A link is replaced, not followed. Raises OSError; the file is then as it was.
    """
    with _fresh(path, content, mode) as fresh:
        fresh.replace(path)


def create(path: Path, content: bytes, mode: int | None = PRIVATE) -> None:
    """The same for a file that isn't there yet: raises FileExistsError for any that is.

    Without a mode the file gets the one that the user's umask leaves.
    """
    with _fresh(path, content, mode) as fresh:
        try:
            os.link(fresh, path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
            fresh.rename(path)


def leftovers(path: Path) -> list[Path]:
    """What writers of this file left beside it when they were killed."""
    return list(path.parent.glob(f".{path.name}.*.new"))


@contextmanager
def _fresh(path: Path, content: bytes, mode: int | None) -> Iterator[Path]:
    """The content in a file beside `path` that no other writer has; gone afterwards."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    handle = os.open(fresh, flags, 0o666 if mode is None else PRIVATE)
    try:
        with os.fdopen(handle, "wb") as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            # A full disk is told here at the latest, and not after the old file is gone.
            os.fsync(file.fileno())
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)
