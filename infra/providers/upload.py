"""The files of a deployment: their bodies from the blob store, and only what Vercel lacks is sent.

https://vercel.com/docs/rest-api/deployments/upload-deployment-files
"""

import asyncio
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from . import blobs
from .kinds import Work

_AT_ONCE = 8


@dataclass(frozen=True)
class File:
    """One file as Vercel counts it: the SHA-1 of its body, in hex."""

    path: str
    body: bytes
    sha1: str


def build_of(files: Mapping[str, str], revision: str) -> str:
    """The build's id: the same files and the same revision of the environment are the same build."""
    made_of = json.dumps([sorted(files.items()), revision]).encode()
    return hashlib.sha256(made_of).hexdigest()[:32]


def bodies(files: Mapping[str, str], build: str) -> list[File]:
    """The files with their bodies, and `build.json`, by which the service tells which build it is."""
    named = {path: blobs.body(digest, path) for path, digest in sorted(files.items())}
    named["build.json"] = json.dumps({"build": build}).encode()
    return [
        # Vercel's own way to name a body; nothing rests on its strength.
        File(path, body, hashlib.sha1(body, usedforsecurity=False).hexdigest())
        for path, body in named.items()
    ]


async def send(files: Collection[File], lacking: Collection[str], work: Work) -> None:
    """Upload the bodies with these SHA-1s."""
    wanted = {file.sha1: file for file in files if file.sha1 in set(lacking)}
    gate, done = asyncio.Semaphore(_AT_ONCE), 0

    async def one(file: File) -> None:
        nonlocal done
        async with gate:
            await work.call(
                "POST",
                "/v2/files",
                f"take the file {file.path}",
                data=file.body,
                headers={"x-vercel-digest": file.sha1, "Content-Type": "application/octet-stream"},
                again=True,
                bare=True,
            )
        done += 1
        await work.say(f"uploading files: {done} of {len(wanted)}")

    try:
        async with asyncio.TaskGroup() as group:
            for file in wanted.values():
                group.create_task(one(file))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
