"""The account's one address on this machine: its socket, its log, and that nothing outlives the sandbox."""

import asyncio
import contextlib
import fcntl
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from .. import listening
from ..context import Sandbox
from ..tls import Certificates
from . import account
from .app import PREFIX
from .platform import LOG, Platform
from .process import Machine
from .site import Site

_FOLDER = "vercel"
_LOCK = "lock"
_GONE_SECONDS = 5.0
_POLL_SECONDS = 0.01


async def deserted(data: Path) -> None:
    """Wait until the processes of an earlier run, which end as soon as it does, have let go of its port."""
    lock = _folder(data) / _LOCK
    if not lock.exists():
        return
    deadline = time.monotonic() + _GONE_SECONDS
    with lock.open("a") as handle:
        while time.monotonic() < deadline:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                await asyncio.sleep(_POLL_SECONDS)


@asynccontextmanager
async def living(
    sandbox: Sandbox, certificates: Certificates, listener: socket.socket, data: Path, python: str
) -> AsyncIterator[None]:
    """Inside the block the address answers, with what was deployed there before if anything was."""
    folder = _folder(data)
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / _LOCK).open("a") as lock:
        # The processes inherit the open file, and the lock with it.
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        cert, key = certificates.cert.absolute(), certificates.key.absolute()
        machine = Machine(python, listener.fileno(), cert, key, lock.fileno(), folder / LOG)

        async def serve(app: ASGIApp, on: socket.socket) -> uvicorn.Server:
            return await listening.serve(app, on, certificates)

        site = Site(listener, machine, serve, listening.stop)
        platform = sandbox.vercel = Platform(sandbox, folder, site)
        await site.open()
        try:
            await platform.resume()
            yield
        finally:
            await platform.close()
            await site.close()


def _folder(data: Path) -> Path:
    return data.absolute() / _FOLDER


def access(sandbox: Sandbox) -> dict[str, Any]:
    """What whoever deploys here has to know, for the ready file."""
    seeded = account.of(sandbox)
    return {
        "api": f"{sandbox.addresses.twilio}{PREFIX}",
        "token": seeded["token"],
        "team": seeded["team"],
        "port": urlsplit(sandbox.addresses.service).port,
        "log": str(sandbox.vercel.log),
    }
