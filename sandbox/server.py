"""The sandbox as a process: listeners, readiness, and an orderly end."""

import asyncio
import contextlib
import errno
import json
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any

import uvicorn

from . import files, listening, readiness, seed, tls
from .actions import NodeRunner
from .app import PORTS, create_apps
from .carriers.app import credentials
from .clock import Clock
from .context import Addresses, Sandbox, Switches
from .faults import Faults
from .ids import Ids
from .keys import Keys
from .phone.delivery import sending
from .store import Store
from .vercel import residence

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8443


class StartError(Exception):
    """The sandbox can't start; the text says why and what mends it."""


@dataclass(frozen=True)
class Options:
    """How to run: where to listen (port 0: any free ports), where to keep data, whom to tell, and the
    interpreter that serves what is deployed. `npm` is a folder whose node_modules has what Actions may depend
    on. For tests: a seed that makes identifiers repeatable, and the moment (Unix seconds) at which the clock
    stands still."""

    data: Path
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    ready_file: Path | None = None
    allow_remote: bool = False
    python: str = sys.executable
    seed: int | None = None
    clock: float | None = None
    npm: Path | None = None


@asynccontextmanager
async def running(options: Options) -> AsyncIterator["Running"]:
    """Everything listening and ready inside the block; stopped and cleaned up after it."""
    _check_host(options)
    with contextlib.ExitStack() as stack:
        stack.callback(_lock(options.data).close)
        if options.ready_file:
            # Left by a run that was killed: it would send whoever waits to addresses nobody answers.
            options.ready_file.unlink(missing_ok=True)
        await residence.deserted(options.data)
        sockets = _listen(options)
        for listener in sockets:
            stack.callback(listener.close)
        certificates, store = _kept(options.data)
        stack.callback(store.close)
        sandbox = create_sandbox(store, _addresses(sockets), Ids(options.seed), options.clock)
        sandbox.ca = certificates.ca
        sandbox.runner = NodeRunner(ca=certificates.ca, packages=options.npm)
        if seed.is_seeded(sandbox):
            seed.resume(sandbox)
        else:
            seed.seed(sandbox)
        sandbox.keys.prepare()
        apps = create_apps(sandbox, certificates.ca).values()
        servers: list[uvicorn.Server] = []
        try:
            for app, listener in zip(apps, sockets, strict=False):
                servers.append(await listening.serve(app, listener, certificates))
            async with residence.living(sandbox, certificates, sockets[-1], options.data, options.python):
                await _probe(sandbox, certificates)
                async with sending(sandbox):
                    yield Running(sandbox, certificates)
        finally:
            await asyncio.gather(*(listening.stop(server) for server in servers))
            await sandbox.background.close()
            await sandbox.runner.close()


@dataclass(frozen=True)
class Running:
    """A sandbox that answers."""

    sandbox: Sandbox
    certificates: tls.Certificates

    def ready(self) -> dict[str, Any]:
        """What the ready file says."""
        sandbox, certificates = self.sandbox, self.certificates
        addresses = sandbox.addresses
        client = sandbox.store.get("seed", "m2m_client") or {}
        return {
            "auth0": {"domain": addresses.auth0, **client},
            "twilio": addresses.twilio,
            "handset": addresses.handset,
            "app": addresses.app,
            "control": f"https://{addresses.auth0}/_sandbox",
            "ca": str(certificates.ca.absolute()),
            "tls": {"cert": str(certificates.cert.absolute()), "key": str(certificates.key.absolute())},
            "twilio_account": sandbox.store.get("seed", "twilio"),
            "carriers": credentials(sandbox),
            "demo_client": sandbox.store.get("seed", "demo_client"),
            "vercel": residence.access(sandbox),
            "pid": os.getpid(),
        }


def create_sandbox(
    store: Store, addresses: Addresses, ids: Ids | None = None, start: float | None = None
) -> Sandbox:
    """A sandbox over a store, without its runner; its clock stands still at `start`."""
    clock = Clock(frozen=start)
    return Sandbox(
        store, clock, addresses, Switches(), Faults(), Keys(store, clock, addresses.issuer), ids or Ids()
    )


async def serve(options: Options, announce: Callable[[Running], None]) -> None:
    """Run until SIGINT or SIGTERM; the ready file is there exactly while everything answers."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(options) as sandbox:
        ready_file = options.ready_file
        if ready_file:
            ready_file.parent.mkdir(parents=True, exist_ok=True)
            files.write_private(ready_file, json.dumps(sandbox.ready(), indent=2).encode())
        try:
            announce(sandbox)
            await stop.wait()
        finally:
            if ready_file:
                ready_file.unlink(missing_ok=True)


def _check_host(options: Options) -> None:
    try:
        loopback = options.host == "localhost" or ip_address(options.host).is_loopback
    except ValueError:
        loopback = False
    if not (loopback or options.allow_remote):
        raise StartError(
            f"{options.host} can be reached from other machines, and the sandbox hands its secrets "
            "to whoever asks. Leave --host away, or add --allow-remote if that is what you want."
        )


def _lock(data: Path) -> IO[str]:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = files.lock(data / "lock")
    except OSError as error:
        raise StartError(f"{data} can't be used: {error.strerror}. Choose another with --data.") from error
    if handle is None:
        raise StartError(
            f"Another sandbox is running on {data}. Stop it first, or give this one another --data directory."
        )
    return handle


def _kept(data: Path) -> tuple[tls.Certificates, Store]:
    """What earlier runs left in the data directory, or what a first run puts there."""
    try:
        return tls.prepare(data / "tls"), Store(data / "sandbox.sqlite3")
    except (ValueError, sqlite3.DatabaseError) as error:
        raise StartError(
            f"{data} holds something that is not a sandbox's: {error}. "
            "Delete it, or choose another with --data."
        ) from error


async def _probe(sandbox: Sandbox, certificates: tls.Certificates) -> None:
    try:
        await readiness.probe(sandbox.addresses, certificates.ca)
    except readiness.NotReadyError as error:
        raise StartError(f"{error} The lines above may say why.") from error


def _listen(options: Options) -> list[socket.socket]:
    """One bound socket per service: the port asked for and those after it, or any free ones for 0."""
    sockets: list[socket.socket] = []
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    for offset in range(PORTS):
        port = options.port + offset if options.port else 0
        # Named, so that asyncio knows it for TCP and sends small answers at once.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sockets.append(listener)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((options.host, port))
        except (OSError, OverflowError) as error:
            for opened in sockets:
                opened.close()
            raise _port_error(options, port, error) from error
    return sockets


def _port_error(options: Options, port: int, error: Exception) -> StartError:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return StartError(
            f"Port {port} on {options.host} is in use. The sandbox needs {PORTS} ports in a row: "
            f"stop what listens there, or choose others with --port (0 for any free ones)."
        )
    return StartError(f"Port {port} on {options.host} can't be opened: {error}. Choose another with --port.")


def _addresses(sockets: list[socket.socket]) -> Addresses:
    ports = [listener.getsockname()[1] for listener in sockets]
    return Addresses(
        auth0=f"localhost:{ports[0]}",
        twilio=f"https://localhost:{ports[1]}",
        handset=f"https://handset.localhost:{ports[2]}",
        app=f"https://app.localhost:{ports[3]}",
        service=f"https://form.localhost:{ports[4]}",
    )
