"""Serves the form with uvicorn, set up for strangers: no access log, no banner, nothing endless."""

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from uvicorn import Config, Server

from .app import Form
from .connections import PromptHttpProtocol
from .logs import json_logger
from .settings import Settings

IDLE_SECONDS = 15
CONNECTIONS = 2000
SHUTDOWN_SECONDS = 10


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


def serve(settings: Settings, listen: Listen) -> None:
    """Serve until SIGTERM or SIGINT; requests under way get 10 seconds to end. ListenError if it can't."""
    for file in (listen.ssl_certfile, listen.ssl_keyfile):
        if file is not None and not file.is_file():
            raise ListenError(f"{file} is not a file: name the PEM file of the certificate and of its key")
    with _bound(listen) as listener:
        _Announced(server_config(settings, listen), listen).run(sockets=[listener])


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


def server_config(settings: Settings, listen: Listen) -> Config:
    return Config(
        Form(lambda: settings),
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
    def __init__(self, config: Config, listen: Listen) -> None:
        super().__init__(config)
        self._listen = listen

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        json_logger().info("listening", host=self._listen.host, port=port)
        scheme = "https" if self.config.is_ssl else "http"
        document = {"url": f"{scheme}://{self._listen.host}:{port}", "port": port, "pid": os.getpid()}
        if self._listen.ready_file is not None:
            write_whole(self._listen.ready_file, json.dumps(document))


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or none."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text)
    partial.replace(path)
