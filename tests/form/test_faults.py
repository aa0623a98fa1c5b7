"""What a person sees when Twilio won't, can't or may have."""

import re

import pytest
import time_machine

from form.errors import Case, MaybeSentError, RefusedError
from form.twilio import Verdict

from . import made
from .conftest import MakeSite, Site
from .phones import RIGHT, WRONG, Phones
from .visitor import Visitor

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("case", "words", "page"),
    [
        ("number_invalid", "complete mobile number", "entry"),
        ("number_landline", "looks like a landline", "entry"),
        ("number_blocked", "can't send codes to that number", "entry"),
        ("country_off", "can't send codes to that country at the moment", "entry"),
        ("sends_used", "in 10 minutes", "ask"),
        ("tries_used", "one try too many", "ask"),
        ("busy", "It's very busy", "ask"),
        ("unavailable", "can't reach our phone service", "ask"),
    ],
)
async def test_a_refused_send_is_explained_and_leaves_a_way_on(
    make_site: MakeSite, case: Case, words: str, page: str
) -> None:
    wait = {"sends_used": 600, "busy": 30}.get(case, 0)
    site = make_site(phones=Phones(fail_start=[RefusedError(case, wait, 12345)]))
    visitor = site.visitor()
    await visitor.open()
    answer = await visitor.press("send")
    assert answer.status == 200
    assert words in visitor.page.alert
    assert visitor.page.has_form("/send")
    assert ("number" in visitor.page.form("/send").fields) is (page == "entry")
    assert site.logged("code_not_sent")[0]["vendor_code"] == 12345
    number = made.OTHER_MOBILE if page == "entry" else ""
    await visitor.press("send", number=number)
    await visitor.press("check", code=RIGHT)
    assert visitor.result["outcome"] == "verified"


async def test_a_refused_resend_stays_at_the_code(make_site: MakeSite) -> None:
    site = make_site(phones=Phones(fail_start=[None, RefusedError("busy", 30)]), resendSeconds=1)
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        visitor = site.visitor()
        await visitor.open()
        await visitor.press("send")
        clock.shift(2)
        await visitor.press("send")
        assert "Please try again in 30 seconds" in visitor.page.alert
        await visitor.press("check", code=RIGHT)
        assert visitor.result["outcome"] == "verified"


async def test_the_old_number_cannot_be_replaced_because_twilio_refuses_it(make_site: MakeSite) -> None:
    site = make_site(phones=Phones(fail_start=[RefusedError("number_blocked")]))
    visitor = site.visitor()
    await visitor.open(proven=made.OLD_MOBILE)
    await visitor.press("send")
    assert "can't send codes to that number" in visitor.page.alert
    assert visitor.page.form("/send").fields.keys() == {"csrf"}
    assert not visitor.page.has_form("/number")


@pytest.mark.parametrize("known", [False, True])
async def test_f04_a_code_that_may_have_been_sent_can_be_typed_in(make_site: MakeSite, known: bool) -> None:
    fail: list[RefusedError | MaybeSentError | None] = [MaybeSentError()]
    fail = [None, *fail] if known else fail
    site = make_site(phones=Phones(fail_start=fail), resendSeconds=1)
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        visitor = site.visitor()
        await visitor.open()
        await visitor.press("send")
        if known:
            clock.shift(2)
            await visitor.press("send")
        assert "taking longer than usual" in visitor.page.alert
        await visitor.press("check", code=RIGHT)
    assert visitor.result["sealed"] == {"phone": made.MOBILE}
    assert (site.phones.checked[0][2] is not None) is known


async def test_f04_what_may_have_been_sent_counts_as_sent(make_site: MakeSite) -> None:
    site = make_site(phones=Phones(fail_start=[MaybeSentError()] * 5), resendSeconds=1)
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        visitor = site.visitor()
        await visitor.open()
        for _ in range(5):
            await visitor.press("send")
            clock.shift(2)
    assert len(site.phones.sent) == 3


@pytest.mark.parametrize("case", ["unavailable", "busy"])
async def test_f03_a_check_that_failed_can_be_tried_again(make_site: MakeSite, case: Case) -> None:
    site = make_site(phones=Phones(fail_check=[RefusedError(case, 30, 20429)]))
    visitor = site.visitor()
    await visitor.open()
    await visitor.press("send")
    await visitor.press("check", code=RIGHT)
    assert visitor.page.alert
    assert visitor.page.has_form("/check")
    await visitor.press("check", code=RIGHT)
    assert visitor.result["outcome"] == "verified"


async def test_f06_an_expired_code_offers_a_new_one(make_site: MakeSite) -> None:
    site = make_site(phones=Phones(fail_check=[Verdict.GONE]), resendSeconds=1)
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        visitor = site.visitor()
        await visitor.open()
        await visitor.press("send")
        clock.shift(2)
        await visitor.press("check", code=RIGHT)
        assert "ask for a new one" in visitor.page.alert
        await visitor.press("send")
        await visitor.press("check", code=RIGHT)
    assert visitor.result["outcome"] == "verified"
    assert len(site.phones.sent) == 2


async def locked_by_twilio(site: Site) -> Visitor:
    site.phones.fail_check = [Verdict.EXHAUSTED]
    visitor = site.visitor()
    await visitor.open()
    await visitor.press("send")
    await visitor.press("check", code=WRONG)
    assert "one try too many" in visitor.page.alert
    assert "Go back to Acme" in visitor.page.said
    return visitor


async def test_a_locked_code_can_be_replaced_by_a_new_one(make_site: MakeSite) -> None:
    site = make_site(resendSeconds=1)
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        visitor = await locked_by_twilio(site)
        clock.shift(2)
        await visitor.press("send")
        assert len(site.phones.canceled) == 1
        await visitor.press("check", code=RIGHT)
    assert visitor.result["outcome"] == "verified"


async def test_a_locked_code_can_be_left_for_another_number(make_site: MakeSite) -> None:
    visitor = await locked_by_twilio(make_site())
    await visitor.press("number")
    await visitor.press("send", number=made.OTHER_MOBILE)
    await visitor.press("check", code=RIGHT)
    assert visitor.result["sealed"] == {"phone": made.OTHER_MOBILE}


async def test_a_locked_page_keeps_its_ways_on_when_a_resend_must_wait(make_site: MakeSite) -> None:
    visitor = await locked_by_twilio(make_site())
    await visitor.press("send")
    assert re.search(r"ask for another one in (31|30|2\d) seconds", visitor.page.alert)
    assert visitor.page.has_form("/send")
    assert visitor.page.has_form("/number")
    await visitor.press("give-up")
    assert visitor.result["outcome"] == "locked"


async def test_a_locked_page_cannot_check_a_code(make_site: MakeSite) -> None:
    site = make_site()
    visitor = await locked_by_twilio(site)
    assert not visitor.page.has_form("/check")
    form = visitor.page.form("/give-up")
    await visitor.post(form.action.replace("/give-up", "/check"), {**form.fields, "code": RIGHT})
    await visitor.reload()
    assert "/continue" not in visitor.answer.text
    assert len(site.phones.checked) == 1
