"""`Patience` ends waiting as `asyncio.timeout` does, with one timer for all who wait."""

import asyncio

import pytest

from serving.timing import Patience

pytestmark = pytest.mark.anyio


async def _passed(seconds: float) -> None:
    """Returns when so much time has passed, by a clock that isn't what is tried."""
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, passed.set)
    await passed.wait()


async def _ended(patience: Patience) -> None:
    """Wait until it is ended, and not for ever where it isn't."""
    task = asyncio.current_task()
    assert task is not None
    guard = asyncio.get_running_loop().call_later(5, task.cancel)
    with pytest.raises(TimeoutError), patience.wait():
        await asyncio.Event().wait()
    guard.cancel()


async def test_what_takes_too_long_is_ended() -> None:
    await _ended(Patience(0.01))


async def test_what_ends_in_time_is_left_alone() -> None:
    patience = Patience(0.01)
    with patience.wait():
        await asyncio.sleep(0)
    await _passed(0.03)
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr] # in a task, there is one


async def test_other_errors_pass() -> None:
    with pytest.raises(ValueError, match="other"), Patience(1).wait():
        raise ValueError("other")


async def test_a_time_that_is_over_already_ends_the_first_wait() -> None:
    with pytest.raises(TimeoutError), Patience(-1).wait():
        await asyncio.Event().wait()


async def test_who_cancels_the_task_cancels_it() -> None:
    begun = asyncio.Event()

    async def waiting() -> None:
        with Patience(10).wait():
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(waiting())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled_and_over_at_once_is_cancelled() -> None:
    async def waiting() -> None:
        wait = Patience(10).wait()
        with wait:
            wait.give_up()
            asyncio.current_task().cancel()  # type: ignore[union-attr] # in a task, there is one
            await asyncio.Event().wait()

    task = asyncio.ensure_future(waiting())
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_of_two_the_one_whose_time_is_over_says_so() -> None:
    with Patience(10).wait(), pytest.raises(TimeoutError), Patience(0.01).wait():
        await asyncio.Event().wait()
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr] # in a task, there is one


async def test_each_of_many_has_its_whole_time_and_no_more() -> None:
    patience, lasted = Patience(0.2), []
    loop = asyncio.get_running_loop()

    async def waiting(after: float) -> None:
        await _passed(after)
        began = loop.time()
        await _ended(patience)
        lasted.append(loop.time() - began)

    await asyncio.gather(*(waiting(after / 50) for after in range(10)))
    assert len(lasted) == 10
    assert min(lasted) > 0.19
    assert max(lasted) < 1


async def test_who_waits_after_all_others_have_ended_is_ended_too() -> None:
    patience = Patience(0.02)
    for _ in range(2):
        await _ended(patience)


def test_it_outlives_its_loop() -> None:
    patience = Patience(0.02)

    async def ends_in_time() -> None:
        with patience.wait():
            await asyncio.sleep(0)

    asyncio.run(ends_in_time())
    asyncio.run(_ended(patience))


def test_only_a_task_can_wait() -> None:
    with pytest.raises(RuntimeError), Patience(1).wait():
        pass
