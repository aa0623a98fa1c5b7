"""The program of the process that serves a deployment; started by its file, with the deployment's folder
as working directory and the variables of its project as environment.

    host.py LISTENER CERTIFICATE KEY FILE NAME

LISTENER is an inherited listening socket, FILE and NAME say where the application is. It tells on its output
how far it is, one word a line: `started` (imported, its lifespan begun), `serving`, `closed` (takes no more
connections). On its input come lines of JSON: {"hosts": [names it answers to]}; the first one lets it serve.
The end of its input is the end of the sandbox, and its own at once.

It runs outside the sandbox's package, with another's dependencies: it imports uvicorn and nothing of ours.
"""

import asyncio
import importlib.util
import json
import logging
import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn

_SHUTDOWN_SECONDS = 10
_GOODBYE_SECONDS = 0.4
_SILENCE_SECONDS = 2.0
_POLL_SECONDS = 0.02
# Nothing of these comes from outside. (https://vercel.com/docs/headers/request-headers)
_OURS = (b"x-vercel-", b"x-forwarded-", b"x-real-ip", b"forwarded", b"x-middleware-")
# What stands for the deployment's own address, whatever its domains are.
_DIRECT = {"localhost", "127.0.0.1", "::1"}
_NOT_FOUND = (
    b"The deployment could not be found on Vercel.\n\nDEPLOYMENT_NOT_FOUND\n\n"
    b"This name is no domain of the project that is deployed here.\n"
)


class Line:
    """The connection with the sandbox."""

    def __init__(self) -> None:
        # The application prints to the log, not into this conversation.
        self._told = os.dup(1)
        os.dup2(2, 1)
        self.hosts: set[str] = set()
        self.turn = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def tell(self, word: str) -> None:
        os.write(self._told, word.encode() + b"\n")

    def _listen(self) -> None:
        kept = b""
        while chunk := os.read(0, 65536):
            *lines, kept = (kept + chunk).split(b"\n")
            for line in lines:
                self.hosts = {*json.loads(line)["hosts"]}
                self.turn.set()
        os._exit(1)


class Proxy:
    """What stands before a deployment: it knows its names, and who the visitor is."""

    def __init__(self, app: Any, line: Line) -> None:
        self._app = app
        self._line = line

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)

    async def _request(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(name, value) for name, value in scope["headers"] if not name.startswith(_OURS)]
        given = next((value for name, value in headers if name == b"host"), b"")
        if _name(given) not in self._line.hosts | _DIRECT:
            await _not_found(send)
            return
        visitor = scope["client"][0].encode()
        headers += [(name, visitor) for name in (b"x-vercel-forwarded-for", b"x-forwarded-for", b"x-real-ip")]
        headers += [(b"x-forwarded-host", given), (b"x-forwarded-proto", b"https")]
        # The socket is the proxy's, as it is at Vercel: who takes it for the visitor takes all for one.
        await self._app({**scope, "headers": headers, "client": ("127.0.0.1", 0)}, receive, send)

    async def _lifespan(self, scope: Any, receive: Any, send: Any) -> None:
        begun = False

        async def hear() -> Any:
            nonlocal begun
            begun = True
            return await receive()

        async def pass_on(message: Any) -> None:
            if message["type"] == "lifespan.startup.complete":
                await self._wait()
            await send(message)

        try:
            await self._app(scope, hear, pass_on)
        except Exception:
            if begun:
                raise
            # An application without lifespan is as good as any.
            await receive()
            await pass_on({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})

    async def _wait(self) -> None:
        self._line.tell("started")
        await asyncio.get_running_loop().run_in_executor(None, self._line.turn.wait)


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, line: Line) -> None:
        super().__init__(config)
        self._line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._line.tell("serving")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        self._line.tell("closed")
        began = time.monotonic()
        while not self._is_over(time.monotonic() - began):  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(_POLL_SECONDS)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)

    def _is_over(self, seconds: float) -> bool:
        """Whether all who came before the end have been answered, or have had their time.

        Who is connected and has asked nothing yet still may: no visitor shall notice the exchange. Nor are
        connections known whose TLS handshake is under way, so there is always a while to wait.
        """
        connections = list(self.server_state.connections)
        silent = [each for each in connections if getattr(each, "cycle", None) is None]
        for connection in connections:
            if connection not in silent or seconds > _SILENCE_SECONDS:
                connection.shutdown()
        if self.server_state.tasks:
            return seconds > _SHUTDOWN_SECONDS
        # Who was told of the end may never say that it heard it, and TLS would wait for that.
        return seconds > (_SILENCE_SECONDS if silent else _GOODBYE_SECONDS)


def load(file: str, name: str) -> Any:
    """The application, with its folder's modules importable."""
    folder = Path.cwd()
    sys.path.insert(0, str(folder))
    module_name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    spec = importlib.util.spec_from_file_location(module_name, folder / file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    app = getattr(module, name)
    if not callable(app):
        raise TypeError(f"{name} in {file} is no application: it can't be called")
    return app


def main(listener: str, certificate: str, key: str, file: str, name: str) -> None:
    line = Line()
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    config = uvicorn.Config(
        Proxy(load(file, name), line),
        interface="asgi3",
        ws="none",
        lifespan="on",
        ssl_certfile=certificate,
        ssl_keyfile=key,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    Server(config, line).run(sockets=[socket.socket(fileno=int(listener))])
    sys.exit(3 if not line.turn.is_set() else 0)


def _name(host: bytes) -> str:
    text = host.decode("latin-1").lower()
    name = text.partition("]")[0] if text.startswith("[") else text.partition(":")[0]
    return name.removeprefix("[").removesuffix(".")


async def _not_found(send: Any) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-vercel-error", b"DEPLOYMENT_NOT_FOUND")]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": _NOT_FOUND})


if __name__ == "__main__":
    main(*sys.argv[1:])
