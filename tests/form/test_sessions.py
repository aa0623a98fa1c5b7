"""The sealed cookie: whose it is, how long it lives, and who may act with it."""

import json
import re

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import made
from .conftest import MakeSite, Site
from .phones import RIGHT, WRONG
from .visitor import Visitor

pytestmark = pytest.mark.anyio

START = "2026-03-01T12:00:00Z"


def only_cookie(visitor: Visitor) -> tuple[str, str]:
    ((name, value),) = visitor.cookies.items()
    return name, value


async def test_t51_the_cookie_belongs_to_this_host_and_this_login_alone(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open()
    first, _ = only_cookie(visitor)
    other = site.visitor()
    answer = await other.send("GET", f"/verify?phone_request={made.request_token()}&state=s")
    cookie = answer.header("set-cookie")
    name = cookie.split("=")[0]
    assert re.fullmatch(r"__Host-phone-[A-Za-z0-9_-]{22}", name)
    assert name != first
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= attributes
    assert not any(attribute.startswith("domain") for attribute in attributes)


async def test_t51_a_cookie_under_another_name_is_ignored(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open()
    name, value = only_cookie(visitor)
    tx = name.removeprefix("__Host-phone-")
    for imposter in (f"phone-{tx}", f"__Secure-phone-{tx}", f"__host-phone-{tx}"):
        visitor.cookies = {imposter: value}
        assert (await visitor.get(f"/verify/{tx}")).status == 410


async def test_t51_a_cookie_of_another_transaction_does_not_open_this_one(site: Site) -> None:
    mine, theirs = site.visitor(), site.visitor()
    await mine.open()
    await theirs.open()
    (name, _), (_, stolen) = only_cookie(mine), only_cookie(theirs)
    mine.cookies = {name: stolen}
    assert (await mine.reload()).status == 410


async def test_the_cookie_shows_nothing(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open()
    _, value = only_cookie(visitor)
    head, _, _, text, _ = value.split(".")
    assert json.loads(made.decode(head)) == {"alg": "dir", "enc": "A256GCM", "typ": "phone-session+jwe"}
    for part in (made.MOBILE, made.STATE, made.SUB):
        assert part.encode() not in made.decode(text)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), other=st.permutations("ABCxyz019-_.="))
async def test_a_cookie_with_a_character_changed_is_refused(
    site: Site, place: float, other: list[str]
) -> None:
    visitor = site.visitor()
    await visitor.open()
    name, value = only_cookie(visitor)
    visitor.cookies = {name: made.changed(value, place, other)}
    assert (await visitor.reload()).status == 410


async def test_a_request_token_is_not_a_session(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open()
    name, _ = only_cookie(visitor)
    visitor.cookies = {name: made.request_token()}
    assert (await visitor.reload()).status == 410


async def test_t08_a_proof_stays_in_the_browser_that_typed_the_code(site: Site) -> None:
    token = made.request_token()
    attacker, victim = site.visitor(), site.visitor()
    await attacker.open(token)
    await victim.open(token)
    await victim.press("send")
    await victim.press("check", code=RIGHT)
    assert victim.result["outcome"] == "verified"
    await attacker.reload()
    assert attacker.page.has_form("/send")
    await attacker.press("give-up")
    assert attacker.result["outcome"] == "abandoned"


async def test_abandoned_logins_do_not_pile_up_in_the_cookie_header(site: Site) -> None:
    visitor = site.visitor()
    with time_machine.travel(START, tick=False) as clock:
        ways = []
        for _ in range(12):
            await visitor.open()
            ways.append(visitor.at)
            clock.shift(1)
        assert len(visitor.cookies) == 4
        assert sum(len(name) + len(value) for name, value in visitor.cookies.items()) < 8192
        for number, way in enumerate(ways):
            assert (await visitor.get(way)).status == (200 if number >= 8 else 410)


async def test_cookies_that_cannot_be_opened_are_let_go(site: Site) -> None:
    visitor = site.visitor()
    foreign = {f"__Host-phone-{'x' * 21}{n}": "rubbish" for n in range(3)}
    visitor.cookies = {**foreign, "theme": "dark", "__Host-phone-odd": "kept"}
    await visitor.open()
    assert not foreign.keys() & visitor.cookies.keys()
    assert {"theme", "__Host-phone-odd"} <= visitor.cookies.keys()


@pytest.mark.parametrize(("minutes", "alive"), [(9, True), (10, True), (11, False)])
async def test_f37_a_page_left_for_ten_minutes_is_over(site: Site, minutes: int, alive: bool) -> None:
    with time_machine.travel(START, tick=False) as clock:
        visitor = site.visitor()
        await visitor.open()
        clock.shift(minutes * 60)
        assert (await visitor.reload()).status == (200 if alive else 410)


async def test_f37_an_expired_page_leads_back_to_the_login(site: Site) -> None:
    with time_machine.travel(START, tick=False) as clock:
        visitor = site.visitor()
        await visitor.open()
        await visitor.press("send")
        check = visitor.page.form("/check")
        clock.shift(11 * 60)
        answer = await visitor.post(check.action, {**check.fields, "code": RIGHT})
        assert answer.status == 410
        assert site.phones.checked == []
        await visitor.reload()
        assert "This page has expired" in visitor.page.said
        await visitor.press("give-up")
        assert visitor.result["outcome"] == "abandoned"


async def test_using_the_page_keeps_it_alive_but_not_beyond_fifty_minutes(site: Site) -> None:
    with time_machine.travel(START, tick=False) as clock:
        visitor = site.visitor()
        await visitor.open()
        for _ in range(5):
            clock.shift(9 * 60)
            assert (await visitor.reload()).status == 200
        clock.shift(6 * 60)
        answer = await visitor.reload()
        assert answer.status == 410
        assert visitor.page.forms == []
        assert "go back to Acme and log in again" in visitor.page.said


async def test_the_cookie_ends_with_the_login(site: Site) -> None:
    with time_machine.travel(START, tick=False) as clock:
        visitor = site.visitor()
        await visitor.open()
        clock.shift(8 * 60)
        form = visitor.page.form("/send")
        answer = await visitor.post(form.action, form.fields)
    assert f"Max-Age={(50 - 8) * 60}" in answer.header("set-cookie")


async def test_a_page_view_does_not_put_the_cookie_back(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open()
    answer = await visitor.send("GET", visitor.at)
    assert answer.all("set-cookie") == []


async def test_f35_a_new_release_with_a_new_key_keeps_people_on_their_way(make_site: MakeSite) -> None:
    before = make_site()
    visitor = before.visitor()
    await visitor.open()
    await visitor.press("send")
    new_key = "n" * 43
    after = make_site(
        env={"PHONE_REQUEST_KEY": new_key, "PHONE_REQUEST_KEY_PREVIOUS": made.REQUEST_KEY},
        phones=before.phones,
    )
    visitor.app = after.app
    await visitor.press("check", code=RIGHT)
    assert visitor.result["outcome"] == "verified"


async def test_t19_a_form_from_another_site_is_refused(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open()
    form = visitor.page.form("/send")
    for origin in ("cross-site", "same-site", "none", "SAME-ORIGIN"):
        answer = await visitor.post(form.action, form.fields, sec_fetch_site=origin)
        assert answer.status == 403
        assert answer.all("set-cookie") == []
    assert site.phones.sent == []
    assert {entry["event"] for entry in site.events} == {"opened", "foreign_form_refused"}


@pytest.mark.parametrize("csrf", ["", "x", "é", "A" * 22, "A" * 5000])
async def test_t19_the_token_of_the_session_is_needed(site: Site, csrf: str) -> None:
    visitor = site.visitor()
    await visitor.open()
    form = visitor.page.form("/send")
    for button in ("send", "check", "number", "give-up"):
        action = form.action.replace("/send", f"/{button}")
        assert (await visitor.post(action, {"csrf": csrf})).status == 403
        assert (await visitor.post(action, {"csrf": csrf}, sec_fetch_site="")).status == 403
        assert (await visitor.post(action, {"code": RIGHT})).status == 403
    assert site.phones.sent == []


async def test_t19_the_token_of_another_session_does_not_do(site: Site) -> None:
    mine, theirs = site.visitor(), site.visitor()
    await mine.open()
    await theirs.open()
    action = mine.page.form("/send").action
    assert (await mine.post(action, theirs.page.form("/send").fields)).status == 403


async def test_t19_our_own_form_under_no_referrer_is_accepted(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open()
    form = visitor.page.form("/send")
    assert (await visitor.post(form.action, form.fields, origin="null")).status == 303


async def test_browsers_without_fetch_metadata_are_served(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open()
    form = visitor.page.form("/send")
    assert (await visitor.post(form.action, form.fields, sec_fetch_site="")).status == 303
    assert site.phones.sent == [made.MOBILE]


async def test_every_button_answers_with_303_to_the_clean_page(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open()
    page = visitor.at
    for button in ("number", "send", "check", "give-up"):
        form = visitor.page.forms[0]
        fields = {"csrf": form.fields["csrf"], "number": made.MOBILE, "code": WRONG}
        answer = await visitor.post(f"{page}/{button}", fields)
        assert answer.status == 303
        assert answer.header("location") == page
        await visitor.get(page)


async def test_without_a_cookie_no_button_does_anything(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open()
    form = visitor.page.form("/send")
    visitor.cookies = {}
    for button in ("send", "check", "number", "give-up"):
        answer = await visitor.post(form.action.replace("/send", f"/{button}"), form.fields)
        assert answer.status == 410
    assert site.phones.sent == []


async def test_an_older_copy_of_the_cookie_wins_no_tries(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open()
    await visitor.press("send")
    kept, form = dict(visitor.cookies), visitor.page.form("/check")
    for _ in range(20):
        visitor.cookies = dict(kept)
        await visitor.post(form.action, {**form.fields, "code": WRONG})
    assert len(site.phones.checked) == 5
