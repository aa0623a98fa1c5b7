"""Remembers what was asked a moment ago, so that a repeat is answered without a second SMS.

One request is told by its digest, of recipient and text. It is pending while a carrier is asked, then
accepted, or unknown when nobody can tell and the stage wants at most one SMS; a failure is forgotten. One
that is pending for longer than a request may last was left by a gateway that died: it is abandoned.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from serving.store import KEY_PREFIX, StoreDownError, redis_answer
from serving.values import value

from .expiry import Expiry

if TYPE_CHECKING:
    from redis.asyncio import Redis

POLL_SECONDS = 0.1  # how often another gateway's progress is looked up
# A token without an end, or with a far one, isn't remembered for longer, and neither is an abandoned claim.
LONGEST_SECONDS = 600


class State(Enum):
    """What a claim found. OURS: nothing, and now it is pending by us; ABANDONED: the same, but whoever had it
    before never said how it ended, and may have sent it."""

    OURS = "ours"
    ABANDONED = "abandoned"
    PENDING = "pending"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"  # the token was used for another message: it was stolen on its way


@value
class Ticket:
    """One request. `keys` are what it is remembered by, its message and the token's id if it has one;
    `jti_seconds` how long the latter is; `owner` is the request's own id."""

    digest: str
    keys: tuple[str, ...]
    jti_seconds: int
    owner: str

    @classmethod
    def of(cls, digest: str, jti: str | None, seconds: float | None, owner: str) -> "Ticket":
        lasting = LONGEST_SECONDS if seconds is None else min(LONGEST_SECONDS, max(1, int(seconds) + 1))
        message = f"message:{digest}"
        return cls(digest, (message,) if jti is None else (message, f"token:{jti}"), lasting, owner)


class Replays(Protocol):
    """StoreDownError whenever the store doesn't answer."""

    async def claim(self, ticket: Ticket, seconds: int) -> State:
        """What is known of the request; when nothing is, or its claim has ended, it is ours for so many
        seconds. Claiming again what is ours already changes nothing else."""

    async def settle(self, ticket: Ticket, state: State, seconds: int) -> None:
        """Remember how it ended, for so many seconds."""

    async def release(self, ticket: Ticket) -> None:
        """Forget it, if it is ours still: a repeat is a request like any other."""

    async def changed(self, ticket: Ticket, seconds: float) -> bool:
        """Wait until a pending one may have ended; False when that takes longer than so many seconds."""


@dataclass(slots=True)
class _Entry:
    """`found`: what its claim was answered; a claim `ends` before it is forgotten, and is abandoned then."""

    state: State
    owner: str
    digest: str
    found: State
    ends: float
    forgotten: float


class MemoryReplays:
    """For one process."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._known: dict[str, _Entry] = {}
        self._ended: dict[str, asyncio.Event] = {}
        self._expiry = Expiry(self._ends, self._known.pop)

    async def claim(self, ticket: Ticket, seconds: int) -> State:
        now, found = self._now(), State.OURS
        self._expiry.run(now)
        for key in ticket.keys:
            entry = self._known.get(key)
            if entry is None or entry.forgotten <= now:
                continue
            if entry.digest != ticket.digest:
                return State.FOREIGN
            if entry.state is not State.PENDING:
                return entry.state
            if entry.owner == ticket.owner:
                found = entry.found
            elif entry.ends > now:
                return State.PENDING
            else:
                found = State.ABANDONED
        ends, forgotten = now + seconds, now + max(seconds, LONGEST_SECONDS)
        entry = _Entry(State.PENDING, ticket.owner, ticket.digest, found, ends, forgotten)
        for key in ticket.keys:
            self._put(key, entry)
        return found

    async def settle(self, ticket: Ticket, state: State, seconds: int) -> None:
        now = self._now()
        for key, lasting in zip(ticket.keys, (seconds, max(seconds, ticket.jti_seconds)), strict=False):
            ends = now + lasting
            self._put(key, _Entry(state, ticket.owner, ticket.digest, state, ends, ends))
        self._wake(ticket)

    async def release(self, ticket: Ticket) -> None:
        for key in ticket.keys:
            entry = self._known.get(key)
            if entry is not None and entry.owner == ticket.owner:
                del self._known[key]
        self._wake(ticket)

    async def changed(self, ticket: Ticket, seconds: float) -> bool:
        entry = next(filter(None, map(self._entry, ticket.keys)), None)
        if entry is None or entry.state is not State.PENDING:
            return True
        ended = self._ended.setdefault(ticket.digest, asyncio.Event())
        try:
            async with asyncio.timeout(min(seconds, entry.ends - self._now())):
                await ended.wait()
        except TimeoutError:
            return self._now() >= entry.ends
        return True

    def _entry(self, key: str) -> _Entry | None:
        entry = self._known.get(key)
        return entry if entry is not None and entry.forgotten > self._now() else None

    def _wake(self, ticket: Ticket) -> None:
        ended = self._ended.pop(ticket.digest, None)
        if ended is not None:
            ended.set()

    def _put(self, key: str, entry: _Entry) -> None:
        if key not in self._known:
            self._expiry.add(key, entry.ends)
        self._known[key] = entry

    def _ends(self, key: str) -> float | None:
        entry = self._known.get(key)
        return entry.forgotten if entry is not None else None


# A value is state and digest; a claim's is followed by what the claim was answered, when it ends and its
# owner: sent again because the answer was late, it finds itself. All keys of a request change together.
# The server's clock is the one that all gateways share. Times in milliseconds.
CLAIM = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = 'ours'
for _, key in ipairs(KEYS) do
  local known = redis.call('GET', key)
  if known then
    local state, digest, answer, ends, owner = string.match(known, '^(%a+) (%x+) ?(%a*) ?(%d*) ?(.*)$')
    if digest ~= ARGV[1] then return 'foreign' end
    if state ~= 'pending' then return state end
    if owner == ARGV[2] then found = answer
    elseif tonumber(ends) > now then return state
    else found = 'abandoned' end
  end
end
local ends = string.format('%.0f', now + ARGV[3] * 1000)
local claim = table.concat({'pending', ARGV[1], found, ends, ARGV[2]}, ' ')
for _, key in ipairs(KEYS) do redis.call('SET', key, claim, 'EX', ARGV[4]) end
return found
"""
SETTLE = """
for i, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[2] .. ' ' .. ARGV[1], 'EX', ARGV[2 + i])
end
"""
RELEASE = """
for _, key in ipairs(KEYS) do
  local digest, owner = string.match(redis.call('GET', key) or '', '^pending (%x+) %a+ %d+ (.*)$')
  if digest == ARGV[1] and owner == ARGV[2] then redis.call('DEL', key) end
end
"""


class RedisReplays:
    """For all gateways behind one Redis."""

    def __init__(self, redis: "Redis") -> None:
        self._claim: Callable[..., Awaitable[Any]] = redis.register_script(CLAIM)
        self._settle: Callable[..., Awaitable[Any]] = redis.register_script(SETTLE)
        self._release: Callable[..., Awaitable[Any]] = redis.register_script(RELEASE)

    async def claim(self, ticket: Ticket, seconds: int) -> State:
        arguments = [ticket.digest, ticket.owner, seconds, max(seconds, LONGEST_SECONDS)]
        try:
            answer = await redis_answer(self._claim(keys=_stored(ticket), args=arguments))
        except StoreDownError:
            # It may have arrived all the same, and nobody else would end it.
            with suppress(StoreDownError):
                await self.release(ticket)
            raise
        return State(answer.decode())

    async def settle(self, ticket: Ticket, state: State, seconds: int) -> None:
        arguments = [ticket.digest, state.value, seconds, max(seconds, ticket.jti_seconds)]
        await redis_answer(self._settle(keys=_stored(ticket), args=arguments))

    async def release(self, ticket: Ticket) -> None:
        await redis_answer(self._release(keys=_stored(ticket), args=[ticket.digest, ticket.owner]))

    async def changed(self, ticket: Ticket, seconds: float) -> bool:
        if seconds < POLL_SECONDS:
            return False
        await asyncio.sleep(POLL_SECONDS)
        return True


def _stored(ticket: Ticket) -> list[str]:
    return [f"{KEY_PREFIX}:sms:{key}" for key in ticket.keys]
