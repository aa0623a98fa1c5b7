"""Serves an application with uvicorn, set up for strangers: no access log, no banner, nothing endless."""

import argparse
import asyncio
import gc
import json
import os
import socket
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Protocol

from starlette.types import ASGIApp
from uvicorn import Config, Server

from .connections import PromptHttpProtocol
from .logs import json_logger

IDLE_SECONDS = 15
CONNECTIONS = 2000
HANDSHAKE_SECONDS = 5.0  # asyncio's own is a minute
SHUTDOWN_SECONDS = 10
# Python's own 700 objects are those of a few requests: nearly all of them go without the collector's help.
COLLECTED_AFTER = (10_000, 20, 100)


@dataclass(frozen=True)
class Listen:
    """Where to listen; port 0 takes a free one. `ready_file` is written when everything answers."""

    host: str
    port: int
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    ready_file: Path | None = None


class ListenError(Exception):
    """The address can't be listened on; the text says why and what mends it."""


class Draining(Protocol):
    """What wants to end well: told of the end first, and waited for while it goes on listening."""

    def begin(self) -> None:
        """Take no more work, and say so to whoever asks."""

    async def ended(self) -> None:
        """Returns when the work under way is done, or has had its time."""


def listen_options(parser: argparse.ArgumentParser, port: int) -> None:
    """The options of `Listen`, for a command."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, default=port, help="port, 0 for a free one (default: %(default)s)"
    )
    parser.add_argument("--ssl-certfile", type=Path, help="certificate chain, PEM")
    parser.add_argument("--ssl-keyfile", type=Path, help="its private key, PEM")
    parser.add_argument("--ready-file", type=Path, help="JSON with url, port and pid, written when ready")


def serve(app: ASGIApp, listen: Listen, draining: Draining | None = None) -> None:
    """Serve until SIGTERM or SIGINT; requests under way get 10 seconds to end, and before that what drains
    its own time, unless a second signal ends that. ListenError if it can't."""
    for file in (listen.ssl_certfile, listen.ssl_keyfile):
        if file is not None and not file.is_file():
            raise ListenError(f"{file} is not a file: name the PEM file of the certificate and of its key")
    with _bound(listen) as listener:
        _Announced(server_config(app, listen), listen, draining).run(sockets=[listener])


def _bound(listen: Listen) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        return socket.create_server((listen.host, listen.port), family=family, backlog=2048)
    except OSError as error:
        reason = (error.strerror or "it is no address of this machine").lower()
        raise ListenError(
            f"Can't listen on {listen.host} port {listen.port}: {reason}. "
            "Choose another with --port, or end what runs there"
        ) from None


def server_config(app: ASGIApp, listen: Listen) -> Config:
    return Config(
        app,
        ssl_certfile=listen.ssl_certfile,
        ssl_keyfile=listen.ssl_keyfile,
        http=PromptHttpProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,  # it would hold request tokens and states
        server_header=False,
        proxy_headers=False,  # the client's address is the socket's: headers can be made up
        timeout_keep_alive=IDLE_SECONDS,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


class _Announced(Server):
    def __init__(self, config: Config, listen: Listen, draining: Draining | None) -> None:
        super().__init__(config)
        self._listen = listen
        self._draining = draining
        self._drain: asyncio.Task[None] | None = None
        self._told = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self.config.is_ssl:
            _expect_handshakes(asyncio.get_running_loop())
        await super().startup(sockets)
        # What was loaded stays: not looking at it again spares every collection most of its work.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECTED_AFTER)
        self._loop = asyncio.get_running_loop()
        port = self.servers[0].sockets[0].getsockname()[1]
        json_logger().info("listening", host=self._listen.host, port=port)
        scheme = "https" if self.config.is_ssl else "http"
        document = {"url": f"{scheme}://{self._listen.host}:{port}", "port": port, "pid": os.getpid()}
        if self._listen.ready_file is not None:
            write_whole(self._listen.ready_file, json.dumps(document))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._draining is None or self._loop is None or self._told:
            super().handle_exit(sig, frame)
            return
        self._told = True
        self._captured_signals.append(sig)
        self._loop.call_soon_threadsafe(self._begin_drain, self._draining)

    def _begin_drain(self, draining: Draining) -> None:
        draining.begin()
        json_logger().info("draining")
        self._drain = asyncio.ensure_future(self._exit_after(draining))

    async def _exit_after(self, draining: Draining) -> None:
        await draining.ended()
        self.should_exit = True


def _expect_handshakes(loop: asyncio.AbstractEventLoop) -> None:
    """Let the listeners that are made from now on end a connection whose TLS handshake takes its time:
    uvicorn has no option for it, and its protocol hears of a connection only afterwards."""
    make = partial(loop.create_server, ssl_handshake_timeout=HANDSHAKE_SECONDS)
    loop.create_server = make  # type: ignore[method-assign] # the loop is this server's own


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or none."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text)
    partial.replace(path)
