"""The same request again: 200 without a second SMS when the first was taken on, another try when not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import time_machine

from gateway import service
from gateway.app import Store, open_counting
from gateway.names import Names
from gateway.replay import MemoryReplays, Replays, State, Ticket
from gateway.transports.base import Outcome
from gateway.windows import MemoryWindows
from serving.store import StoreDownError
from tests.form.redis_server import RedisServer

from . import made
from .conftest import MakeSite
from .site import Site
from .stubs import Gate, StubCarrier

pytestmark = pytest.mark.anyio

NAMES = Names(made.SECRET.encode())


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def shared(server: RedisServer) -> AsyncIterator[Store]:
    async with open_counting(server.url) as store:
        yield store


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest, redis_server: RedisServer) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield Store(MemoryWindows(), MemoryReplays())
        return
    redis_server.command("FLUSHALL")
    async with shared(redis_server) as opened:
        yield opened


def ticket(digest: str = "a" * 32, jti: str | None = None, owner: str = "me", seconds: float = 60) -> Ticket:
    return Ticket.of(digest, jti, seconds, owner)


async def test_t38_the_same_bytes_again_are_answered_without_a_second_sms(
    make_site: MakeSite, store: Store
) -> None:
    site = make_site(store=store)
    token = made.fresh()
    replies = [await site.sms(token) for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 200]
    assert len(site.sent) == 1
    assert [entry.get("replay") for entry in site.logged("sms")] == [None, True, True]
    assert (await site.figures())["sms_replays_total"] == 2


async def test_t38_another_token_for_the_same_message_changes_nothing(
    make_site: MakeSite, store: Store
) -> None:
    site = make_site(store=store)
    for token in (made.fresh(jti="one"), made.fresh(jti="two"), made.token()):
        assert (await site.sms(token)).status == 200
    assert len(site.sent) == 1


async def test_t38_a_new_code_is_a_new_message(make_site: MakeSite, store: Store) -> None:
    site = make_site(store=store)
    assert (await site.sms()).status == 200
    assert (await site.sms(body="Your code is 111111")).status == 200
    assert (await site.sms(recipient=made.OTHER_MOBILE)).status == 200
    assert len(site.sent) == 3


async def test_t38_a_token_serves_one_message(make_site: MakeSite, store: Store) -> None:
    site = make_site(store=store)
    token = made.fresh()
    assert (await site.sms(token)).status == 200
    reply = await site.sms(token, recipient=made.OTHER_MOBILE, body="Win a prize")
    assert (reply.status, reply.error) == (401, "unauthorized")
    assert len(site.sent) == 1


async def test_t38_repeats_use_up_no_limit(make_site: MakeSite, store: Store) -> None:
    site = make_site(store=store)
    for code in range(3):
        for _ in range(5):
            assert (await site.sms(body=f"Your code is {code:06}")).status == 200
    assert len(site.sent) == 3


async def test_f23_twenty_parallel_copies_are_one_sms(make_site: MakeSite, store: Store) -> None:
    site = make_site(store=store)
    gate, carrier = Gate(), site.carriers["clickatell"]
    carrier.script.append(gate)
    token = made.fresh()
    copies = [asyncio.ensure_future(site.sms(token)) for _ in range(20)]
    await carrier.reached()
    assert not any(copy.done() for copy in copies)
    gate.open()
    replies = await asyncio.gather(*copies)
    assert [reply.status for reply in replies] == [200] * 20
    assert len(carrier.asked) == len(site.sent) == 1


async def test_f23_copies_through_two_gateways_are_one_sms(
    make_site: MakeSite, redis_server: RedisServer
) -> None:
    redis_server.command("FLUSHALL")
    async with shared(redis_server) as one, shared(redis_server) as two:
        first, second = make_site(store=one), make_site(store=two)
        gate, carrier = Gate(), first.carriers["clickatell"]
        carrier.script.append(gate)
        copies = [asyncio.ensure_future(first.sms())]
        await carrier.reached()
        copies += [asyncio.ensure_future((first, second)[n % 2].sms()) for n in range(19)]
        gate.open()
        replies = await asyncio.gather(*copies)
        assert [reply.status for reply in replies] == [200] * 20
        assert len(first.sent) + len(second.sent) == 1


async def test_a_copy_of_a_failed_one_is_no_silent_success(make_site: MakeSite, store: Store) -> None:
    site = make_site(store=store)
    for carrier in site.carriers.values():
        carrier.script.append(Outcome.RETRYABLE)
    token = made.fresh()
    assert (await site.sms(token)).status == 503
    assert (await site.sms(token)).status == 200
    assert len(site.sent) == 1


async def test_a_parallel_copy_of_a_failing_one_tries_itself(make_site: MakeSite, store: Store) -> None:
    site = make_site(StubCarrier("clickatell"), StubCarrier("webhook"), store=store)
    gate, carrier = Gate(Outcome.RETRYABLE), site.carriers["clickatell"]
    carrier.script.append(gate)
    site.carriers["webhook"].script.append(Outcome.RETRYABLE)
    first = asyncio.ensure_future(site.sms())
    await carrier.reached()
    second = asyncio.ensure_future(site.sms())
    gate.open()
    assert (await first).status == 503
    assert (await second).status == 200
    assert len(site.sent) == 1


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.OPTED_OUT])
async def test_a_refusal_is_repeated_not_swallowed(
    make_site: MakeSite, store: Store, outcome: Outcome
) -> None:
    site = make_site(StubCarrier("clickatell", usual=outcome), StubCarrier("webhook"), store=store)
    assert [(await site.sms()).status for _ in range(2)] == [422, 422]


async def test_a_limited_one_is_not_remembered(make_site: MakeSite, store: Store) -> None:
    site = make_site(store=store, limits={"number": "1/hour"})
    await site.sms(body="Your code is 000000")
    assert [(await site.sms()).status for _ in range(2)] == [429, 429]


async def test_where_one_sms_at_most_is_wanted_an_unknown_end_is_remembered(
    make_site: MakeSite, store: Store
) -> None:
    site = make_site(store=store, delivery="at-most-once")
    site.carriers["clickatell"].script.append(Outcome.AMBIGUOUS)
    assert (await site.sms()).status == 503
    assert [(await site.sms()).status for _ in range(3)] == [504, 504, 504]
    assert sum(len(carrier.asked) for carrier in site.carriers.values()) == 1


async def test_where_one_sms_at_least_is_wanted_a_repeat_sends(make_site: MakeSite, store: Store) -> None:
    site = make_site(store=store)
    for carrier in site.carriers.values():
        carrier.script.append(Outcome.AMBIGUOUS)
    assert (await site.sms()).status == 503
    assert (await site.sms()).status == 200
    assert len(site.sent) == 1


async def test_a_copy_waits_no_longer_than_its_own_deadline(
    make_site: MakeSite, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "DEADLINE_SECONDS", 0.3)
    monkeypatch.setattr("gateway.delivery.LEAST_SECONDS", 0.1)
    site = make_site(store=store)
    await store.replays.claim(_ticket_of(site), 60)
    reply = await site.sms()
    assert (reply.status, reply.error) == (504, "deadline")
    assert site.sent == []


def _ticket_of(site: Site) -> Ticket:
    return ticket(NAMES.of("message", made.MOBILE, made.TEXT), owner="another gateway")


async def test_a_gateway_that_died_is_waited_for_no_longer_than_it_could_send(store: Store) -> None:
    replays = store.replays
    assert await replays.claim(ticket(owner="dead"), 1) is State.OURS
    async with asyncio.timeout(10):
        while (state := await replays.claim(ticket(owner="alive"), 1)) is State.PENDING:
            await replays.changed(ticket(), 5)
    assert state is State.ABANDONED
    assert await replays.claim(ticket(owner="third"), 1) is State.PENDING


async def test_a_claim_that_is_sent_again_finds_itself(store: Store) -> None:
    replays = store.replays
    assert [await replays.claim(ticket(jti="j"), 1) for _ in range(2)] == [State.OURS] * 2
    assert await replays.claim(ticket(jti="j", owner="other"), 1) is State.PENDING
    async with asyncio.timeout(10):
        while (state := await replays.claim(ticket(jti="j", owner="other"), 60)) is State.PENDING:
            await replays.changed(ticket(jti="j"), 5)
    assert state is await replays.claim(ticket(jti="j", owner="other"), 60) is State.ABANDONED
    await replays.release(ticket(jti="j", owner="other"))
    assert await replays.claim(ticket(jti="j"), 1) is State.OURS


def unknown(policy: str) -> str:
    return f'sms_ambiguous_total{{carrier="unknown",policy="{policy}"}}'


async def test_f30_what_a_dead_gateway_left_is_sent_again_and_counted(
    make_site: MakeSite, store: Store
) -> None:
    site = make_site(store=store)
    await store.replays.claim(_ticket_of(site), 1)
    assert [(await site.sms()).status for _ in range(2)] == [200, 200]
    assert len(site.sent) == 1
    assert (await site.figures())[unknown("at-least-once")] == 1
    assert [entry["ambiguous"] for entry in site.logged("abandoned")] == [True]


async def test_f30_a_gateway_that_dies_over_what_another_left_has_said_so(
    make_site: MakeSite, store: Store
) -> None:
    site = make_site(store=store)
    site.carriers["clickatell"].script.append(gate := Gate())
    await store.replays.claim(_ticket_of(site), 1)
    sending = asyncio.ensure_future(site.sms())
    await site.carriers["clickatell"].reached()
    assert [entry["ambiguous"] for entry in site.logged("abandoned")] == [True]
    gate.open()
    assert (await sending).status == 200


async def test_f30_what_a_dead_gateway_left_is_not_sent_again_where_one_at_most_is_wanted(
    make_site: MakeSite, store: Store
) -> None:
    site = make_site(store=store, delivery="at-most-once")
    await store.replays.claim(_ticket_of(site), 1)
    assert [(await site.sms()).status for _ in range(3)] == [504] * 3
    assert site.sent == []
    assert (await site.figures())[unknown("at-most-once")] == 1
    assert [entry["ambiguous"] for entry in site.logged("abandoned")] == [True]


class Forgetful(MemoryReplays):
    """Goes away before it is told how a request ended, once."""

    down = True

    async def settle(self, ticket: Ticket, state: State, seconds: int) -> None:
        if self.down:
            self.down = False
            raise StoreDownError
        await super().settle(ticket, state, seconds)


async def test_f30_a_second_sms_after_an_end_that_nobody_could_keep_is_counted(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "DEADLINE_SECONDS", 0.3)
    monkeypatch.setattr("gateway.delivery.LEAST_SECONDS", 0.1)
    site = make_site(store=Store(MemoryWindows(), Forgetful()))
    assert (await site.sms()).status == 200
    async with asyncio.timeout(10):
        while (await site.sms()).status == 504:
            pass
    assert len(site.sent) == 2
    assert (await site.figures())[unknown("at-least-once")] == 1


async def test_whoever_is_late_releases_nobody_elses(store: Store) -> None:
    replays = store.replays
    await replays.claim(ticket(owner="one"), 60)
    await replays.release(ticket(owner="two"))
    assert await replays.claim(ticket(owner="two"), 60) is State.PENDING
    await replays.release(ticket(owner="one"))
    assert await replays.claim(ticket(owner="two"), 60) is State.OURS


async def test_a_tokens_id_is_remembered_as_long_as_the_token_lives() -> None:
    clock = Clock()
    replays: Replays = MemoryReplays(clock)
    one = ticket(jti="j", seconds=300)
    assert await replays.claim(one, 20) is State.OURS
    await replays.settle(one, State.ACCEPTED, 60)
    clock.now += 61
    assert await replays.claim(one, 20) is State.ACCEPTED
    assert await replays.claim(ticket("b" * 32, jti="j"), 20) is State.FOREIGN
    assert await replays.claim(ticket(), 20) is State.OURS
    clock.now += 300
    assert await replays.claim(ticket("b" * 32, jti="j"), 20) is State.OURS


async def test_the_window_ends() -> None:
    clock = Clock()
    replays: Replays = MemoryReplays(clock)
    await replays.claim(ticket(), 20)
    await replays.settle(ticket(), State.ACCEPTED, 60)
    clock.now += 59.9
    assert await replays.claim(ticket(), 20) is State.ACCEPTED
    clock.now += 0.2
    assert await replays.claim(ticket(), 20) is State.OURS


async def test_redis_forgets_in_time(redis_server: RedisServer) -> None:
    redis_server.command("FLUSHALL")
    async with shared(redis_server) as store:
        one = ticket(jti="j", seconds=300)
        await store.replays.claim(one, 20)
        await store.replays.settle(one, State.ACCEPTED, 60)
        seconds = sorted(
            int(redis_server.command("TTL", word)[1:])
            for word in redis_server.command("KEYS", "*").split()
            if word.startswith("auth0-phone:sms:")
        )
        assert 50 < seconds[0] <= 60 < 290 < seconds[1] <= 301


def test_a_token_without_an_end_is_not_remembered_for_ever() -> None:
    assert Ticket.of("d", "j", None, "o").jti_seconds == 600
    assert Ticket.of("d", "j", 10.0**9, "o").jti_seconds == 600
    assert Ticket.of("d", "j", 0.2, "o").jti_seconds == 1


def test_memory_forgets_what_ran_out() -> None:
    clock = Clock()
    replays = MemoryReplays(clock)

    async def story() -> None:
        for number in range(5000):
            clock.now += 1
            await replays.claim(ticket(f"{number:032x}"), 20)

    asyncio.run(story())
    # Claims that nobody ended, each as long as a copy of it may come.
    assert len(replays._known) <= 601


def test_memory_keeps_what_was_settled_no_longer_than_asked() -> None:
    clock = Clock()
    replays = MemoryReplays(clock)

    async def story() -> None:
        for number in range(5000):
            clock.now += 1
            await replays.claim(ticket(f"{number:032x}"), 20)
            await replays.settle(ticket(f"{number:032x}"), State.ACCEPTED, 60)

    asyncio.run(story())
    assert len(replays._known) <= 81
    assert len(replays._expiry._queue) <= 81


async def test_carriers_get_a_key_that_repeats_share(make_site: MakeSite, store: Store) -> None:
    site = make_site(store=store)
    site.carriers["clickatell"].script.append(Outcome.RETRYABLE)
    with time_machine.travel(1_800_000_030, tick=False):
        await site.sms()
        await site.sms(body="Your code is 111111")
        await site.sms()
    keys = [m.key for carrier in site.carriers.values() for m in carrier.asked]
    assert len(keys) == 3
    assert len(set(keys)) == 2
    assert all(len(key) == 32 and set(key) <= set("0123456789abcdef") for key in keys)


async def test_behind_a_provider_a_late_repeat_is_known_and_a_new_code_goes_out(make_site: MakeSite) -> None:
    clock = Clock()
    site = make_site(store=Store(MemoryWindows(), MemoryReplays(clock)), replaySeconds=600)
    assert (await site.sms()).status == 200
    clock.now += 599
    assert (await site.sms()).status == 200
    assert len(site.sent) == 1
    assert (await site.sms(body="Your code is 111111")).status == 200
    clock.now += 2
    assert (await site.sms()).status == 200
    assert [text for _, text in site.sent] == [made.TEXT, "Your code is 111111", made.TEXT]
