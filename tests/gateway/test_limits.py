"""How much may be sent: by number, neighbourhood, country, client and in all; refused ones count nowhere."""

import asyncio
import gc
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from types import FunctionType, ModuleType

import limits
import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.app import Store
from gateway.budgets import WIDER, neighbours
from gateway.replay import MemoryReplays, RedisReplays
from gateway.transports.base import Outcome
from gateway.windows import FullError, Limit, MemoryWindows, RedisWindows, Windows
from serving.store import open_redis
from tests.form.redis_server import RedisServer

from . import made
from .conftest import MakeSite
from .site import Site
from .stubs import StubCarrier

pytestmark = pytest.mark.anyio


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def limit(kind: str, notation: str) -> Limit:
    return Limit.of(kind, limits.parse_many(notation))


@asynccontextmanager
async def redis_windows(server: RedisServer) -> AsyncIterator[Windows]:
    server.command("FLUSHALL")
    async with open_redis(server.url) as redis:
        yield RedisWindows(redis)


@pytest.fixture(params=["memory", "redis"])
async def windows(request: pytest.FixtureRequest, redis_server: RedisServer) -> AsyncIterator[Windows]:
    if request.param == "memory":
        yield MemoryWindows()
        return
    async with redis_windows(redis_server) as opened:
        yield opened


async def taken(windows: Windows, *counts: tuple[Limit, str]) -> bool:
    try:
        await windows.take(counts)
    except FullError:
        return False
    return True


async def test_a_window_has_so_many_and_no_more(windows: Windows) -> None:
    three = limit("number", "3/10minute;5/hour")
    assert [await taken(windows, (three, "a")) for _ in range(5)] == [True, True, True, False, False]
    assert await taken(windows, (three, "b"))
    with pytest.raises(FullError) as full:
        await windows.take([(three, "a")])
    assert full.value.kind == "number"
    assert 590 < full.value.wait <= 600


async def test_a_refused_one_counts_in_no_window(windows: Windows) -> None:
    one, many = limit("number", "1/hour"), limit("total", "3/hour")
    assert await taken(windows, (many, ""), (one, "a"))
    for _ in range(20):
        assert not await taken(windows, (many, ""), (one, "a"))
    assert await taken(windows, (many, ""), (one, "b"))
    assert await taken(windows, (many, ""), (one, "c"))
    assert not await taken(windows, (many, ""), (one, "d"))


async def test_what_is_given_back_can_be_taken_again(windows: Windows) -> None:
    one = limit("number", "1/hour;2/day")
    moment = await windows.take([(one, "a")])
    assert not await taken(windows, (one, "a"))
    await windows.give_back([(one, "a")], moment)
    await windows.give_back([(one, "a")], moment)
    assert await taken(windows, (one, "a"))
    assert not await taken(windows, (one, "a"))


async def test_t24_parallel_ones_cannot_pass_together(windows: Windows) -> None:
    three = limit("number", "3/hour")
    passed = await asyncio.gather(*(taken(windows, (three, "a")) for _ in range(50)))
    assert sum(passed) == 3


async def test_no_limit_is_no_limit(windows: Windows) -> None:
    none = Limit.of("country", [])
    assert all([await taken(windows, (none, "GB")) for _ in range(10)])
    assert await taken(windows)


def test_a_window_moves() -> None:
    clock = Clock()
    windows, three = MemoryWindows(clock), limit("number", "3/10minute")

    async def at(seconds: float) -> bool:
        clock.now = 1000 + seconds
        return await taken(windows, (three, "a"))

    async def story() -> list[bool]:
        return [await at(s) for s in (0, 300, 599, 599.5, 600, 601, 900, 901, 1199, 1200)]

    assert asyncio.run(story()) == [True, True, True, False, True, False, True, False, True, True]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ab")), min_size=1, max_size=60),
    st.integers(1, 4),
    st.integers(5, 60),
)
@settings(max_examples=100)
def test_never_more_than_the_amount_in_any_stretch(
    steps: list[tuple[int, str]], amount: int, seconds: int
) -> None:
    clock = Clock()
    windows, few = MemoryWindows(clock), Limit("number", ((amount, seconds),), amount, seconds)
    passed: dict[str, list[float]] = {"a": [], "b": []}

    async def story() -> None:
        for step, name in steps:
            clock.now += step
            if await taken(windows, (few, name)):
                passed[name].append(clock.now)
            else:
                # It was refused because that many are inside the window, and for no other reason.
                assert len([t for t in passed[name] if t + seconds > clock.now]) == amount

    asyncio.run(story())
    for times in passed.values():
        for at, time in enumerate(times):
            assert len([t for t in times[at:] if t < time + seconds]) <= amount


def test_memory_forgets_what_ran_out() -> None:
    clock = Clock()
    windows, one = MemoryWindows(clock), limit("number", "1/minute")

    async def story() -> None:
        for number in range(5000):
            clock.now += 1
            await windows.take([(one, str(number))])

    asyncio.run(story())
    assert len(windows._taken) <= 61


async def test_redis_learns_no_number_and_forgets_in_time(
    make_site: MakeSite, redis_server: RedisServer
) -> None:
    async with redis_windows(redis_server) as windows:
        site = make_site(store=Store(windows, MemoryReplays()), limits={"number": "3/minute"})
        assert (await site.sms(req={"ip": made.ADDRESS})).status == 200
        keys = redis_server.command("KEYS", "*")
        kinds = {"number", "prefix", "prefix-wide", "country", "total", "address", "network"}
        assert set(re.findall("auth0-phone:sms:([a-z-]+):", keys)) >= kinds
        assert not leaked([keys])
        (name,) = [word for word in keys.split() if ":number:" in word]
        assert 0 < int(redis_server.command("TTL", name)[1:]) <= 60


def leaked(texts: Iterable[str]) -> list[str]:
    """Those that have enough of number, text or address to tell somebody by."""
    known = (made.MOBILE[1:9], made.TEXT, made.ADDRESS.rpartition(".")[0], *(neighbours(made.ADDRESS) or ()))
    return [text for text in texts if any(part in text for part in known)]


def held(*things: object) -> Iterator[str]:
    """Every text that things hold, however deep; not what their modules and classes do."""
    seen, left = set[int](), list(things)
    while left:
        thing = left.pop()
        if id(thing) in seen or isinstance(thing, (type, ModuleType)):
            continue
        seen.add(id(thing))
        if isinstance(thing, str):
            yield thing
        elif isinstance(thing, FunctionType):
            left += thing.__closure__ or ()
        else:
            left += gc.get_referents(thing)


async def test_memory_holds_no_number_no_text_and_no_address(make_site: MakeSite) -> None:
    carriers = StubCarrier("clickatell"), StubCarrier("webhook")
    site = make_site(*carriers)
    for number in (made.MOBILE, "+1 (415) 555-0123"):
        assert (await site.sms(recipient=number, req={"ip": made.ADDRESS})).status == 200
    assert leaked(held(site.app))  # the stubs are honest: they keep what they were given
    for carrier in carriers:
        carrier.asked.clear()
        carrier.accepted.clear()
    assert not leaked(held(site.app, neighbours))
    assert isinstance(neighbours, FunctionType)  # a cache of its answers would hold addresses


async def test_t28_one_number_gets_three_in_ten_minutes(make_site: MakeSite) -> None:
    site = make_site()
    replies = [await site.sms(body=f"Your code is {100000 + n}") for n in range(100)]
    assert [reply.status for reply in replies] == [200] * 3 + [429] * 97
    assert len(site.sent) == 3
    assert replies[-1].error == "limited"
    assert 0 < int(replies[-1].headers["retry-after"]) <= 600
    assert site.logged("sms")[-1]["limit"] == "number"


async def test_t28_however_it_is_written(make_site: MakeSite) -> None:
    site = make_site()
    for n, number in enumerate(("+14155550123", "+1 415 555 0123", "0014155550123", "+1(415)5550123")):
        await site.sms(recipient=number, body=f"Your code is {100000 + n}")
    assert len(site.sent) == 3


async def test_t29_a_walk_through_one_block_of_numbers_is_stopped(make_site: MakeSite) -> None:
    site = make_site(limits={"prefix": "5/hour", "address": ""})
    answers = [(await site.sms(recipient=f"+1415555{n:04d}")).status for n in range(100, 1100)]
    # A thousand neighbours, five of them; the next thousand, five more, up to the wider block's limit.
    assert answers.count(200) == 10
    assert answers.count(429) == 990
    wide = [(await site.sms(recipient=f"+1415555{n:04d}")).status for n in range(2000, 9999, 500)]
    assert wide.count(200) == 5 * WIDER - 10
    assert {entry["limit"] for entry in site.logged("sms") if "limit" in entry} == {"prefix", "prefix-wide"}
    assert (await site.sms(recipient=made.OTHER_MOBILE)).status == 200


async def test_t29_ten_thousand_numbers_from_a_thousand_clients_raise_an_alarm(make_site: MakeSite) -> None:
    site = make_site(limits={"prefix": "100/hour", "total": "300/hour"})
    for n in range(2000):
        request = {"ip": f"93.{n % 250}.{n % 200}.{n % 100 + 1}"}
        await site.sms(recipient=f"+1415{5550100 + n % 2000:07d}", req=request)
    assert len(site.sent) <= 300
    figures = await site.figures()
    assert figures['sms_requests_total{answer="limited"}'] > 1000


async def test_t29_by_country_and_in_all(make_site: MakeSite) -> None:
    site = make_site(limits={"country": "2/hour", "total": "3/hour"})
    numbers = [*(f"+1{area}5550123" for area in (415, 202, 310)), "+447700900123", "+447700900456"]
    replies = [await site.sms(recipient=number) for number in numbers]
    assert [reply.status for reply in replies] == [200, 200, 429, 200, 429]
    assert [e["limit"] for e in site.logged("sms") if "limit" in e] == ["country", "total"]


async def spread(site: Site, addresses: list[str]) -> list[int]:
    numbers = (f"+1{area}5550123" for area in (201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214))
    pairs = zip(numbers, addresses, strict=False)
    return [(await site.sms(recipient=number, req={"ip": ip})).status for number, ip in pairs]


async def test_t29_by_client_and_its_network(make_site: MakeSite) -> None:
    site = make_site(limits={"address": "1/hour"})
    assert await spread(site, ["93.184.216.34"] * 2) == [200, 429]
    others = [f"93.184.216.{n}" for n in range(40, 46)]
    assert await spread(make_site(limits={"address": "1/hour"}), others) == [200] * WIDER + [429] * 2
    v6 = [f"2600:1901:0:{n:x}::1" for n in (1, 2, 3, 4, 5)]
    assert await spread(make_site(limits={"address": "1/hour"}), v6) == [200] * WIDER + [429]
    same = ["2600:1901:0:1::1", "2600:1901:0:1:ffff::2"]
    assert await spread(make_site(limits={"address": "1/hour"}), same) == [200, 429]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("93.184.216.34", ("5db8d822", "5db8d8")),
        ("::ffff:93.184.216.34", ("5db8d822", "5db8d8")),
        ("2600:1901:0:12ff::1", ("26001901000012ff", "26001901000012")),
        ("10.0.0.1", None),
        ("127.0.0.1", None),
        ("::1", None),
        ("fe80::1", None),
        ("", None),
        ("93.184.216.34, 1.1.1.1", None),
        ("x", None),
    ],
)
def test_t32_what_counts_as_one_client(address: str, found: tuple[str, str] | None) -> None:
    assert neighbours(address) == found


async def test_t32_headers_name_no_client(make_site: MakeSite) -> None:
    site = make_site(limits={"address": "1/hour"})
    for n, name in enumerate(("x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip")):
        order = made.order(recipient=f"+1{(201, 202, 203, 205)[n]}5550123", req={"ip": "93.184.216.34"})
        await site.post(json.dumps(order).encode(), **{name: f"1.2.3.{n}"})
    assert len(site.sent) == 1


async def test_what_certainly_went_nowhere_is_given_back(make_site: MakeSite) -> None:
    down = StubCarrier("clickatell", usual=Outcome.RETRYABLE)
    other = StubCarrier("webhook", usual=Outcome.CONFIGURATION)
    site = make_site(down, other)
    for _ in range(4):
        assert (await site.sms()).status == 503
    down.usual = Outcome.ACCEPTED
    assert (await site.sms()).status == 200


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.OPTED_OUT, Outcome.AMBIGUOUS])
async def test_what_a_carrier_looked_at_counts(make_site: MakeSite, outcome: Outcome) -> None:
    site = make_site(*(StubCarrier(name, usual=outcome) for name in ("clickatell", "webhook")))
    replies = [await site.sms() for _ in range(5)]
    assert [reply.status for reply in replies[3:]] == [429, 429]


async def test_two_gateways_behind_one_redis_count_together(
    make_site: MakeSite, redis_server: RedisServer
) -> None:
    async with redis_windows(redis_server) as one, open_redis(redis_server.url) as redis:
        first = make_site(store=Store(one, MemoryReplays()))
        second = make_site(store=Store(RedisWindows(redis), MemoryReplays()))
        for n in range(10):
            await (first, second)[n % 2].sms(body=f"Your code is {100000 + n}")
        assert len(first.sent) + len(second.sent) == 3


async def test_gateways_before_and_after_a_new_secret_count_together(
    make_site: MakeSite, redis_server: RedisServer
) -> None:
    async with redis_windows(redis_server) as one, open_redis(redis_server.url) as redis:
        env = {"SMS_GATEWAY_SECRET": made.SECRET, "SMS_GATEWAY_SECRET_PREVIOUS": made.OLD_SECRET}
        old = make_site(store=Store(one, RedisReplays(redis)), env={"SMS_GATEWAY_SECRET": made.OLD_SECRET})
        new = make_site(store=Store(RedisWindows(redis), RedisReplays(redis)), env=env)
        for n in range(5):
            body = f"Your code is {100000 + n}"
            for each in (old, new):  # either of them takes what the other has sent for a repeat
                await each.sms(made.token(made.OLD_SECRET), body=body)
        assert (len(old.sent), len(new.sent)) == (3, 0)
        assert new.logged("sms")[0]["replay"]
        assert new.logged("sms")[-1]["limit"] == "number"
        assert len({entry["number"] for site in (old, new) for entry in site.logged("sms")}) == 1


async def test_limits_of_days_hold_for_days(redis_server: RedisServer) -> None:
    with time_machine.travel(0, tick=True):  # the gateway's own clock says nothing here: Redis has its own
        async with redis_windows(redis_server) as windows:
            ten = limit("number", "2/day")
            assert [await taken(windows, (ten, "a")) for _ in range(3)] == [True, True, False]
