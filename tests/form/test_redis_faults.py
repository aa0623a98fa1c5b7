"""Redis that is down, slow, full or empty (F08, F09): sending stops, checking goes on."""

import time
from collections.abc import AsyncIterator

import pytest
from limits.aio.storage import Storage

from serving import store as redis_store
from serving.store import open_store

from . import made
from .conftest import MakeSite, Site
from .phones import RIGHT, WRONG
from .redis_server import RedisServer, running_redis
from .visitor import Visitor

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def redis_waits() -> tuple[float, float]:
    """Thrice what it is at work: a busy machine hesitates, too."""
    return 3 * redis_store.TIMEOUT_SECONDS, 3 * redis_store.WHOLE_TIMEOUT_SECONDS


@pytest.fixture
async def store(redis_server: RedisServer) -> AsyncIterator[Storage]:
    redis_server.command("FLUSHALL")
    async with open_store(redis_server.url) as opened:
        yield opened


async def test_the_store_learns_no_number_and_no_account(
    make_site: MakeSite, store: Storage, redis_server: RedisServer
) -> None:
    visitor = make_site(store=store).visitor("93.184.216.34")
    await visitor.open()
    await visitor.press("send")
    await visitor.press("check", code=WRONG)
    keys = redis_server.command("KEYS", "*")
    assert keys.count("auth0-phone") > 8
    for personal in (made.MOBILE[1:], made.SUB, "auth0|", "93.184"):
        assert personal not in keys


async def test_two_processes_count_together(make_site: MakeSite, redis_server: RedisServer) -> None:
    redis_server.command("FLUSHALL")
    async with open_store(redis_server.url) as one, open_store(redis_server.url) as two:
        first = make_site(store=one)
        second = make_site(store=two, phones=first.phones)
        visitor = first.visitor()
        await visitor.open()
        await visitor.press("send")
        for turn in range(8):
            visitor.app = (first, second)[turn % 2].app
            if visitor.page.has_form("/check"):
                await visitor.press("check", code=WRONG)
        assert len(first.phones.checked) == 5


async def sends_stop(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open(sub="auth0|new", phone=made.OTHER_MOBILE)
    started = time.monotonic()
    await visitor.press("send")
    assert time.monotonic() - started < 10
    assert "can't reach our phone service" in visitor.page.alert
    assert made.OTHER_MOBILE not in site.phones.sent


@pytest.fixture
async def bereft(make_site: MakeSite) -> AsyncIterator[tuple[Site, Visitor]]:
    """A form whose Redis died after it had sent a person a code."""
    with running_redis() as server:
        async with open_store(server.url) as store:
            site = make_site(store=store)
            person = site.visitor()
            await person.open()
            await person.press("send")
            server.kill()
            yield site, person


async def test_f08_without_redis_sending_stops_and_checking_goes_on(bereft: tuple[Site, Visitor]) -> None:
    site, person = bereft
    await sends_stop(site)
    for _ in range(3):
        await person.press("check", code=WRONG)
        assert "isn't right" in person.page.alert
    await person.press("check", code=RIGHT)
    assert person.result["outcome"] == "verified"
    assert {"send", "check"} <= {entry["on"] for entry in site.logged("store_down")}


async def test_f08_without_redis_each_process_still_limits_the_tries(bereft: tuple[Site, Visitor]) -> None:
    site, person = bereft
    form = person.page.form("/check")
    for _ in range(20):
        await person.post(form.action, {**form.fields, "code": WRONG})
    assert len(site.phones.checked) == 5


async def test_f08_consent_at_sign_up_asks_when_it_cannot_count(make_site: MakeSite) -> None:
    async with open_store("unix:///nowhere/redis") as store:
        site = make_site(store=store, consent={"mode": "at-sign-up"})
        visitor = site.visitor()
        answer = await visitor.open()
        assert answer.status == 200
        assert visitor.page.has_form("/send")
        assert site.phones.sent == []


async def test_f09_a_slow_redis_costs_a_moment_once(
    make_site: MakeSite, store: Storage, redis_server: RedisServer
) -> None:
    site = make_site(store=store)
    visitor = site.visitor()
    await visitor.open()
    await visitor.press("send")
    redis_server.command("CLIENT", "PAUSE", "60000", "WRITE")
    started = time.monotonic()
    await visitor.press("check", code=RIGHT)
    assert time.monotonic() - started < 10
    assert visitor.result["outcome"] == "verified"
    await sends_stop(site)
    redis_server.command("CLIENT", "UNPAUSE")


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
    store: Storage,
    redis_server: RedisServer,
    broken: tuple[str, ...],
    mended: tuple[str, ...],
) -> None:
    site = make_site(store=store)
    assert "OK" in redis_server.command(*broken)
    try:
        await sends_stop(site)
    finally:
        assert "OK" in redis_server.command(*mended)


async def test_f09_a_redis_restarted_empty_is_used_again(
    make_site: MakeSite, store: Storage, redis_server: RedisServer
) -> None:
    site = make_site(store=store)
    visitor = site.visitor()
    await visitor.open()
    await visitor.press("send")
    redis_server.command("CLIENT", "KILL", "TYPE", "normal")
    redis_server.command("FLUSHALL")
    redis_server.command("SCRIPT", "FLUSH")
    await visitor.press("check", code=RIGHT)
    assert visitor.result["outcome"] == "verified"
    other = site.visitor()
    await other.open(sub="auth0|new", phone=made.OTHER_MOBILE)
    await other.press("send")
    assert site.phones.sent == [made.MOBILE, made.OTHER_MOBILE]
    assert site.logged("store_down") == []
