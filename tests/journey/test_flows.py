# ruff: noqa: RUF001 - the form's texts have typographic apostrophes
"""The other ways to verify and to roll out: inside the Action, observed only, optional."""

import base64
import json

import pytest
from playwright.sync_api import expect

from tests.journey.people import Person, wrong
from tests.journey.stage import JourneyStage

# Its next login reuses the message that was sent, for ten minutes however slow the machine.
action_flow = pytest.mark.deployed(
    "verification.flow=action", "consent.mode=at-sign-up", "phone.resendSeconds=600"
)


@action_flow
def test_verifying_inside_the_action(ada: Person, stage: JourneyStage) -> None:
    """Wrong denies, the next login reuses the message and says so, right verifies."""
    ada.sign_up()
    assert len(stage.messages(ada.number)) == 1
    code = ada.code()
    ada.enter(wrong(code))
    ada.is_refused("phone_code_wrong")
    assert ada.metadata()["phone_pending"]["fails"] == 1  # type: ignore[index]

    ada.log_in()
    ada.is_told("That code isn’t right")
    assert len(stage.messages(ada.number)) == 1
    ada.enter(code)
    ada.arrive()
    assert ada.is_verified_with(ada.number)
    assert "phone_pending" not in ada.metadata()


@action_flow
def test_the_action_flow_keeps_twilios_credentials_in_the_tenant_alone(
    ada: Person, stage: JourneyStage
) -> None:
    action = next(
        each
        for each in stage.management("GET", "/actions/actions")["actions"]
        if each["name"].startswith("auth0-phone")
    )
    assert {secret["name"] for secret in action["secrets"]} >= {"TWILIO_API_KEY", "TWILIO_API_SECRET"}
    assert all("value" not in secret for secret in action["secrets"])
    ada.sign_up()
    expect(ada.page.get_by_role("button", name="Send a new code")).to_have_count(0)


@pytest.mark.deployed("verification.enforcement=observe")
def test_observe_asks_nobody_and_says_what_would_happen(ada: Person, stage: JourneyStage) -> None:
    ada.sign_up()
    ada.arrive()
    assert stage.messages(ada.number) == []
    assert ada.metadata() == {}
    ada.page.goto(f"{stage.app}/profile.json")
    profile = json.loads(ada.page.locator("body").inner_text())
    assert profile["id_token"][f"{stage.form}/phone_status"] == "would_ask"


@pytest.mark.deployed("verification.enforcement=optional")
def test_optional_lets_people_put_it_off(ada: Person) -> None:
    ada.sign_up()
    ada.press("Not now")
    ada.arrive()
    assert ada.metadata() == {}
    ada.log_in()
    ada.verify()
    assert ada.is_verified_with(ada.number)


@pytest.mark.deployed("verification.applications=['anotherApplication']")
def test_only_the_named_applications_are_asked(ada: Person) -> None:
    ada.sign_up()
    ada.arrive()
    assert ada.metadata() == {}


@pytest.mark.deployed("consent.mode=at-sign-up")
def test_at_sign_up_consent_sends_once_on_arrival_and_never_again_on_reload(
    ada: Person, stage: JourneyStage
) -> None:
    ada.sign_up()
    expect(ada.page.locator("#code")).to_be_visible()
    for _ in range(3):
        ada.page.reload()
    assert len(stage.messages(ada.number)) == 1
    ada.enter(ada.code())
    ada.arrive()


def test_the_console_names_the_case_and_never_the_number(ada: Person, stage: JourneyStage) -> None:
    ada.sign_up()
    ada.verify()
    logs = json.dumps(stage.control("GET", "/logs"))
    assert "auth0-phone: verified" in logs
    assert ada.number not in logs.replace(json.dumps({"phone_number": ada.number})[1:-1], "")


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_the_outbound_token_is_encrypted(ada: Person) -> None:
    links: list[str] = []
    ada.page.on("request", lambda request: links.append(request.url))
    ada.sign_up()
    (token,) = {
        url.partition("phone_request=")[2].partition("&")[0] for url in links if "phone_request=" in url
    }
    header, *rest = token.split(".")
    assert json.loads(decoded(header)) == {"alg": "dir", "enc": "A256GCM", "typ": "phone-request+jwe"}
    assert len(rest) == 4
    assert all(ada.number[2:].encode() not in decoded(part) for part in rest)
