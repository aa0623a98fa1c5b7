"""The address where the production deployment answers, and what stands there while there is none."""

import asyncio
import contextlib
import socket
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .process import Machine, NotStartedError, Process, Release

_SERVE_SECONDS = 10.0
_AGAIN_SECONDS = 10.0
# A process that ends by itself is started again, so many times within so many seconds.
RESTARTS = 3
_WITHIN_SECONDS = 60.0

_MISSING = ("The deployment could not be found on Vercel.", "DEPLOYMENT_NOT_FOUND", 404)
_CRASHED = ("A server error has occurred", "FUNCTION_INVOCATION_FAILED", 500)

Serve = Callable[[ASGIApp, socket.socket], Awaitable[uvicorn.Server]]
Stop = Callable[[uvicorn.Server], Awaitable[None]]


class Site:
    """One listening socket for all that ever answers there.

    Whoever takes over accepts from the same queue, so that no connection is refused in between.
    """

    def __init__(self, listener: socket.socket, machine: Machine, serve: Serve, stop: Stop) -> None:
        """`serve` and `stop` run an app of ours on a socket."""
        self._listener = listener
        self._machine = machine
        self._serve = serve
        self._stop = stop
        self._page = _MISSING
        self._placeholder: uvicorn.Server | None = None
        self._current: Process | None = None
        self._hosts: Collection[str] = ()
        # Grows whenever something else shall stand here: what was begun before that comes too late.
        self._turns = 0
        self._exchange = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._crashes: deque[float] = deque(maxlen=RESTARTS)

    @property
    def pid(self) -> int | None:
        """The process that answers, if any."""
        return self._current.pid if self._current else None

    async def open(self) -> None:
        """Begin with the page that there is nothing."""
        await self._hold(_MISSING)

    async def prepare(self, release: Release, seconds: float) -> Process:
        """A process for the release that is ready and does not answer yet, or NotStartedError."""
        process = await Process.start(release, self._machine)
        try:
            await process.started(seconds)
        except asyncio.CancelledError:
            await process.kill()
            raise
        return process

    async def show(self, process: Process, hosts: Collection[str]) -> None:
        """Let it answer to these names; when this returns, nothing else does any more."""
        async with self._exchange:
            self._turns += 1
            self._hosts = hosts
            self._crashes.clear()
            await self._take_over(process)

    async def clear(self) -> None:
        """End what answers: there is no deployment any more."""
        await self._empty(_MISSING)

    async def fail(self) -> None:
        """There is a deployment, and it does not run."""
        await self._empty(_CRASHED)

    def name(self, hosts: Collection[str]) -> None:
        """Change the names that are answered to."""
        self._hosts = hosts
        if self._current is not None:
            self._current.name(hosts)

    async def close(self) -> None:
        self._turns += 1
        process, self._current = self._current, None
        await self._release()
        if process is not None:
            await process.retire()
            await process.end()
        for task in list(self._tasks):
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _take_over(self, process: Process) -> None:
        before = self._current
        try:
            await process.serve(self._hosts, _SERVE_SECONDS)
        except asyncio.CancelledError:
            await process.kill()
            raise
        self._current = process
        await self._release()
        self._keep(self._watch(process))
        if before is not None:
            await before.retire()
            self._keep(before.end())

    async def _empty(self, page: tuple[str, str, int]) -> None:
        async with self._exchange:
            self._turns += 1
            before, self._current = self._current, None
            await self._hold(page)
            if before is not None:
                await before.retire()
                self._keep(before.end())

    async def _watch(self, process: Process) -> None:
        await process.ended()
        if process is not self._current:
            return
        turn, now = self._turns, time.monotonic()
        self._current = None
        if len(self._crashes) == RESTARTS and now - self._crashes[0] < _WITHIN_SECONDS:
            await self.fail()
            return
        self._crashes.append(now)
        try:
            await self._again(process.release, turn)
        except NotStartedError:
            await self.fail()

    async def _again(self, release: Release, turn: int) -> None:
        fresh = await self.prepare(release, _AGAIN_SECONDS)
        async with self._exchange:
            if turn == self._turns:
                await self._take_over(fresh)
            else:
                await fresh.kill()

    async def _hold(self, page: tuple[str, str, int]) -> None:
        self._page = page
        if self._placeholder is None:
            # A copy of the socket: the queue of connections lives on when the copy is closed.
            self._placeholder = await self._serve(self._answer, self._listener.dup())

    async def _release(self) -> None:
        placeholder, self._placeholder = self._placeholder, None
        if placeholder is not None:
            await self._stop(placeholder)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        message, code, status = self._page
        text = f"{message}\n\n{code}\n"
        await PlainTextResponse(text, status, {"x-vercel-error": code})(scope, receive, send)

    def _keep(self, work: Awaitable[None]) -> None:
        async def done() -> None:
            await work

        task = asyncio.create_task(done())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
