"""Our own SMS: logins by a code that goes through connection or provider, gateway, carrier and handset."""

import json
from urllib.parse import quote

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import expect

from tests.journey.canaries import leaks, logs_of, secrets_of
from tests.journey.passwordless import (
    Application,
    answer,
    answering,
    ask,
    code_after,
    is_verified_with,
    notifications,
    profile,
)
from tests.journey.people import Person, fresh_number, wrong
from tests.journey.stage import JourneyStage

by_provider = pytest.mark.deployed("sms.mode=provider")
by_others = pytest.mark.deployed("sms.carriers=[vonage,plivo]")


@pytest.fixture
def application(stage: JourneyStage) -> Application:
    return Application(stage)


def log_in_by_sms(ada: Person) -> None:
    """A wrong code, then the right one: the login proves the number, and nothing else was sent."""
    ask(ada)
    code = ada.code()
    answer(ada, wrong(code))
    expect(ada.page.get_by_role("alert")).to_contain_text("not right")
    answer(ada, code)
    ada.arrive()
    assert "Verified" in ada.page.locator("section.phone").inner_text()
    told = profile(ada)
    assert told["id_token"]["sub"].startswith("sms|")
    assert is_verified_with(told["app_metadata"], ada.number)
    assert len(ada.stage.messages(ada.number)) == 1


def test_a_person_logs_in_with_a_code_by_sms_and_has_a_verified_number(ada: Person) -> None:
    log_in_by_sms(ada)


def test_the_otp_grant_finds_the_same_person_and_its_login_is_proof_as_well(
    ada: Person, application: Application
) -> None:
    user = application.log_in(ada.number)
    assert is_verified_with(user["app_metadata"], ada.number)
    assert len(ada.stage.messages(ada.number)) == 1
    ask(ada)
    answer(ada, ada.code())
    ada.arrive()
    assert profile(ada)["id_token"]["sub"] == user["user_id"]
    assert application.log_in(ada.number)["app_metadata"] == user["app_metadata"]
    assert len(ada.stage.messages(ada.number)) == 3


def test_a_wrong_code_is_refused_and_the_right_one_still_counts(
    application: Application, stage: JourneyStage
) -> None:
    number = fresh_number()
    application.start(number)
    code = code_after(stage, number)
    refused = application.exchange(number, wrong(code))
    assert (refused.status_code, refused.json()["error"]) == (403, "invalid_grant")
    assert application.exchange(number, code).status_code == 200
    assert application.exchange(number, code).status_code == 403


@pytest.mark.parametrize(
    ("reply", "status"),
    [("internal", 503), ("credentials", 503), ("opted_out", 422), ("number", 422)],
)
def test_who_asks_for_a_code_is_told_what_the_gateway_answered(
    application: Application, stage: JourneyStage, reply: str, status: int
) -> None:
    number = fresh_number()
    with answering(stage, reply, number):
        refused = application.start(number)
    assert refused.status_code == 400
    assert refused.json() == {
        "error": "sms_provider_error",
        "error_description": f"Unexpected response while calling the SMS gateway: {status}",
    }
    assert stage.messages(number) == []
    assert application.start(number).status_code == 200


def test_another_countrys_number_is_sent_nothing(application: Application, stage: JourneyStage) -> None:
    refused = application.start("+4915123456789")
    assert refused.json()["error_description"].endswith("SMS gateway: 422")
    assert stage.messages("+4915123456789") == []


def token(stage: JourneyStage, secret: str, **claims: str) -> str:
    """A token as this stage's connection sends it, less what `claims` change."""
    told = json.loads(stage.rendered()["gateway/stage.json"])
    ours = {"sub": told["subject"], "aud": told["audience"]}
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, {**ours, **claims}, OctKey.import_key(secret))


def test_the_gateway_sends_nothing_for_whoever_is_not_this_stages_tenant(stage: JourneyStage) -> None:
    number, secret = fresh_number(), json.loads((stage.folder / "secrets.json").read_text())
    ours = secret["sms_gateway_secret"]
    tokens = {
        "none": None,
        "no token": "hello",
        "another secret": token(stage, secret["result_key"]),
        "another stage's": token(stage, ours, aud="https://phone.acme.example/sms"),
        "another subject's": token(stage, ours, sub="acme"),
        "its signature cut off": token(stage, ours).rpartition(".")[0] + ".",
    }
    answers = {name: stage.post_sms(each, number, "Hello") for name, each in tokens.items()}
    assert {name: got.status_code for name, got in answers.items()} == dict.fromkeys(tokens, 401)
    assert {got.json()["error"] for got in answers.values()} == {"unauthorized"}
    assert stage.messages(number) == []
    assert stage.post_sms(token(stage, ours), number, "Hello").status_code == 200
    assert [message["body"] for message in stage.messages(number)] == ["Hello"]


def test_another_name_of_a_protected_connection_is_refused(stage: JourneyStage) -> None:
    with stage.stage_file_kept():
        refused = stage.ops("preview", *stage.settings, "protect=true", "sms.connectionName=codes")
    assert refused.returncode == 1
    said = refused.stdout + refused.stderr
    assert "Auth0 renames no connection" in said
    assert "edit Pulumi.local.yaml: sms.connectionName: sms" in said
    assert "Traceback" not in said


def carriers(stage: JourneyStage, number: str) -> list[str]:
    """Who delivered the messages to a number."""
    sent = stage.control("GET", f"/outbox?to={quote(number)}")["messages"]
    return [message["carrier"] for message in sent]


@by_others
def test_a_carrier_is_swapped_by_configuration_and_the_next_one_stands_in(
    application: Application, stage: JourneyStage
) -> None:
    first, second, third = fresh_number(), fresh_number(), fresh_number()
    assert application.start(first).status_code == 200
    with answering(stage, "internal", second, "vonage"):
        assert application.start(second).status_code == 200
    with answering(stage, "opted_out", third, "vonage"):
        assert application.start(third).status_code == 400
    assert [carriers(stage, number) for number in (first, second, third)] == [["vonage"], ["plivo"], []]


@by_provider
def test_through_the_tenants_phone_provider_it_is_the_same_login(ada: Person) -> None:
    log_in_by_sms(ada)
    (provider,) = ada.stage.management("GET", "/branding/phone/providers")["providers"]
    assert (provider["name"], provider["disabled"]) == ("custom", False)


@by_provider
def test_through_the_provider_the_otp_grant_is_proof_too(application: Application) -> None:
    number = fresh_number()
    assert is_verified_with(application.log_in(number)["app_metadata"], number)
    assert len(application.stage.messages(number)) == 1


@by_provider
def test_a_refusal_for_good_is_dropped_and_whoever_asked_never_learns_of_it(
    application: Application, stage: JourneyStage
) -> None:
    number = fresh_number()
    with answering(stage, "opted_out", number):
        assert application.start(number).status_code == 200
        (notification,) = notifications(stage, number, "dropped")
    assert notification["due_at"] is None
    logs = stage.control("GET", "/logs")["logs"]
    (failed,) = (each for each in logs if each.get("details", {}).get("to") == number)
    assert (failed["type"], failed["description"]) == ("fn", "the gateway answered 422 opted_out")
    assert stage.messages(number) == []


@by_provider
def test_through_the_provider_the_gateways_secret_is_as_hidden(stage: JourneyStage) -> None:
    printed = [stage.pulumi(*command) for command in (("preview", "--json"), ("stack", "export"))]
    assert [done.returncode for done in printed] == [0, 0]
    shown = "".join(done.stdout + done.stderr for done in printed)
    assert "auth0-phone provider" in shown
    assert leaks(shown + logs_of(stage), secrets_of(stage)) == []


@by_provider
def test_the_way_back_to_the_connection_shows_what_changes(stage: JourneyStage) -> None:
    with stage.stage_file_kept():
        shown = stage.ops("preview", *stage.settings)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "~ 1 to update" in shown.stdout  # the connection gets its gateway again
    assert "- 6 to delete" in shown.stdout
    assert "+ provider" in shown.stdout
