"""A Redis that is killed, slow, full or read-only: nothing is sent, the alarm is on, and it mends itself."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial

import limits
import pytest

from gateway.app import Store, open_counting
from gateway.transports.base import Message, Outcome, Receipt
from gateway.windows import FullError, Limit
from serving import store as redis_store
from serving.store import StoreDownError
from tests.form.redis_server import RedisServer, running_redis

from . import made
from .conftest import MakeSite
from .site import Reply, Site
from .stubs import StubCarrier

pytestmark = pytest.mark.anyio

UNKNOWN = 'sms_ambiguous_total{carrier="unknown",policy="at-least-once"}'


@asynccontextmanager
async def counting(server: RedisServer) -> AsyncIterator[Store]:
    async with open_counting(server.url) as store:
        yield store


@pytest.fixture(scope="module")
def redis_waits() -> tuple[float, float]:
    """Thrice what it is at work: a busy machine hesitates, too."""
    return 3 * redis_store.TIMEOUT_SECONDS, 3 * redis_store.WHOLE_TIMEOUT_SECONDS


@pytest.fixture
async def store(redis_server: RedisServer) -> AsyncIterator[Store]:
    redis_server.command("FLUSHALL")
    async with counting(redis_server) as opened:
        yield opened


async def stopped(site: Site) -> None:
    """Sending has stopped, soon and with its own reason; nobody was sent anything."""
    before = len(site.sent)
    began = time.monotonic()
    reply = await site.sms(body="Your code is 111111")
    assert time.monotonic() - began < 10
    assert (reply.status, reply.error) == (503, "limits_unavailable")
    assert int(reply.headers["retry-after"]) > 0
    assert len(site.sent) == before
    assert (await site.figures())["sms_store_up"] == 0
    ready = await ask_ready(site)
    assert (ready.status, ready.document["status"]) == (503, "limits_unavailable")
    assert site.logged("store_down")


async def ask_ready(site: Site) -> Reply:
    return await site.call("GET", "/readyz")


async def goes_on(site: Site) -> None:
    assert (await site.sms(recipient=made.OTHER_MOBILE, body="Your code is 222222")).status == 200
    assert (await site.figures())["sms_store_up"] == 1
    assert (await ask_ready(site)).status == 200


async def test_f08_a_killed_redis_stops_sending_until_it_is_back(make_site: MakeSite) -> None:
    with running_redis() as server:
        async with counting(server) as store:
            site = make_site(store=store)
            await goes_on(site)
            server.kill()
            await stopped(site)
            assert (await site.call("GET", "/healthz")).status == 200
            server.start()
            await goes_on(site)


async def test_f09_a_slow_redis_is_as_good_as_down(
    make_site: MakeSite, store: Store, redis_server: RedisServer
) -> None:
    site = make_site(store=store)
    redis_server.process.send_signal(signal.SIGSTOP)
    try:
        await stopped(site)
    finally:
        redis_server.process.send_signal(signal.SIGCONT)
    await goes_on(site)


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
        (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
    ],
    ids=["full", "read-only"],
)
async def test_f09_a_redis_that_takes_nothing_is_as_good_as_down(
    make_site: MakeSite,
    store: Store,
    redis_server: RedisServer,
    broken: tuple[str, ...],
    mended: tuple[str, ...],
) -> None:
    site = make_site(store=store)
    assert "OK" in redis_server.command(*broken)
    try:
        reply = await site.sms(body="Your code is 111111")
        assert (reply.status, reply.error) == (503, "limits_unavailable")
        assert site.sent == []
        for _ in range(2):
            assert (await site.figures())["sms_store_up"] == 0
            assert (await ask_ready(site)).status == 503
    finally:
        assert "OK" in redis_server.command(*mended)
    await goes_on(site)


@contextmanager
def stalled(server: RedisServer, seconds: float) -> Iterator[None]:
    """Redis takes what it is sent, and looks at it only after so many seconds."""
    server.process.send_signal(signal.SIGSTOP)
    wake = partial(server.process.send_signal, signal.SIGCONT)
    timer = asyncio.get_running_loop().call_later(seconds, wake)
    try:
        yield
    finally:
        timer.cancel()
        wake()


async def test_f09_a_request_does_not_wait_for_itself(
    make_site: MakeSite, store: Store, redis_server: RedisServer
) -> None:
    site = make_site(store=store)
    await goes_on(site)
    with stalled(redis_server, 0.9):
        async with asyncio.timeout(30):
            assert (await site.sms()).status == 200
    assert site.sent.count((made.MOBILE, made.TEXT)) == 1
    assert UNKNOWN not in await site.figures()


async def test_f09_what_was_refused_in_a_stall_is_sent_after_it(
    make_site: MakeSite, store: Store, redis_server: RedisServer
) -> None:
    site = make_site(store=store)
    await goes_on(site)
    with stalled(redis_server, 2.4):
        assert (await site.sms()).status == 503
    async with asyncio.timeout(30):
        assert (await site.sms()).status == 200
    assert site.sent.count((made.MOBILE, made.TEXT)) == 1
    assert UNKNOWN not in await site.figures()


@pytest.mark.parametrize(("seconds", "taken"), [(0.9, True), (2.4, False)])
async def test_f09_a_stall_counts_nothing_twice_and_nothing_in_vain(
    store: Store, redis_server: RedisServer, seconds: float, taken: bool
) -> None:
    two = [(Limit.of("number", limits.parse_many("2/hour")), "a" * 32)]
    await store.windows.take(two)
    with stalled(redis_server, seconds), suppress(StoreDownError):
        moment = await store.windows.take(two)
        assert taken
        await store.windows.give_back(two, moment)
    await store.windows.take(two)
    with pytest.raises(FullError):
        await store.windows.take(two)


async def test_f09_a_redis_restarted_empty_is_used_again(
    make_site: MakeSite, store: Store, redis_server: RedisServer
) -> None:
    site = make_site(store=store)
    await goes_on(site)
    redis_server.command("CLIENT", "KILL", "TYPE", "normal")
    redis_server.command("FLUSHALL")
    redis_server.command("SCRIPT", "FLUSH")
    assert (await site.sms()).status == 200
    assert site.logged("store_down") == []


async def test_f08_an_sms_that_was_taken_on_is_answered_so_even_if_redis_dies_meanwhile(
    make_site: MakeSite,
) -> None:
    with running_redis() as server:
        async with counting(server) as store:
            carrier = StubCarrier("clickatell")

            async def accept_and_kill(_: Message) -> Receipt:
                server.kill()
                return Receipt(Outcome.ACCEPTED)

            carrier.script.append(accept_and_kill)
            site = make_site(carrier, StubCarrier("webhook"), store=store)
            assert (await site.sms()).status == 200
            assert site.logged("store_down")[0]["on"] == "remember"
            assert (await site.figures())["sms_store_up"] == 0


async def test_without_redis_it_starts_and_says_that_it_is_not_ready(make_site: MakeSite) -> None:
    async with open_counting("unix:///nowhere/redis") as store:
        site = make_site(store=store)
        await stopped(site)


async def test_redis_learns_no_number_no_text_and_no_token(
    make_site: MakeSite, store: Store, redis_server: RedisServer
) -> None:
    site = make_site(store=store)
    await site.sms(made.fresh(jti="jti-canary"), req={"ip": made.ADDRESS})
    keys = [word for word in redis_server.command("KEYS", "*").split() if word.startswith("auth0-phone")]
    assert len(keys) > 8
    for key in keys:
        kind = redis_server.command("TYPE", key)
        content = redis_server.command(*(("GET", key) if "string" in kind else ("LRANGE", key, "0", "-1")))
        for personal in (made.MOBILE[1:], "482913", "jti-canary", made.ADDRESS, made.AUDIENCE):
            assert personal not in key + content
        assert int(redis_server.command("TTL", key)[1:]) > 0
