"""Who closes a carrier for everybody, for how long, and what a message costs that came to nothing."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway import breaker
from gateway.breaker import FAILURES, LONGEST_REST_SECONDS, REST_SECONDS, Breaker
from gateway.transports.base import Message, Outcome, Receipt

from . import made
from .conftest import MakeSite
from .site import Site
from .stubs import StubCarrier

pytestmark = pytest.mark.anyio

NO_LIMITS = dict.fromkeys(made.LIMITS, "")
CONFIGURATION, RETRYABLE, AMBIGUOUS = Outcome.CONFIGURATION, Outcome.RETRYABLE, Outcome.AMBIGUOUS


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def one_carrier(make_site: MakeSite, usual: Receipt, **limits: str) -> Site:
    only = StubCarrier("clickatell", usual=usual)
    return make_site(only, carriers=["clickatell"], carrierUrls={}, limits=NO_LIMITS | limits)


async def ask(site: Site, times: int) -> list[int]:
    return [(await site.sms(body=f"Your code is {n:06}")).status for n in range(times)]


@pytest.mark.parametrize(
    "about_one_message",
    [
        Receipt(CONFIGURATION, code="21408", status=400),
        Receipt(CONFIGURATION, code="http_404", status=404),
        Receipt(CONFIGURATION, code="999", status=200),
        Receipt(CONFIGURATION, code="http_302", status=302),
        Receipt(RETRYABLE, code="20", status=200),
        Receipt(RETRYABLE, code="no_time_left", late=True),
    ],
)
async def test_no_answer_about_one_message_closes_a_carrier(
    make_site: MakeSite, about_one_message: Receipt
) -> None:
    site = one_carrier(make_site, about_one_message)
    await ask(site, 2 * FAILURES)
    site.carriers["clickatell"].usual = Outcome.ACCEPTED
    assert (await site.sms()).status == 200
    assert (await site.figures())['sms_breaker_open{carrier="clickatell"}'] == 0


@pytest.mark.parametrize(
    "failure",
    [
        *(Receipt(CONFIGURATION, status=status) for status in (401, 402, 403)),
        *(Receipt(RETRYABLE, status=status) for status in (425, 429, 500, 503)),
        Receipt(RETRYABLE, code="unreachable"),
        Receipt(CONFIGURATION, code="NoCredentialsError"),
        *(Receipt(AMBIGUOUS, status=status) for status in (None, 200, 500)),
    ],
)
async def test_failures_of_the_account_or_the_carrier_do(make_site: MakeSite, failure: Receipt) -> None:
    site = one_carrier(make_site, failure)
    await ask(site, FAILURES + 3)
    assert len(site.carriers["clickatell"].asked) == FAILURES


@pytest.mark.parametrize(
    ("receipt", "statuses"),
    [
        (Receipt(CONFIGURATION, code="21408", status=400), [503, 503, 429, 429]),
        (Receipt(RETRYABLE, code="20429", status=429), [503, 503, 429, 429]),
        (Receipt(AMBIGUOUS, code="no_answer"), [503, 503, 429, 429]),
        (Receipt(RETRYABLE, code="unreachable"), [503, 503, 503, 503]),
        (Receipt(CONFIGURATION, code="NoCredentialsError"), [503, 503, 503, 503]),
    ],
)
async def test_a_message_counts_once_a_carrier_answered_and_not_before(
    make_site: MakeSite, receipt: Receipt, statuses: list[int]
) -> None:
    site = one_carrier(make_site, receipt, number="2/hour")
    assert await ask(site, 4) == statuses


async def test_an_answer_counts_though_the_next_carrier_was_not_reached(make_site: MakeSite) -> None:
    site = make_site(
        StubCarrier("clickatell", usual=Receipt(CONFIGURATION, status=400)),
        StubCarrier("webhook", usual=Receipt(RETRYABLE, code="unreachable")),
        limits=NO_LIMITS | {"number": "1/hour"},
    )
    assert await ask(site, 2) == [503, 429]


@pytest.mark.parametrize(("asked_for", "told"), [(7.0, "7"), (3600.0, "60"), (0.0, None), (None, None)])
async def test_a_carriers_retry_after_is_told_on(
    make_site: MakeSite, asked_for: float | None, told: str | None
) -> None:
    site = one_carrier(make_site, Receipt(RETRYABLE, retry_after=asked_for, status=429))
    reply = await site.sms()
    assert (reply.status, reply.headers.get("retry-after")) == (503, told)


async def test_of_two_the_shorter_retry_after_is_told(make_site: MakeSite) -> None:
    waits = {"clickatell": 20.0, "webhook": 9.0}
    site = make_site(
        *(StubCarrier(n, usual=Receipt(RETRYABLE, retry_after=s, status=429)) for n, s in waits.items())
    )
    assert (await site.sms()).headers["retry-after"] == "9"


@pytest.mark.parametrize("ending", [Outcome.ACCEPTED, Outcome.REFUSED])
async def test_what_has_its_answer_is_not_to_be_tried_again(make_site: MakeSite, ending: Outcome) -> None:
    busy = StubCarrier("clickatell", usual=Receipt(RETRYABLE, retry_after=7.0, status=429))
    site = make_site(busy, StubCarrier("webhook", usual=ending), limits=NO_LIMITS)
    for n in range(FAILURES + 1):
        assert "retry-after" not in (await site.sms(body=f"Your code is {n:06}")).headers


@pytest.mark.parametrize(
    ("asked_for", "rest"), [(0.0, REST_SECONDS), (40.0, 40.0), (3600.0, LONGEST_REST_SECONDS)]
)
async def test_a_resting_carrier_is_left_alone_as_long_as_it_asked(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch, asked_for: float, rest: float
) -> None:
    clock = Clock()
    monkeypatch.setattr("gateway.delivery.Breaker", lambda _: Breaker(clock))
    site = one_carrier(make_site, Receipt(RETRYABLE, retry_after=asked_for, status=429))
    await ask(site, FAILURES)
    clock.now += rest - 0.5
    assert (await site.sms()).headers["retry-after"] == "1"
    assert len(site.carriers["clickatell"].asked) == FAILURES
    clock.now += 0.5
    await site.sms()
    assert len(site.carriers["clickatell"].asked) == FAILURES + 1


async def broken(_: Message) -> Receipt:
    raise LookupError(made.MOBILE)


async def silent(_: Message) -> Receipt:
    return await asyncio.Event().wait() and Receipt(Outcome.ACCEPTED)


@pytest.mark.parametrize(
    ("usual", "code", "events"),
    [
        (broken, "fault", ["carrier_broken", "carrier_failed"]),
        (silent, "timeout", ["carrier_failed"]),
    ],
)
async def test_each_failed_try_is_logged_with_its_request(
    make_site: MakeSite, usual: Callable[[Message], Awaitable[Receipt]], code: str, events: list[str]
) -> None:
    site = make_site(StubCarrier("clickatell", timeout=0.1, usual=usual), StubCarrier("webhook"))
    assert (await site.sms()).status == 200
    *tries, told = site.events
    assert [entry["event"] for entry in tries] == events
    assert {(entry["request"], entry["carrier"]) for entry in tries} == {(told["request"], "clickatell")}
    assert (tries[-1]["outcome"], tries[-1]["code"]) == ("ambiguous", code)
    assert told["ambiguous"] is True


def test_a_breaker_opens_after_failures_in_a_row() -> None:
    clock = Clock()
    one = Breaker(clock)
    for _ in range(FAILURES - 1):
        assert one.enter()
        one.failed()
    assert one.enter()
    one.succeeded()
    for _ in range(FAILURES):
        assert one.enter()
        one.failed()
    assert one.is_open
    assert not one.enter()
    assert one.wait == breaker.REST_SECONDS


def test_a_breaker_lets_one_probe_through_and_believes_it() -> None:
    clock = Clock()
    one = Breaker(clock)
    for _ in range(FAILURES):
        one.failed()
    clock.now += REST_SECONDS - 0.1
    assert not one.enter()
    clock.now += 0.1
    assert one.wait == 0
    assert one.enter()
    assert not one.enter()
    one.failed()
    assert not one.enter()
    clock.now += REST_SECONDS
    assert one.enter()
    one.succeeded()
    assert not one.is_open
    assert one.enter()
    assert one.enter()


def test_a_probe_that_ends_without_a_verdict_leaves_room_for_another() -> None:
    clock = Clock()
    one = Breaker(clock)
    for _ in range(FAILURES):
        one.failed()
    clock.now += REST_SECONDS
    assert one.enter()
    one.left()
    assert one.enter()
