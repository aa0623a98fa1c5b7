"""A service as an ASGI application that starts when it is asked to."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from starlette.types import ASGIApp, Receive, Scope, Send

from .environment import SettingsError

Running = Callable[[], AbstractAsyncContextManager[ASGIApp]]


class Application:
    """Starts when the server starts it, or, where a host knows no start (ASGI lifespan is optional), at the
    first request; never when it is imported. `running` holds the application's connections open."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            app = self._app or await self._started()
            await app(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _started(self) -> ASGIApp:
        async with self._lock:
            if self._app is None:
                self._app = await self._stack.enter_async_context(self._running())
            return self._app

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._started()
        except SettingsError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def aclose(self) -> None:
        await self._stack.aclose()
