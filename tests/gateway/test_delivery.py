"""One carrier after another, until one has taken it on, the time is over, or none may try any more."""

import asyncio
import random

import pytest

from gateway import delivery, service
from gateway.breaker import FAILURES, REST_SECONDS
from gateway.transports.base import Message, Outcome, Receipt

from . import made
from .conftest import MakeSite
from .site import Site
from .stubs import Gate, StubCarrier, hang

pytestmark = pytest.mark.anyio

NO_LIMITS = dict.fromkeys(made.LIMITS, "")


def asked(site: Site) -> dict[str, int]:
    return {name: len(carrier.asked) for name, carrier in site.carriers.items()}


def stubs(first: Outcome, second: Outcome = Outcome.ACCEPTED) -> tuple[StubCarrier, StubCarrier]:
    return StubCarrier("clickatell", usual=first), StubCarrier("webhook", usual=second)


@pytest.mark.parametrize(
    ("first", "second", "status", "error", "tries"),
    [
        (Outcome.ACCEPTED, Outcome.ACCEPTED, 200, None, (1, 0)),
        (Outcome.RETRYABLE, Outcome.ACCEPTED, 200, None, (1, 1)),
        (Outcome.CONFIGURATION, Outcome.ACCEPTED, 200, None, (1, 1)),
        (Outcome.AMBIGUOUS, Outcome.ACCEPTED, 200, None, (1, 1)),
        (Outcome.REFUSED, Outcome.ACCEPTED, 422, "refused_by_carrier", (1, 0)),
        (Outcome.OPTED_OUT, Outcome.ACCEPTED, 422, "opted_out", (1, 0)),
        (Outcome.RETRYABLE, Outcome.REFUSED, 422, "refused_by_carrier", (1, 1)),
        (Outcome.RETRYABLE, Outcome.RETRYABLE, 503, "carriers_unavailable", (1, 1)),
        (Outcome.RETRYABLE, Outcome.CONFIGURATION, 503, "carriers_unavailable", (1, 1)),
        (Outcome.CONFIGURATION, Outcome.CONFIGURATION, 503, "misconfigured", (1, 1)),
        (Outcome.AMBIGUOUS, Outcome.CONFIGURATION, 503, "carriers_unavailable", (1, 1)),
        (Outcome.AMBIGUOUS, Outcome.AMBIGUOUS, 503, "carriers_unavailable", (1, 1)),
    ],
)
async def test_what_carriers_say_decides_who_is_asked_and_what_is_answered(
    make_site: MakeSite,
    first: Outcome,
    second: Outcome,
    status: int,
    error: str | None,
    tries: tuple[int, int],
) -> None:
    site = make_site(*stubs(first, second))
    reply = await site.sms()
    assert (reply.status, reply.error) == (status, error)
    assert tuple(asked(site).values()) == tries


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.ACCEPTED])
async def test_200_means_that_a_carrier_took_it_on(make_site: MakeSite, outcome: Outcome) -> None:
    site = make_site(*stubs(outcome, outcome))
    assert (await site.sms()).status != 200
    assert site.sent == []


async def test_at_most_once_stops_where_nobody_knows(make_site: MakeSite) -> None:
    site = make_site(*stubs(Outcome.AMBIGUOUS), delivery="at-most-once")
    assert (await site.sms()).status == 503
    assert asked(site) == {"clickatell": 1, "webhook": 0}
    figures = await site.figures()
    assert figures['sms_ambiguous_total{carrier="clickatell",policy="at-most-once"}'] == 1


async def test_at_least_once_goes_on_and_counts(make_site: MakeSite) -> None:
    site = make_site(*stubs(Outcome.AMBIGUOUS))
    assert (await site.sms()).status == 200
    figures = await site.figures()
    assert figures['sms_ambiguous_total{carrier="clickatell",policy="at-least-once"}'] == 1
    assert figures['sms_sends_total{carrier="clickatell",outcome="ambiguous"}'] == 1
    assert figures['sms_sends_total{carrier="webhook",outcome="accepted"}'] == 1
    assert figures['sms_send_seconds_count{carrier="webhook"}'] == 1
    assert site.logged("sms")[0]["ambiguous"] is True


async def test_a_country_has_its_own_order(make_site: MakeSite) -> None:
    site = make_site(carriersByCountry={"GB": ["webhook"]})
    await site.sms(recipient=made.BRITISH)
    await site.sms(recipient=made.MOBILE)
    assert [(m.to, m.country) for m in site.carriers["webhook"].asked] == [(made.BRITISH, "GB")]
    assert [(m.to, m.country) for m in site.carriers["clickatell"].asked] == [(made.MOBILE, "US")]


async def test_f24_nothing_is_sent_after_the_answer(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "DEADLINE_SECONDS", 0.5)
    monkeypatch.setattr(delivery, "LEAST_SECONDS", 0.1)
    slow = StubCarrier("clickatell", usual=hang)
    site = make_site(slow, StubCarrier("webhook"))
    async with asyncio.timeout(5):
        reply = await site.sms()
    assert (reply.status, reply.error) == (504, "deadline")
    assert slow.given_up == 1
    assert asked(site) == {"clickatell": 1, "webhook": 0}


async def test_f24_the_deadline_is_before_20_seconds_and_every_try_ends_before_it(
    make_site: MakeSite,
) -> None:
    assert service.DEADLINE_SECONDS < 20
    carriers = [StubCarrier(name, usual=Outcome.RETRYABLE) for name in ("clickatell", "webhook")]
    carriers[1].timeout = 60.0
    site = make_site(*carriers)
    await site.sms()
    assert carriers[0].seconds == [8.0]
    assert carriers[1].seconds[0] <= service.DEADLINE_SECONDS


async def test_f24_no_send_is_started_that_has_no_time_to_end(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "DEADLINE_SECONDS", delivery.LEAST_SECONDS - 0.1)
    site = make_site()
    reply = await site.sms()
    assert (reply.status, reply.error) == (504, "deadline")
    assert asked(site) == {"clickatell": 0, "webhook": 0}


async def test_f25_a_carrier_that_is_down_is_left_alone_after_five(make_site: MakeSite) -> None:
    site = make_site(*stubs(Outcome.RETRYABLE), limits={"number": ""})
    for code in range(20):
        assert (await site.sms(body=f"Your code is {code:06}")).status == 200
    assert asked(site) == {"clickatell": FAILURES, "webhook": 20}
    assert (await site.figures())['sms_breaker_open{carrier="clickatell"}'] == 1


async def test_f26_an_outage_of_a_third_loses_nothing(make_site: MakeSite) -> None:
    dice = random.Random(26)  # noqa: S311 # a repeatable outage, no secret

    async def sometimes(_: Message) -> Receipt:
        return Receipt(Outcome.AMBIGUOUS if dice.random() < 0.3 else Outcome.ACCEPTED)

    site = make_site(StubCarrier("clickatell", usual=sometimes), StubCarrier("webhook"), limits=NO_LIMITS)
    replies = await asyncio.gather(*(site.sms(body=f"Your code is {n:06}") for n in range(2000)))
    assert {reply.status for reply in replies} == {200}
    assert len(site.sent) == len(set(site.sent)) == 2000
    figures = await site.figures()
    clickatell = site.carriers["clickatell"]
    unknown = len(clickatell.asked) - len(clickatell.accepted)
    assert figures['sms_ambiguous_total{carrier="clickatell",policy="at-least-once"}'] == unknown > 0


async def test_f27_a_slow_carrier_costs_its_time_out_and_no_more(make_site: MakeSite) -> None:
    slow = StubCarrier("clickatell", timeout=0.2, usual=hang)
    site = make_site(slow, StubCarrier("webhook"))
    async with asyncio.timeout(5):
        assert (await site.sms()).status == 200
    assert slow.given_up == 1
    assert site.logged("carrier_failed")[0]["code"] == "timeout"
    assert asked(site) == {"clickatell": 1, "webhook": 1}


async def test_f28_when_all_are_down_it_says_so_at_once_and_sends_nothing_later(make_site: MakeSite) -> None:
    site = make_site(*stubs(Outcome.RETRYABLE, Outcome.RETRYABLE))
    for _ in range(FAILURES):
        assert (await site.sms()).status == 503
    reply = await site.sms()
    assert (reply.status, reply.error) == (503, "carriers_unavailable")
    assert 0 < int(reply.headers["retry-after"]) <= REST_SECONDS
    assert asked(site) == {"clickatell": FAILURES, "webhook": FAILURES}
    for carrier in site.carriers.values():
        carrier.usual = Outcome.ACCEPTED
    await asyncio.sleep(0)
    assert site.sent == []


async def test_a_broken_carrier_does_not_stop_the_next(make_site: MakeSite) -> None:
    async def broken(_: Message) -> Receipt:
        raise LookupError(made.MOBILE)

    site = make_site(StubCarrier("clickatell", usual=broken), StubCarrier("webhook"))
    assert (await site.sms()).status == 200
    (entry,) = site.logged("carrier_broken")
    assert entry["error"] == "LookupError"
    assert made.MOBILE not in site.log.getvalue()


async def test_a_caller_that_hangs_up_does_not_end_a_send(make_site: MakeSite) -> None:
    site = make_site()
    gate, carrier = Gate(), site.carriers["clickatell"]
    carrier.script.append(gate)
    call = asyncio.ensure_future(site.sms())
    await carrier.reached()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert site.drain.in_flight == 1
    gate.open()
    site.drain.begin()
    await site.drain.ended()
    assert site.sent == [(made.MOBILE, made.TEXT)]
    assert site.drain.in_flight == 0


async def test_what_was_sent_without_a_caller_is_remembered(make_site: MakeSite) -> None:
    site = make_site()
    gate, carrier = Gate(), site.carriers["clickatell"]
    carrier.script.append(gate)
    call = asyncio.ensure_future(site.sms())
    await carrier.reached()
    call.cancel()
    gate.open()
    assert (await site.sms()).status == 200
    assert len(carrier.asked) == 1


async def test_while_draining_new_ones_are_refused_and_old_ones_end(make_site: MakeSite) -> None:
    site = make_site()
    gate, carrier = Gate(), site.carriers["clickatell"]
    carrier.script.append(gate)
    call = asyncio.ensure_future(site.sms())
    await carrier.reached()
    site.drain.begin()
    ready = await site.call("GET", "/readyz")
    assert (ready.status, ready.document["status"]) == (503, "draining")
    refused = await site.sms(recipient=made.OTHER_MOBILE)
    assert (refused.status, refused.error, refused.headers["connection"]) == (503, "draining", "close")
    ended = asyncio.ensure_future(site.drain.ended())
    assert not ended.done()
    gate.open()
    assert (await call).status == 200
    await ended
    assert site.sent == [(made.MOBILE, made.TEXT)]


async def test_draining_has_an_end(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.drain.DRAIN_SECONDS", 0.05)
    site = make_site()
    site.carriers["clickatell"].script.append(hang)
    call = asyncio.ensure_future(site.sms())
    await site.carriers["clickatell"].reached()
    site.drain.begin()
    async with asyncio.timeout(5):
        await site.drain.ended()
    call.cancel()
