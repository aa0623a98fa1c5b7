"""An end to waiting, for what every request does."""

import asyncio
from types import TracebackType


class Patience:
    """As `asyncio.timeout`: TimeoutError when a block takes longer than so many seconds. It can't be put off,
    and costs a fifth: one timer serves all the blocks, and the loop is looked up once, which is a system call
    on Python 3.11."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waits: dict[_Wait, float] = {}  # the moments when they are over, the next one first
        self._loop: asyncio.AbstractEventLoop | None = None  # the timer's, while there is one

    def wait(self) -> "_Wait":
        """The context manager for one block."""
        return _Wait(self)

    def begin(self, wait: "_Wait", loop: asyncio.AbstractEventLoop) -> None:
        over = self._waits[wait] = loop.time() + self._seconds
        if self._loop is not loop:
            self._loop = loop
            loop.call_at(over, self._look)

    def end(self, wait: "_Wait") -> None:
        self._waits.pop(wait, None)

    def _look(self) -> None:
        loop, self._loop = asyncio.get_running_loop(), None
        now = loop.time()
        while self._waits:
            wait, over = next(iter(self._waits.items()))
            if over > now:
                self._loop = loop
                loop.call_at(over, self._look)
                return
            del self._waits[wait]
            wait.give_up()


class _Wait:
    """One block. Only a task's waiting can be ended: RuntimeError elsewhere."""

    __slots__ = ("_cancelling", "_over", "_patience", "_task")

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._over = False

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("only a task's waiting can be ended")
        self._task = task
        self._cancelling = task.cancelling()
        self._patience.begin(self, loop)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._patience.end(self)
        # A task that somebody else cancels as well stays cancelled.
        if self._over and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def give_up(self) -> None:
        self._over = True
        self._task.cancel()
