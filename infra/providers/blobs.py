"""File bodies by their digest: the program puts them into a folder, the provider reads them from there."""

import hashlib
import os
from pathlib import Path

from .errors import ProviderError

FOLDER_VARIABLE = "AUTH0_PHONE_BLOBS"


def folder() -> Path:
    """Where the bodies are: the user's cache folder, unless AUTH0_PHONE_BLOBS names another."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    cache = os.environ.get("XDG_CACHE_HOME", "")
    # A relative one is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
    base = Path(cache) if cache.startswith("/") else Path(os.path.expanduser("~/.cache"))
    return base / "auth0-phone" / "blobs"


def body(digest: str, path: str) -> bytes:
    """The body with this SHA-256 in hex. `path`, its place in the deployment, is for the error alone."""
    try:
        found = (folder() / digest).read_bytes()
    except OSError:
        raise ProviderError(
            f"The body of {path} is not in {folder()}. The program puts it there while it runs: run "
            "`pulumi up` itself, without --target, as the same user and with the same AUTH0_PHONE_BLOBS."
        ) from None
    if hashlib.sha256(found).hexdigest() != digest:
        raise ProviderError(
            f"{folder() / digest}, the body of {path}, is damaged. Delete it and run `pulumi up` again."
        )
    return found
