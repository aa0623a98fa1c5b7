"""Moving windows, taken all or none: what one of them refuses counts in none of the others.

The strategies of the library `limits` count one window after another; its notation and its windows are used
here, the counting is one step: in this process's memory, or one script in the Redis that gateways share.
"""

import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Protocol

from limits import RateLimitItem

from serving.store import KEY_PREFIX, StoreDownError, redis_answer

from .expiry import Expiry

if TYPE_CHECKING:
    from redis.asyncio import Redis


@dataclass(frozen=True, slots=True, eq=False)
class Limit:
    """What one kind of thing may have: several windows, each an amount and its seconds. `most` is the
    largest amount, `longest` the longest window. Made once: two of them are never the same one."""

    kind: str
    windows: tuple[tuple[int, int], ...]
    most: int
    longest: int

    @classmethod
    def of(cls, kind: str, items: Sequence[RateLimitItem], times: int = 1) -> "Limit":
        windows = tuple((item.amount * times, item.get_expiry()) for item in items)
        most = max((amount for amount, _ in windows), default=0)
        return cls(kind, windows, most, max((seconds for _, seconds in windows), default=0))


Counts = Sequence[tuple[Limit, str]]  # what to count: a limit, and by whose name


class FullError(Exception):
    """A window is full; `kind` says which, `wait` for how many seconds."""

    def __init__(self, kind: str, wait: int) -> None:
        super().__init__(kind)
        self.kind = kind
        self.wait = wait


class Windows(Protocol):
    """StoreDownError whenever the store doesn't answer."""

    async def take(self, counts: Counts) -> str:
        """Take one of each, and return the moment's name; FullError when any is full, and none is taken."""

    async def give_back(self, counts: Counts, moment: str) -> None:
        """Undo a take: nothing came of it."""


class MemoryWindows:
    """For one process."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._taken: dict[tuple[Limit, str], list[float]] = {}
        self._expiry = Expiry(self._ends, self._taken.pop)

    async def take(self, counts: Counts) -> str:
        now = self._now()
        self._expiry.run(now)
        longest, full = 0.0, ""
        for count in counts:
            taken = self._taken.get(count)
            if taken is None:
                continue
            for amount, seconds in count[0].windows:
                if len(taken) >= amount and (left := taken[-amount] + seconds - now) > longest:
                    longest, full = left, count[0].kind
        if full:
            raise FullError(full, ceil(longest))
        for count in counts:
            self._add(count, now)
        return repr(now)

    async def give_back(self, counts: Counts, moment: str) -> None:
        for count in counts:
            taken = self._taken.get(count, [])
            if float(moment) in taken:
                taken.remove(float(moment))

    def _add(self, count: tuple[Limit, str], now: float) -> None:
        limit = count[0]
        if not limit.windows:
            return
        taken = self._taken.get(count)
        if taken is None:
            self._taken[count] = [now]
            self._expiry.add(count, now + limit.longest)
            return
        taken.append(now)
        middle = len(taken) // 2
        # Half at once, so that each costs next to nothing.
        if middle >= limit.most or taken[middle] + limit.longest <= now:
            del taken[:middle]

    def _ends(self, count: tuple[Limit, str]) -> float | None:
        taken = self._taken.get(count)
        if taken is None:
            return None
        return taken[-1] + count[0].longest if taken else 0.0


# Newest first, as many as the largest window allows. One key for each limit and name; its arguments are how
# many windows it has, their amounts and seconds, the largest amount and the longest seconds. The last key and
# the last argument are the take's own: its moment is kept there for so many seconds, so that one that is sent
# again, because its answer was late, counts once, and can be given back by a caller that never heard of it.
# The server's clock is the one that all gateways share. Times in microseconds.
TAKE = """
local name = table.remove(KEYS)
if redis.call('EXISTS', name) == 1 then return {0, '0'} end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wait, full, at = 0, 0, 1
for i, key in ipairs(KEYS) do
  for window = 1, ARGV[at] do
    local oldest = redis.call('LINDEX', key, ARGV[at + 2 * window - 1] - 1)
    local left = oldest and oldest + ARGV[at + 2 * window] * 1000000 - now or 0
    if left > wait then wait, full = left, i end
  end
  at = at + 2 * ARGV[at] + 3
end
if full > 0 then return {full, string.format('%.0f', math.ceil(wait / 1000000))} end
local moment = string.format('%.0f', now)
at = 1
for _, key in ipairs(KEYS) do
  local most = at + 2 * ARGV[at] + 1
  if ARGV[at] ~= '0' then
    redis.call('LPUSH', key, moment)
    redis.call('LTRIM', key, 0, ARGV[most] - 1)
    redis.call('EXPIRE', key, ARGV[most + 1])
  end
  at = most + 2
end
redis.call('SET', name, moment, 'EX', ARGV[at])
return {0, '0'}
"""
GIVE_BACK = """
local name = table.remove(KEYS)
local moment = redis.call('GET', name)
if not moment then return end
redis.call('DEL', name)
for _, key in ipairs(KEYS) do redis.call('LREM', key, 1, moment) end
"""
# A take can be given back for so long: as long as a request may last, and a little longer.
TAKEN_SECONDS = 30
IDS = random.Random()  # noqa: S311 # seeded by the system; a name has to be new, not secret


class RedisWindows:
    """For all gateways behind one Redis."""

    def __init__(self, redis: "Redis") -> None:
        self._take: Callable[..., Awaitable[Any]] = redis.register_script(TAKE)
        self._give_back: Callable[..., Awaitable[Any]] = redis.register_script(GIVE_BACK)

    async def take(self, counts: Counts) -> str:
        arguments: list[int] = []
        for limit, _ in counts:
            windows = [number for window in limit.windows for number in window]
            arguments += [len(limit.windows), *windows, limit.most, limit.longest]
        arguments.append(TAKEN_SECONDS)
        moment = f"{IDS.getrandbits(64):016x}"
        try:
            answer = await redis_answer(self._take(keys=_stored(counts, moment), args=arguments))
        except StoreDownError:
            # It may have been counted all the same.
            with suppress(StoreDownError):
                await self.give_back(counts, moment)
            raise
        full, wait = answer
        if full:
            raise FullError(counts[full - 1][0].kind, int(wait))
        return moment

    async def give_back(self, counts: Counts, moment: str) -> None:
        await redis_answer(self._give_back(keys=_stored(counts, moment)))


def _stored(counts: Counts, moment: str) -> list[str]:
    keys = [f"{limit.kind}:{name}" for limit, name in counts]
    return [f"{KEY_PREFIX}:sms:{key}" for key in (*keys, f"taken:{moment}")]
