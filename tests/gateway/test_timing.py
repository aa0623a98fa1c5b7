"""`Within` ends waiting as `asyncio.timeout` does."""

import asyncio

import pytest

from serving.timing import Within

pytestmark = pytest.mark.anyio


async def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(TimeoutError), Within(0.01):
        await asyncio.Event().wait()


async def test_what_ends_in_time_is_left_alone() -> None:
    within = Within(60)
    with within:
        await asyncio.sleep(0)
    assert within._handle.cancelled()


async def test_other_errors_pass() -> None:
    with pytest.raises(ValueError, match="other"), Within(1):
        raise ValueError("other")


async def test_a_time_that_is_over_already_ends_the_first_wait() -> None:
    with pytest.raises(TimeoutError), Within(-1):
        await asyncio.Event().wait()


async def test_who_cancels_the_task_cancels_it() -> None:
    begun = asyncio.Event()

    async def waiting() -> None:
        with Within(10):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(waiting())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled_and_over_at_once_is_cancelled() -> None:
    async def waiting() -> None:
        within = Within(10)
        with within:
            within._end()
            asyncio.current_task().cancel()  # type: ignore[union-attr] # in a task, there is one
            await asyncio.Event().wait()

    task = asyncio.ensure_future(waiting())
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_of_two_the_one_whose_time_is_over_says_so() -> None:
    with Within(10), pytest.raises(TimeoutError), Within(0.01):
        await asyncio.Event().wait()
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr] # in a task, there is one
