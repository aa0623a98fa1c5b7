"""The user's cache of what was built: one folder a build, complete or absent, shared by all checkouts."""

import errno
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from ..errors import OpsError

_UNUSED_SECONDS = 30 * 24 * 3600
_STAMP = "last-used"


def folder() -> Path:
    """Where builds are kept, by the XDG base directory specification."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    # the specification: a relative path there is to be ignored
    base = Path(named) if named.startswith("/") else Path(os.path.expanduser("~/.cache"))
    return base / "auth0-phone" / "toolchain"


def digest(sources: Path) -> str:
    """A digest of what is built: names and bytes of the Go module's files, its tests left out."""
    whole = hashlib.sha256()
    files = [sources / "go.mod", sources / "go.sum", *sources.rglob("*.go")]
    for file in sorted(each for each in files if not each.name.endswith("_test.go")):
        whole.update(f"{file.relative_to(sources).as_posix()}\0".encode())
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:16]


def touch(build: Path) -> None:
    """Note that a build is in use, so that it is not pruned."""
    stamp = build / _STAMP
    try:
        stamp.touch()
    except OSError:  # a cache that can only be read is as good to use
        return


def prune(home: Path, keep: Path) -> list[Path]:
    """Remove the builds that nobody has used for 30 days, except `keep`; returns what was removed."""
    now, removed = time.time(), []
    for build in sorted(stamp.parent for stamp in home.glob(f"*/{_STAMP}")):
        unused = now - (build / _STAMP).stat().st_mtime
        if build != keep and unused > _UNUSED_SECONDS:
            shutil.rmtree(build, ignore_errors=True)
            removed.append(build)
    return removed


@contextmanager
def exclusive(home: Path, console: Console) -> Iterator[None]:
    """Hold the cache's lock: of two that want to build, one waits and then finds the other's work.

    The lock belongs to the open file, so that it goes with its process however that ends.
    """
    with _writing(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (home / "lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.print("Another process is building the toolchain; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        with _writing(home):
            yield


@contextmanager
def _writing(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise disk_full(home) from error
        raise OpsError(
            f"Cannot write {error.filename or home}",
            f"{error.strerror or error}; the toolchain is kept there.",
            "Fix the folder's owner and mode, or set XDG_CACHE_HOME to a folder you can write",
        ) from error


def disk_full(place: Path) -> OpsError:
    return OpsError(
        "The disk is full",
        f"The toolchain was being built in {place} and in Go's caches; what is complete there stays.",
        "Free some space (`go clean -cache` frees Go's build cache), then run the command again",
    )
