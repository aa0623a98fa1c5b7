"""The background sender: it waits without looking, sends at once, and lets no message hold up another."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sandbox import phone
from sandbox.alarm import Alarm
from sandbox.clock import Clock
from sandbox.context import Sandbox
from sandbox.phone import records
from sandbox.phone.delivery import DELAYS, sending

from . import phone_driver as driver

pytestmark = pytest.mark.anyio


class Slow(driver.Runner):
    """Keeps the codes in `held` waiting until they are let go."""

    def __init__(self, *held: str) -> None:
        super().__init__({})
        self._held = {code: asyncio.Event() for code in held}

    def let_go(self, code: str) -> None:
        self._held[code].set()

    async def execute(self, request: Any) -> dict[str, Any]:
        code = request["event"]["notification"]["code"]
        if code in self._held:
            await self._held[code].wait()
        return await super().execute(request)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for is in the store, which tells nobody
            await asyncio.sleep(0)


def sent(runner: driver.Runner) -> list[str]:
    return [event["notification"]["code"] for event in runner.events]


async def deliver(sandbox: Sandbox, code: str) -> None:
    await phone.deliver(sandbox, driver.notification(sandbox, code=code))


async def test_a_slow_message_holds_up_no_other(sandbox: Sandbox) -> None:
    driver.with_provider(sandbox)
    sandbox.runner = runner = Slow("1111")
    async with sending(sandbox):
        await deliver(sandbox, "1111")
        await deliver(sandbox, "2222")
        await until(lambda: sent(runner) == ["2222"])
        runner.let_go("1111")
        await until(lambda: sent(runner) == ["2222", "1111"])
    assert {record["state"] for record in sandbox.store.all(records.KIND)} == {"delivered"}


async def test_a_message_under_way_is_not_begun_again(sandbox: Sandbox) -> None:
    driver.with_provider(sandbox)
    sandbox.runner = runner = Slow("1111")
    async with sending(sandbox):
        await deliver(sandbox, "1111")
        for _ in range(3):
            await deliver(sandbox, "2222")
            sandbox.clock.advance(60)
        await until(lambda: len(sent(runner)) == 3)
        runner.let_go("1111")
        await until(lambda: "1111" in sent(runner))
    assert sorted(sent(runner)) == ["1111", "2222", "2222", "2222"]


async def test_the_clock_wakes_the_sender(sandbox: Sandbox) -> None:
    runner = driver.with_provider(sandbox, driver.commands(("retry", "away")), {})
    async with sending(sandbox):
        await deliver(sandbox, "1111")
        await until(lambda: driver.record(sandbox)["tries"] != [])
        assert driver.record(sandbox)["state"] == "waiting"
        sandbox.clock.advance(DELAYS[0])
        await until(lambda: driver.record(sandbox)["state"] == "delivered")
    assert len(runner.events) == 2


async def test_what_is_under_way_at_the_end_is_tried_by_the_next_start(sandbox: Sandbox) -> None:
    driver.with_provider(sandbox)
    sandbox.runner = Slow("1111")
    async with sending(sandbox):
        await deliver(sandbox, "1111")
        await asyncio.sleep(0)
    assert driver.record(sandbox)["tries"] == []
    sandbox.runner = runner = driver.Runner({})
    async with sending(sandbox):
        await until(lambda: sent(runner) == ["1111"])


async def test_nothing_is_looked_at_while_nothing_is_due(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    due = records.due

    def counted(given: Sandbox) -> list[Any]:
        nonlocal looks
        looks += 1
        return due(given)

    monkeypatch.setattr(records, "due", counted)
    driver.with_provider(sandbox)
    sandbox.runner = runner = Slow("1111")
    async with sending(sandbox):
        # One is under way, one waits for its next try.
        await deliver(sandbox, "1111")
        later = {**records.new(sandbox, driver.notification(sandbox)), "due_at": sandbox.clock.now() + 60}
        records.update(sandbox, later)
        for _ in range(1000):
            await asyncio.sleep(0)
        assert runner.events == []
    assert looks <= 4


async def test_a_failing_sender_is_no_secret(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(given: Sandbox) -> list[Any]:
        raise RuntimeError("broken")

    monkeypatch.setattr(records, "due", broken)
    with pytest.raises(BaseExceptionGroup):
        async with sending(sandbox):
            await asyncio.sleep(0)


async def waited(alarm: Alarm, seconds: float | None) -> bool:
    """Whether the wait ended before a test loses its patience."""
    try:
        async with asyncio.timeout(0.05):
            await alarm.wait(seconds)
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("attached", [True, False])
async def test_a_ring_ends_a_wait_where_somebody_waits(attached: bool) -> None:
    alarm = Alarm()
    if attached:
        alarm.attach()
    alarm.ring()
    await asyncio.sleep(0)
    assert await waited(alarm, None) == attached
    assert not await waited(alarm, None)


async def test_a_wait_ends_in_time_by_itself() -> None:
    assert await waited(Alarm(), 0.01)


async def test_a_ring_may_come_from_another_thread() -> None:
    clock = Clock()
    clock.alarm.attach()

    _, ended = await asyncio.gather(asyncio.to_thread(clock.advance, 1), waited(clock.alarm, None))
    assert ended


async def test_a_ring_after_the_loops_end_is_nothing() -> None:
    alarm = Alarm()

    async def attach() -> None:
        alarm.attach()

    await asyncio.to_thread(asyncio.run, attach())
    alarm.ring()
    assert not await waited(alarm, None)
