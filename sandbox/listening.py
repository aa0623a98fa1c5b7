"""How an app of the sandbox is served on a socket, and stopped."""

import asyncio
import socket

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .middleware import ABORT
from .tls import Certificates
from .writes import Joining

_GRACE_SECONDS = 0.5


class Protocol(HttpToolsProtocol):
    """Lets an app cut its connection, as a network does; an answer goes out in one piece."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        super().connection_made(transport)
        self.transport = Joining(transport, self.loop)  # type: ignore[assignment] # all that uvicorn uses

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][ABORT] = lambda: self.transport.abort()


async def serve(app: ASGIApp, listener: socket.socket, certificates: Certificates) -> uvicorn.Server:
    """Answer on a bound socket until `stop`."""
    config = uvicorn.Config(
        app,
        interface="asgi3",
        http=Protocol,
        ws="none",
        lifespan="off",
        ssl_certfile=str(certificates.cert),
        ssl_keyfile=str(certificates.key),
        log_config=None,
        access_log=False,
        server_header=False,
        # Dated by the middleware: uvicorn's own header needs a timer that wakes ten times a second.
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    return server


async def stop(server: uvicorn.Server) -> None:
    """Let what is being answered finish, then hang up: idle connections would hold us up."""
    for listener in server.servers:
        listener.close()
    if tasks := set(server.server_state.tasks):
        _, late = await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        for task in late:
            task.cancel()
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    await server.shutdown()
