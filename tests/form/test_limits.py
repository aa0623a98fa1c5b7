"""Limits, with one process's memory and with the Redis that processes share."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import time_machine
from limits.aio.storage import MemoryStorage, Storage

from form.errors import RefusedError
from form.throttle import Names, TryLimits
from form.twilio import Verdict
from serving.addresses import address_group
from serving.store import open_store

from . import made
from .conftest import MakeSite, Site
from .phones import RIGHT, WRONG, Phones
from .redis_server import RedisServer
from .visitor import Visitor
from .waiting import moment

pytestmark = pytest.mark.anyio

START = "2026-03-01T12:00:00Z"
WINDOW = 10 * 60


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Storage]:
    if request.param == "memory":
        yield MemoryStorage()
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    server.command("FLUSHALL")
    async with open_store(server.url) as opened:
        yield opened


@pytest.fixture
def limited(make_site: MakeSite, store: Storage) -> Site:
    # The countdown would be met before the limit that a test is about.
    return make_site(store=store, resendSeconds=1)


def try_limits(store: Storage) -> TryLimits:
    return TryLimits(store, Names(made.REQUEST_KEY), on_fallback=lambda: None)


async def asked(site: Site, **claims: str) -> Visitor:
    visitor = site.visitor()
    await visitor.open(**claims)
    await visitor.press("send")
    return visitor


async def sent_after_the_countdown(site: Site, visitor: Visitor) -> None:
    before, deadline = len(site.phones.sent), time.monotonic() + 10
    while len(site.phones.sent) == before:
        assert time.monotonic() < deadline
        await moment()
        await visitor.press("send")


async def test_t24_of_fifty_parallel_checks_five_reach_twilio(limited: Site) -> None:
    visitor = await asked(limited)
    form = visitor.page.form("/check")
    tabs = [limited.visitor() for _ in range(50)]
    for tab in tabs:
        tab.cookies = dict(visitor.cookies)
    await asyncio.gather(*(tab.post(form.action, {**form.fields, "code": WRONG}) for tab in tabs))
    assert len(limited.phones.checked) == 5


async def test_t24_of_fifty_parallel_sends_one_reaches_twilio(limited: Site) -> None:
    visitor = limited.visitor()
    await visitor.open()
    form = visitor.page.form("/send")
    tabs = [limited.visitor() for _ in range(50)]
    for tab in tabs:
        tab.cookies = dict(visitor.cookies)
    await asyncio.gather(*(tab.post(form.action, form.fields) for tab in tabs))
    assert limited.phones.sent == [made.MOBILE]


async def test_t21_the_sixth_try_is_refused_before_twilio_is_asked(limited: Site) -> None:
    visitor = await asked(limited)
    form = visitor.page.form("/check")
    for _ in range(4):
        await visitor.press("check", code=WRONG)
        assert "isn't right" in visitor.page.alert
    await visitor.press("check", code=WRONG)
    assert "one try too many" in visitor.page.alert
    for _ in range(3):
        await visitor.post(form.action, {**form.fields, "code": RIGHT})
    assert len(limited.phones.checked) == 5
    await visitor.press("give-up")
    assert visitor.result["outcome"] == "locked"
    assert "sealed" not in visitor.result


async def test_t22_new_logins_win_no_tries_beyond_ten_an_hour(limited: Site) -> None:
    visitors = []
    for number in range(3):
        visitors.append(await asked(limited, phone=f"+1415555012{number}"))
        for _ in range(6):
            form = next((f for f in visitors[-1].page.forms if f.action.endswith("/check")), None)
            if form is not None:
                await visitors[-1].press("check", code=WRONG)
    assert len(limited.phones.checked) == 10
    assert "too many wrong codes" in visitors[-1].page.alert
    assert not visitors[-1].page.has_form("/send")
    assert not visitors[-1].page.has_form("/number")
    assert "minutes, or contact support" in visitors[-1].page.said
    # What ten tries an hour among a million codes are worth to somebody who guesses:
    assert 10 / 10**6 <= 1e-5


async def test_t22_another_person_is_not_locked_with_them(limited: Site) -> None:
    first = await asked(limited)
    for _ in range(5):
        await first.press("check", code=WRONG)
    other = await asked(limited, sub="auth0|other", phone=made.OTHER_MOBILE)
    await other.press("check", code=RIGHT)
    assert other.result["outcome"] == "verified"


async def test_right_codes_are_no_failures(store: Storage) -> None:
    limits = try_limits(store)
    for number in range(15):
        await limits.take(f"VE{number}", made.SUB)
        await limits.approved(made.SUB)


async def test_a_hundred_failures_in_a_row_lock_for_longer_than_an_hour() -> None:
    limits = try_limits(MemoryStorage())
    with time_machine.travel(START, tick=False) as clock:
        for number in range(100):
            await limits.take(f"VE{number}", made.SUB)
            clock.shift(400)
        with pytest.raises(RefusedError) as locked:
            await limits.take("VE-next", made.SUB)
        assert locked.value.case == "subject_locked"
        await limits.approved(made.SUB)
        assert await limits.take("VE-next", made.SUB) is False


async def test_the_page_of_a_lock_says_how_long_it_lasts(make_site: MakeSite) -> None:
    store = MemoryStorage()
    limits = try_limits(store)
    site = make_site(store=store)
    with time_machine.travel(START, tick=False) as clock:
        for number in range(100):
            await limits.take(f"VE{number}", made.SUB)
            clock.shift(400)
        visitor = await asked(site)
        await visitor.press("check", code=WRONG)
        assert "try again in 30 days" in visitor.page.said


async def test_a_lock_that_ends_while_its_page_is_open_says_so(make_site: MakeSite) -> None:
    store = MemoryStorage()
    limits = try_limits(store)
    site = make_site(store=store)
    with time_machine.travel(START, tick=False) as clock:
        for number in range(10):
            await limits.take(f"VE{number}", made.SUB)
        clock.shift(3600 - 60)
        visitor = await asked(site)
        await visitor.press("check", code=WRONG)
        assert "try again in 60 seconds" in visitor.page.said
        clock.shift(61)
        await visitor.reload()
        assert "try again now" in visitor.page.said


async def test_t23_who_used_up_the_tries_of_a_number_does_not_keep_its_owner_out(limited: Site) -> None:
    attacker = await asked(limited, sub="auth0|attacker")
    for _ in range(5):
        await attacker.press("check", code=WRONG)
    victim = limited.visitor()
    await victim.open()
    await sent_after_the_countdown(limited, victim)
    await victim.press("check", code=RIGHT)
    assert "one try too many" in victim.page.alert
    await sent_after_the_countdown(limited, victim)
    await victim.press("check", code=RIGHT)
    assert victim.result["outcome"] == "verified"


async def test_t23_a_code_with_tries_left_is_never_cancelled(limited: Site) -> None:
    first = await asked(limited)
    await first.press("number")
    await first.press("send", number=made.OTHER_MOBILE)
    await first.press("check", code=WRONG)
    await first.press("number")
    await first.press("give-up")
    assert limited.phones.canceled == []


async def test_t28_a_number_gets_three_codes_in_ten_minutes(make_site: MakeSite) -> None:
    site = make_site(resendSeconds=1)
    with time_machine.travel(START, tick=False) as clock:
        for number in range(100):
            visitor = await asked(site, sub=f"auth0|{number}")
            clock.shift(2)
        assert len(site.phones.sent) == 3
        assert "You can ask for another one in 7 minutes" in visitor.page.alert
        clock.shift(WINDOW)
        await asked(site, sub="auth0|later")
        assert len(site.phones.sent) == 4


async def test_t28_a_number_gets_five_codes_an_hour_and_ten_a_day(make_site: MakeSite) -> None:
    site = make_site(resendSeconds=1)
    sent = {}
    with time_machine.travel(START, tick=False) as clock:
        for minute in range(0, 24 * 60, 5):
            await asked(site, sub=f"auth0|{minute}")
            sent[minute] = len(site.phones.sent)
            clock.shift(5 * 60)
    assert (sent[55], sent[24 * 60 - 5]) == (5, 10)


async def test_one_account_gets_ten_codes_an_hour(limited: Site) -> None:
    for number in range(12):
        visitor = await asked(limited, phone=f"+1415555{100 + number:04d}")
    assert len(limited.phones.sent) == 10
    assert "Too many codes were asked for" in visitor.page.alert


async def test_one_address_gets_sixty_codes_in_ten_minutes(limited: Site) -> None:
    for number in range(62):
        visitor = limited.visitor("93.184.216.34")
        await visitor.open(phone=f"+1212555{100 + number:04d}", sub=f"auth0|{number}")
        await visitor.press("send")
    assert len(limited.phones.sent) == 60
    other = limited.visitor("93.184.216.35")
    await other.open(sub="auth0|next door")
    await other.press("send")
    assert len(limited.phones.sent) == 61


async def test_t32_no_header_moves_the_address(limited: Site) -> None:
    for number in range(62):
        visitor = limited.visitor("93.184.216.34")
        await visitor.open(phone=f"+1212555{100 + number:04d}", sub=f"auth0|{number}")
        form = visitor.page.form("/send")
        spoofed = {"x-forwarded-for": f"8.8.{number}.1", "forwarded": f"for=8.8.{number}.1"}
        await visitor.post(form.action, form.fields, **{k.replace("-", "_"): v for k, v in spoofed.items()})
    assert len(limited.phones.sent) == 60


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("93.184.216.34", "93.184.216.34"),
        ("2606:4700:1234:56aa::1", "2606:4700:1234:5600::/56"),
        ("2606:4700:1234:56bb:1::9", "2606:4700:1234:5600::/56"),
        ("::ffff:93.184.216.34", "93.184.216.34"),
        ("127.0.0.1", None),
        ("10.1.2.3", None),
        ("::1", None),
        ("fe80::1", None),
        ("", None),
        ("unix:", None),
    ],
)
def test_what_counts_as_one_address(address: str, group: str | None) -> None:
    assert address_group(address) == group


async def test_t26_every_limit_on_sending_says_the_same(make_site: MakeSite) -> None:
    with time_machine.travel(START, tick=False) as clock:
        by_number = make_site(resendSeconds=1)
        for number in range(5):
            one = await asked(by_number, sub=f"auth0|{number}")
            clock.shift(2)
        by_account = make_site(resendSeconds=1)
        for number in range(12):
            other = await asked(by_account, phone=f"+1415555{123 + 100 * number:04d}"[:12])
            clock.shift(2)
        words = [visitor.page.alert.split(" in ")[0] for visitor in (one, other)]
        assert words[0] == words[1] != ""
        assert one.answer.status == other.answer.status == 200


async def test_f01_a_send_that_twilio_refused_does_not_use_up_the_number(make_site: MakeSite) -> None:
    site = make_site(phones=Phones(fail_start=[RefusedError("unavailable")] * 4), resendSeconds=1)
    visitor = site.visitor()
    await visitor.open()
    for _ in range(4):
        await visitor.press("send")
        assert "can't reach our phone service" in visitor.page.alert
    await visitor.press("send")
    assert visitor.page.has_form("/check")


async def test_f03_a_check_without_a_verdict_does_not_count(limited: Site) -> None:
    limited.phones.fail_check = [RefusedError("unavailable")] * 8
    visitor = await asked(limited)
    for _ in range(8):
        await visitor.press("check", code=RIGHT)
        assert "can't reach our phone service" in visitor.page.alert
    await visitor.press("check", code=RIGHT)
    assert visitor.result["outcome"] == "verified"


async def test_expired_codes_are_never_a_success(limited: Site) -> None:
    limited.phones.fail_check = [Verdict.GONE]
    visitor = await asked(limited)
    await visitor.press("check", code=RIGHT)
    assert "That code has expired" in visitor.page.alert
    assert visitor.page.has_form("/send")


async def test_after_a_success_the_next_login_need_not_wait(make_site: MakeSite) -> None:
    site = make_site()
    for number in range(2):
        visitor = await asked(site, sub=f"auth0|{number}")
        await visitor.press("check", code=RIGHT)
        assert visitor.result["outcome"] == "verified"
    assert len(site.phones.sent) == 2


async def test_a_code_sent_a_moment_ago_in_another_tab_can_be_typed_here(make_site: MakeSite) -> None:
    site = make_site()
    await asked(site)
    second = await asked(site)
    assert site.phones.sent == [made.MOBILE]
    assert second.page.has_form("/check")
    await second.press("check", code=RIGHT)
    assert second.result["sealed"] == {"phone": made.MOBILE}
