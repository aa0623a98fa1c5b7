"""A digest of what a background process was started from."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

_SOURCES = {".py", ".js", ".mjs", ".j2", ".html", ".css", ".json"}


def of_sources(folders: Iterable[Path], *values: str) -> str:
    """SHA-256 over the source files below `folders` (names and bytes, in order) and some plain values."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            if file.suffix in _SOURCES:
                digest.update(str(file.relative_to(folder.parent)).encode() + b"\0")
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    for value in values:
        digest.update(b"\0" + value.encode())
    return digest.hexdigest()
