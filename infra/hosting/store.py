"""Where the bodies of hosted files wait for the provider that uploads them: by their digest, for their owner.

So that neither a file's body nor a path of this machine is ever in the state of a stack.
"""

import contextlib
import hashlib
import os
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from ..errors import BundleError
from ..providers.blobs import FOLDER_VARIABLE, folder

_UNUSED_SECONDS = 30 * 24 * 3600
_FRESH_SECONDS = 24 * 3600
# A body, or one that was being written when its program ended. Nothing else in the folder is ours.
_OURS = re.compile(r"[0-9a-f]{64}|\.[0-9a-f]{64}\.[0-9a-f]{16}")


def publish(files: Mapping[str, bytes]) -> dict[str, str]:
    """Keep the bodies, and return path to SHA-256 in hex. Raises BundleError when they cannot be kept.

    What nobody has published for 30 days goes; whatever else is in the folder stays as it is.
    """
    home = folder()
    digests = {path: hashlib.sha256(body).hexdigest() for path, body in sorted(files.items())}
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, digest in digests.items():
            _keep(home / digest, files[path])
        _prune(home, set(digests.values()))
    except OSError as error:
        raise BundleError(
            f"The service's files cannot be kept in {home}: {error.strerror or error}. Free some space, or "
            f"name a folder that you can write:\n    export {FOLDER_VARIABLE}=…"
        ) from error
    return digests


def _keep(blob: Path, body: bytes) -> None:
    """Whole or not at all; a damaged one is replaced."""
    with contextlib.suppress(FileNotFoundError):
        if blob.read_bytes() == body:
            if time.time() - blob.stat().st_mtime > _FRESH_SECONDS:
                blob.touch()
            return
    fresh = blob.with_name(f".{blob.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(body)
        fresh.replace(blob)
    finally:
        fresh.unlink(missing_ok=True)


def _prune(home: Path, used: set[str]) -> None:
    oldest = time.time() - _UNUSED_SECONDS
    for entry in os.scandir(home):
        # Another run may prune at the same time.
        with contextlib.suppress(FileNotFoundError):
            ours = _OURS.fullmatch(entry.name) is not None and entry.is_file(follow_symlinks=False)
            if ours and entry.name not in used and entry.stat().st_mtime < oldest:
                os.unlink(entry.path)
