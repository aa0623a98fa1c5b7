"""Carriers in memory: each answers as scripted, and keeps what it was given."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.delivery import Lane
from gateway.transports.base import Message, Outcome, Receipt

Scripted = Outcome | Receipt | Callable[[Message], Awaitable[Receipt]]


@dataclass
class StubCarrier:
    """Accepts everything but what it was scripted for. `usual` is its answer when the script is over."""

    name: str
    timeout: float = 8.0
    usual: Scripted = Outcome.ACCEPTED
    script: deque[Scripted] = field(default_factory=deque)
    asked: list[Message] = field(default_factory=list)
    accepted: list[Message] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    given_up: int = 0
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, message: Message, seconds: float) -> Receipt:
        self.asked.append(message)
        self._arrived.set()
        self.seconds.append(seconds)
        answer = self.script.popleft() if self.script else self.usual
        try:
            receipt = await _receipt(answer, message)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if receipt.outcome is Outcome.ACCEPTED:
            self.accepted.append(message)
        return receipt

    async def reached(self, count: int = 1) -> None:
        """Returns when it has been asked so many times."""
        async with asyncio.timeout(10):
            while len(self.asked) < count:
                self._arrived.clear()
                await self._arrived.wait()

    def lane(self) -> Lane:
        return Lane(self.name, self.timeout, self.send)


async def _receipt(answer: Scripted, message: Message) -> Receipt:
    if isinstance(answer, Receipt):
        return answer
    if isinstance(answer, Outcome):
        reference = "carrier-reference" if answer is Outcome.ACCEPTED else None
        return Receipt(answer, reference, None if reference else "7")
    return await answer(message)


async def hang(_: Message) -> Receipt:
    """No answer, until somebody ends it."""
    await asyncio.Event().wait()
    raise AssertionError("nobody waits that long")


class Gate:
    """An answer that comes when the test says so."""

    def __init__(self, outcome: Outcome = Outcome.ACCEPTED) -> None:
        self._open = asyncio.Event()
        self._outcome = outcome

    async def __call__(self, _: Message) -> Receipt:
        await self._open.wait()
        return Receipt(self._outcome, "late")

    def open(self) -> None:
        self._open.set()
