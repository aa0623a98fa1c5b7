# ruff: noqa: RUF001 - the form's texts have typographic apostrophes
"""Logging in through the whole of it: tenant, Action, form, handset and application, in a real browser."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.journey.people import PASSWORD, Person, fresh_number, wrong
from tests.journey.stage import JourneyStage

Meet = Callable[..., Person]
PASSWORD_GRANT = "http://auth0.com/oauth/grant-type/password-realm"


def test_a_person_signs_up_and_is_logged_in_with_a_verified_number(ada: Person) -> None:
    ada.sign_up()
    expect(ada.page.locator("body")).to_contain_text(f"ending in {ada.number[-2:]}")
    assert ada.number not in ada.page.content()
    ada.verify()
    assert ada.is_verified_with(ada.number)
    assert "Verified" in ada.page.locator("section.phone").inner_text()


def test_nothing_is_sent_before_consent(ada: Person, stage: JourneyStage) -> None:
    ada.sign_up()
    ada.page.reload()
    assert stage.messages(ada.number) == []
    ada.consent()
    assert len(stage.messages(ada.number)) == 1


def test_consent_is_kept_with_its_time_and_text_version(ada: Person) -> None:
    ada.sign_up()
    ada.verify()
    consent = ada.metadata()["phone_consent"]
    assert isinstance(consent, dict)
    assert consent["version"] == "2026-11-01"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*", str(consent["at"]))


def test_the_second_login_meets_no_redirect_and_no_message(ada: Person, stage: JourneyStage) -> None:
    ada.sign_up()
    ada.verify()
    visited: list[str] = []
    ada.page.on("request", lambda request: visited.append(request.url))
    ada.log_in()
    ada.arrive()
    assert [url for url in visited if url.startswith(stage.form)] == []
    assert len(stage.messages(ada.number)) == 1


def test_a_wrong_code_is_only_a_retry(ada: Person) -> None:
    ada.sign_up()
    ada.consent()
    code = ada.code()
    ada.enter(wrong(code))
    ada.is_told("That code isn’t right")
    ada.enter(code)
    ada.arrive()
    assert ada.is_verified_with(ada.number)


def test_another_code_can_be_asked_for_after_a_while(ada: Person, stage: JourneyStage) -> None:
    ada.sign_up()
    ada.page.clock.install()
    # The countdown waits, however slow the machine.
    ada.page.clock.pause_at(datetime.now() + timedelta(minutes=1))
    ada.consent()
    resend = ada.page.get_by_role("button", name="Send a new code")
    expect(resend).to_be_disabled()
    ada.page.clock.resume()
    expect(resend).to_be_enabled()  # the stage waits five seconds
    ada.press("Send a new code")
    expect(ada.page.locator("#code")).to_be_visible()
    assert len(stage.messages(ada.number)) == 2
    ada.enter(ada.code())
    ada.arrive()


def test_five_wrong_codes_lock_and_the_login_is_denied(ada: Person) -> None:
    ada.sign_up()
    ada.consent()
    code = ada.code()
    for _ in range(5):
        ada.enter(wrong(code))
    ada.press("Go back")
    ada.is_refused("phone_locked")
    assert ada.metadata() == {}


def test_the_number_can_be_changed_on_the_form(ada: Person, stage: JourneyStage) -> None:
    other = fresh_number()
    ada.sign_up()
    ada.press("Use another number")
    ada.page.fill("#number", other)
    ada.consent()
    assert stage.messages(ada.number) == []
    ada.enter(ada.code(other))
    ada.arrive()
    assert ada.is_verified_with(other)


def test_a_number_outside_the_stages_countries_is_refused_before_anything_is_sent(ada: Person) -> None:
    ada.sign_up(number="")
    ada.page.fill("#number", "+49 151 23456789")
    ada.press("Text me a code")
    ada.is_told("We can’t send codes to that country")


def test_giving_up_denies_the_login_and_the_next_one_asks_again(ada: Person) -> None:
    ada.sign_up()
    ada.press("Cancel")
    ada.is_refused("phone_abandoned")
    ada.log_in()
    ada.verify()
    assert ada.is_verified_with(ada.number)


def test_two_tabs_of_one_person_do_not_disturb_each_other(ada: Person, stage: JourneyStage) -> None:
    ada.sign_up()
    first, ada.page = ada.page, ada.context.new_page()
    ada.log_in()
    ada.consent()
    second, ada.page = ada.page, first
    ada.press("Text me a code")
    ada.page = second
    ada.enter(ada.code())
    ada.arrive()
    assert ada.is_verified_with(ada.number)


def test_a_link_opened_in_another_browser_does_not_complete_the_first_ones_login(person: Meet) -> None:
    mallory, victim = person(), person()
    links: list[str] = []
    mallory.page.on(
        "request", lambda request: links.append(request.url) if "phone_request=" in request.url else None
    )
    mallory.sign_up(number=victim.number)
    (link,) = links
    victim.page.goto(link)
    victim.consent()
    victim.enter(victim.code())
    expect(victim.page.locator("body")).to_contain_text("invalid_request")
    assert mallory.metadata() == {}
    mallory.page.reload()
    expect(mallory.page.get_by_role("button", name="Text me a code")).to_be_visible()


def test_a_link_shows_no_personal_data_and_its_address_is_clean_at_once(ada: Person) -> None:
    links: list[str] = []
    ada.page.on("request", lambda request: links.append(request.url))
    ada.sign_up()
    joined = " ".join(links)
    assert ada.number[1:] not in joined
    assert ada.email not in joined.replace("%40", "@")
    assert "phone_request" not in ada.page.url
    assert "state" not in parse_qs(urlsplit(ada.page.url).query)


def test_silent_login_without_a_verified_number_asks_for_interaction(
    ada: Person, stage: JourneyStage
) -> None:
    ada.sign_up()
    ada.page.goto(f"{stage.app}/login?prompt=none")
    expect(ada.page.locator("body")).to_contain_text("interaction_required")
    assert stage.messages(ada.number) == []


def test_silent_login_with_a_verified_number_passes(ada: Person, stage: JourneyStage) -> None:
    ada.sign_up()
    ada.verify()
    ada.page.goto(f"{stage.app}/login?prompt=none")
    ada.arrive()


@contextmanager
def client_with_the_password_grant(stage: JourneyStage) -> Iterator[dict[str, Any]]:
    """The demo application, which may exchange passwords within the block."""
    client = next(each for each in stage.management("GET", "/clients") if each["name"] == "Demo app")
    path, usual = f"/clients/{client['client_id']}", client["grant_types"]
    stage.management("PATCH", path, {"grant_types": sorted({*usual, PASSWORD_GRANT})})
    try:
        yield client
    finally:
        stage.management("PATCH", path, {"grant_types": usual})


def test_where_no_redirect_is_possible_an_unverified_person_is_denied(
    ada: Person, stage: JourneyStage
) -> None:
    ada.sign_up()
    with client_with_the_password_grant(stage) as client:
        grant = {
            "grant_type": PASSWORD_GRANT,
            "realm": "Username-Password-Authentication",
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            "username": ada.email,
            "password": PASSWORD,
            "scope": "openid",
        }
        denied = stage.call("POST", "/oauth/token", json=grant)
        assert denied.status_code == 403
        assert denied.json()["error_description"] == "phone_unverified"
        ada.log_in()
        ada.verify()
        assert "access_token" in stage.call("POST", "/oauth/token", json=grant).json()


def test_editing_ones_own_metadata_verifies_nothing(ada: Person, stage: JourneyStage) -> None:
    ada.sign_up()
    user = stage.user(ada.email)
    forged = {"user_metadata": {"phone_number": ada.number, "phone_number_verified": True}}
    stage.management("PATCH", f"/users/{user['user_id'].replace('|', '%7C')}", forged)
    ada.log_in()
    expect(ada.page.get_by_role("button", name="Text me a code")).to_be_visible()


def test_a_changed_number_asks_the_old_one_first(ada: Person, stage: JourneyStage) -> None:
    old, new = ada.number, fresh_number()
    ada.sign_up()
    ada.verify()
    ada.page.get_by_text("Change my phone number").click()
    ada.page.fill("#phone_number", new)
    ada.press("Save number")
    ada.log_in()
    ada.consent()
    ada.enter(ada.code(old))
    assert ada.is_verified_with(old)
    ada.consent()
    ada.enter(ada.code(new))
    ada.arrive()
    assert ada.is_verified_with(new)


def test_a_change_that_is_put_off_keeps_the_old_number_and_is_not_asked_again(ada: Person) -> None:
    ada.sign_up()
    ada.verify()
    ada.page.get_by_text("Change my phone number").click()
    ada.page.fill("#phone_number", fresh_number())
    ada.press("Save number")
    ada.log_in()
    ada.press("Not now")
    ada.arrive()
    assert ada.is_verified_with(ada.number)
    ada.log_in()
    ada.arrive()


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_way_back_works_with_and_without_script(
    person: Meet, stage: JourneyStage, javascript: bool
) -> None:
    ada = person(java_script_enabled=javascript)
    ada.sign_up()
    ada.consent()
    ada.enter(stage.messages(ada.number)[-1]["code"])
    if not javascript:
        ada.press("Continue")
    ada.arrive()
