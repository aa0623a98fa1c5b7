"""Counts sends and tries. Without a store sending fails closed; checking goes on, counted by the process."""

import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from math import ceil
from typing import TypeVar

from limits import RateLimitItem, WindowStats
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter

from serving.addresses import address_group
from serving.store import StoreDownError, answer

from . import budgets
from .errors import RefusedError
from .sealing import derive_key

T = TypeVar("T")

# A store that failed isn't asked again for so long: each question to it would cost half a second.
REST_SECONDS = 5.0

KEY_INFO = "auth0-phone/limits/v1"


class Names:
    """Keys in the store: HMACs, so that whoever reads the store learns no number and no account."""

    def __init__(self, secret: str) -> None:
        self._key = derive_key(secret, KEY_INFO)

    def of(self, kind: str, value: str) -> str:
        return hmac.new(self._key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()[:40]


class SendLimits:
    """Who may be sent a code now. Every method raises StoreDownError when the store doesn't answer."""

    def __init__(self, store: Storage, names: Names, resend_seconds: int) -> None:
        self._moving = MovingWindowRateLimiter(store)
        self._fixed = FixedWindowRateLimiter(store)
        self._names = names
        self._interval = budgets.resend_interval(resend_seconds)

    async def first_arrival(self, jti: str) -> bool:
        """True once for each request token."""
        return await answer(self._fixed.hit(budgets.SENDS_ON_ARRIVAL, self._names.of("arrival", jti)))

    @asynccontextmanager
    async def sending(self, number: str) -> AsyncIterator[None]:
        """Hold a number while a code goes out: double clicks and parallel tabs must not send twice.

        It also makes `allow` and `count` one step: nobody else counts for this number in between.
        """
        name = self._names.of("sending", number)
        if not await answer(self._fixed.hit(budgets.SENDING, name)):
            raise RefusedError("send_wait", self._interval.get_expiry())
        try:
            yield
        finally:
            with suppress(StoreDownError):
                await answer(self._fixed.clear(budgets.SENDING, name))

    async def allow(self, number: str, sub: str, address: str | None) -> None:
        """RefusedError when a send would be too many; else it counts for the account and the address."""
        name = self._names.of("number", number)
        if wait := await self._wait(self._interval, name):
            raise RefusedError("send_wait", wait)
        for item in budgets.SENDS_PER_NUMBER:
            if wait := await self._wait(item, name):
                raise RefusedError("send_limit", wait)
        await self._hit(budgets.SENDS_PER_SUBJECT, self._names.of("sends", sub))
        if address and (group := address_group(address)):
            await self._hit(budgets.SENDS_PER_ADDRESS, self._names.of("address", group))

    async def count(self, number: str) -> None:
        """A code went out to this number, or may have."""
        name = self._names.of("number", number)
        for item in (self._interval, *budgets.SENDS_PER_NUMBER):
            await answer(self._moving.hit(item, name))

    async def approved(self, number: str) -> None:
        """The code was used: the next one for this number needn't wait for the countdown."""
        await answer(self._moving.clear(self._interval, self._names.of("number", number)))

    async def _hit(self, items: Sequence[RateLimitItem], name: str) -> None:
        for item in items:
            if not await answer(self._moving.hit(item, name)):
                raise RefusedError("send_limit", await self._seconds_left(item, name))

    async def _wait(self, item: RateLimitItem, name: str) -> int:
        free = await answer(self._moving.test(item, name))
        return 0 if free else await self._seconds_left(item, name)

    async def _seconds_left(self, item: RateLimitItem, name: str) -> int:
        return _seconds_left(await answer(self._moving.get_window_stats(item, name)))


class TryLimits:
    """Who may try a code now: counted before Twilio is asked, so that parallel tries can't pass."""

    def __init__(self, store: Storage, names: Names, on_fallback: Callable[[], None]) -> None:
        self._shared = FixedWindowRateLimiter(store)
        self._local = FixedWindowRateLimiter(MemoryStorage())
        self._names = names
        self._on_fallback = on_fallback
        self._resting_until = 0.0

    async def take(self, verification: str, sub: str) -> bool:
        """Use up one try; True when it was this verification's last. RefusedError when none is left."""
        tries, subject = self._names.of("tries", verification), self._names.of("failures", sub)
        for item in budgets.FAILURES:
            if not await self._hit(item, subject):
                raise RefusedError("subject_locked", await self._locked_for(subject))
        if not await self._hit(budgets.TRIES_PER_VERIFICATION, tries):
            await self._give_back_failures(subject)
            raise RefusedError("tries_used")
        return not await self._either(lambda limiter: limiter.test(budgets.TRIES_PER_VERIFICATION, tries))

    async def give_back(self, verification: str, sub: str) -> None:
        """Twilio gave no verdict: the try doesn't count."""
        tries, subject = self._names.of("tries", verification), self._names.of("failures", sub)
        await self._hit(budgets.TRIES_PER_VERIFICATION, tries, cost=-1)
        await self._give_back_failures(subject)

    async def approved(self, sub: str) -> None:
        """The code was right: no failure of this hour's, and the end of a row of failures."""
        subject = self._names.of("failures", sub)
        await self._hit(budgets.FAILURES_PER_SUBJECT, subject, cost=-1)
        await self._either(lambda limiter: limiter.clear(budgets.FAILURES_IN_A_ROW, subject))

    async def _give_back_failures(self, subject: str) -> None:
        for item in budgets.FAILURES:
            await self._hit(item, subject, cost=-1)

    async def _locked_for(self, subject: str) -> int:
        """Seconds until every budget that is used up is free again."""
        return max([await self._wait(item, subject) for item in budgets.FAILURES])

    async def _wait(self, item: RateLimitItem, name: str) -> int:
        free = await self._either(lambda limiter: limiter.test(item, name))
        if free:
            return 0
        return _seconds_left(await self._either(lambda limiter: limiter.get_window_stats(item, name)))

    async def _hit(self, item: RateLimitItem, name: str, cost: int = 1) -> bool:
        return await self._either(lambda limiter: limiter.hit(item, name, cost=cost))

    async def _either(self, question: Callable[[FixedWindowRateLimiter], Awaitable[T]]) -> T:
        if time.monotonic() >= self._resting_until:
            try:
                return await answer(question(self._shared))
            except StoreDownError:
                self._resting_until = time.monotonic() + REST_SECONDS
                self._on_fallback()
        return await question(self._local)


class ProbeLimits:
    """How often a host refuses to prove its keys. StoreDownError when the store doesn't answer."""

    def __init__(self, store: Storage, names: Names) -> None:
        self._fixed = FixedWindowRateLimiter(store)
        self._names = names

    async def reach(self) -> None:
        """Ask the store, and count nothing."""
        await answer(self._fixed.test(budgets.PROBES_PER_ADDRESS, self._names.of("probe", "")))

    async def refused(self, address: str | None) -> int:
        """Count one that is refused: 0 where that may be told, else the seconds until one may be."""
        # Whoever has no address on the internet, such as a neighbour behind the same proxy, is one client.
        name = self._names.of("probe", (address and address_group(address)) or "")
        if await answer(self._fixed.hit(budgets.PROBES_PER_ADDRESS, name)):
            return 0
        return _seconds_left(await answer(self._fixed.get_window_stats(budgets.PROBES_PER_ADDRESS, name)))


def _seconds_left(stats: WindowStats) -> int:
    return max(1, ceil(stats.reset_time - time.time()))
