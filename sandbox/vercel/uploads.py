"""Uploaded files by their SHA-1, and whether a deployment's paths stay where they belong."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..context import Sandbox
from ..files import write_private
from . import account, bodies, errors

# Of one file, and of one deployment's. (https://vercel.com/docs/limits)
FILE_BYTES = 100 * 2**20
MOST_FILES = 15_000
_LONGEST_PATH = 1024
_LONGEST_NAME = 255
_DIGEST = re.compile(r"[0-9a-f]{40}")


class Blobs:
    """File bodies in a folder, each under its digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, digest: str) -> Path:
        return self._folder / digest

    def has(self, digest: str) -> bool:
        return self.path(digest).is_file()

    def put(self, body: bytes) -> str:
        """Keep a body and return its digest."""
        digest = sha1(body)
        if not self.has(digest):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self.path(digest), body)
        return digest

    def keep(self, digests: set[str]) -> None:
        """Forget all others."""
        for file in self._folder.glob("*"):
            if file.name not in digests:
                file.unlink(missing_ok=True)


def sha1(body: bytes) -> str:
    """The digest Vercel names files by: it tells them apart, and protects nothing."""
    return hashlib.sha1(body, usedforsecurity=False).hexdigest()


def is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


class Uploads:
    """POST /v2/files. Source: https://vercel.com/docs/rest-api/deployments/upload-deployment-files"""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def upload(self, request: Request) -> Response:
        account.scope(self._sandbox, request)
        headers = request.headers
        told = headers.get("x-vercel-digest") or headers.get("x-now-digest") or ""
        if not is_digest(told):
            raise errors.bad_request("The header `x-vercel-digest` must be the SHA1 of the file.")
        body = await bodies.read(request, FILE_BYTES)
        if sha1(body) != told:
            raise errors.bad_request("The SHA1 of the body is not the one in `x-vercel-digest`.")
        if headers.get("x-now-size", str(len(body))) != str(len(body)):
            raise errors.bad_request("The size of the body is not the one in `x-now-size`.")
        self._sandbox.vercel.blobs.put(body)
        return JSONResponse({"urls": []})


def check_paths(paths: Iterable[str]) -> None:
    """Refuse a set of paths that can't be put into one folder: outside it, twice, or a file as a folder."""
    known: set[PurePosixPath] = set()
    for path in paths:
        _check_path(path)
        if PurePosixPath(path) in known:
            raise errors.bad_request(f"The file `{path}` is there twice.")
        known.add(PurePosixPath(path))
    for file in known:
        inside = next((parent for parent in file.parents if parent in known), None)
        if inside is not None:
            raise errors.bad_request(f"`{inside}` can't be a file and the folder of `{file}`.")


def _check_path(path: str) -> None:
    parts = path.split("/")
    if not path or len(path) > _LONGEST_PATH or any(len(part.encode()) > _LONGEST_NAME for part in parts):
        raise errors.bad_request(
            "A file's path has from 1 to 1024 characters, each part of it up to 255 bytes."
        )
    if any(part in ("", ".", "..") for part in parts) or not path.isprintable() or "\\" in path:
        raise errors.bad_request(f"The path {path!a} must be relative, and must not leave the deployment.")
