"""Flow `action` at login: the Action sends the code."""

import base64
from typing import Any
from urllib.parse import parse_qs

import pytest

from . import made
from .flow_action import (
    APPROVED,
    OPTIONAL,
    OTHER_SID,
    SID,
    STARTED,
    check,
    failure,
    iso,
    pending,
    person,
    start,
)
from .made import DENY
from .runner import NOW, ActionRunner
from .test_asking import asked


def test_one_sms_is_sent_and_remembered_before_the_redirect(node: ActionRunner) -> None:
    run = start(node, person(), STARTED)
    claims = asked(run)
    assert (claims["flow"], claims["phone"]) == ("action", made.PHONE)
    assert "notice" not in claims
    assert run.app_metadata == {
        "phone_pending": {
            "sid": SID,
            "phone": made.PHONE,
            "sent_at": iso(NOW),
            "fails": 0,
            "sends": [NOW],
        }
    }
    assert run.calls.index("setAppMetadata") < run.calls.index("sendUserTo")
    [request] = run.fetches
    assert request["url"] == "https://verify.twilio.com/v2/Services/VA" + "0" * 32 + "/Verifications"
    assert request["method"] == "POST"
    assert request["redirect"] == "error"
    assert parse_qs(request["body"]) == {"To": [made.PHONE], "Channel": ["sms"]}
    basic = base64.b64decode(request["headers"]["authorization"].removeprefix("Basic ")).decode()
    assert basic == "SK" + "0" * 32 + ":made-up-secret"


def test_the_wait_for_twilio_is_bounded(node: ActionRunner) -> None:
    run = start(node, person(), {"hang": True})
    assert run.denial == DENY["unavailable"]
    assert run.timeouts == [5000]
    assert len(run.fetches) == 1


@pytest.mark.parametrize("hint", ["", "no number"])
def test_without_a_known_number_there_is_nothing_to_send_to(node: ActionRunner, hint: str) -> None:
    run = start(node, person(hint))
    assert run.denial == DENY["numberMissing"]
    assert run.fetches == []
    assert start(node, person(hint), code=OPTIONAL).passed


@pytest.mark.parametrize(("age", "sends"), [(0, False), (29, False), (30, True), (599, True), (600, True)])
def test_inside_the_resend_interval_the_code_is_not_sent_again(
    node: ActionRunner, age: int, sends: bool
) -> None:
    run = start(node, person(**pending(age=age)), STARTED)
    asked(run)
    assert len(run.fetches) == int(sends)


def test_after_a_wrong_code_the_form_says_so(node: ActionRunner) -> None:
    run = start(node, person(**pending(fails=1)))
    assert asked(run)["notice"] == "code_wrong"
    assert run.fetches == []
    assert "notice" not in asked(start(node, person(**pending(fails=0))))


def test_a_repeated_code_and_a_new_one_keep_the_persons_wrong_tries(node: ActionRunner) -> None:
    event = person(**pending(age=60, fails=3))
    assert start(node, event, STARTED).app_metadata["phone_pending"]["fails"] == 3
    fresh = {"status": 201, "json": {"sid": OTHER_SID, "status": "pending"}}
    assert start(node, event, fresh).app_metadata["phone_pending"] == {
        "sid": OTHER_SID,
        "phone": made.PHONE,
        "sent_at": iso(NOW),
        "fails": 3,
        "sends": [NOW],
    }


def test_t22_another_hint_is_no_way_round_the_lock(node: ActionRunner) -> None:
    run = start(node, person(made.OTHER, **pending(fails=5)), STARTED)
    assert run.denial == DENY["locked"]
    assert run.fetches == []


def test_t28_messages_of_one_person_are_limited_whatever_their_numbers(node: ActionRunner) -> None:
    held = pending(age=60, phone=made.OTHER)["phone_pending"]
    sends = [NOW - 60 * each for each in range(1, 6)]
    refused = start(node, person(phone_pending={**held, "sends": sends}), STARTED)
    assert refused.denial == DENY["locked"]
    assert refused.fetches == []
    sends[-1] = NOW - 3601
    sent = start(node, person(phone_pending={**held, "sends": sends}), STARTED)
    assert sent.app_metadata["phone_pending"]["sends"] == [*sends[:-1], NOW]


def test_t28_an_expired_code_leaves_the_count_of_messages(node: ActionRunner) -> None:
    held = {**pending(age=601)["phone_pending"], "sends": [NOW - 601]}
    run = check(node, person(phone_pending=held), APPROVED)
    assert run.denial == DENY["codeExpired"]
    assert run.app_metadata == {"phone_pending": {"sends": [NOW - 601]}}


def test_t30_numbers_of_other_countries_are_refused_before_twilio_is_asked(node: ActionRunner) -> None:
    run = start(node, person("+4915123456789"), STARTED)
    assert run.denial == DENY["numberRefused"]
    assert run.fetches == []


def test_a_changed_hint_starts_anew(node: ActionRunner) -> None:
    run = start(node, person(made.OTHER, **pending(fails=0)), STARTED)
    assert asked(run)["phone"] == made.OTHER
    assert parse_qs(run.fetches[0]["body"])["To"] == [made.OTHER]
    assert run.app_metadata["phone_pending"]["phone"] == made.OTHER
    assert run.app_metadata["phone_pending"]["fails"] == 0


@pytest.mark.parametrize(("age", "locked"), [(0, True), (599, True), (600, False)])
def test_five_wrong_codes_lock_until_the_code_expires(node: ActionRunner, age: int, locked: bool) -> None:
    run = start(node, person(**pending(age=age, fails=5)), STARTED)
    assert run.denial == (DENY["locked"] if locked else None)
    assert bool(run.fetches) is not locked


@pytest.mark.parametrize(
    "broken",
    [
        "text",
        [],
        1,
        {},
        {"sid": SID},
        {**pending()["phone_pending"], "fails": None},
        {**pending()["phone_pending"], "fails": "1"},
        {**pending()["phone_pending"], "sent_at": "yesterday"},
        {**pending()["phone_pending"], "phone": "4155550123"},
    ],
)
def test_a_broken_memory_starts_anew(node: ActionRunner, broken: object) -> None:
    run = start(node, person(phone_pending=broken), STARTED)
    asked(run)
    assert run.app_metadata["phone_pending"]["sid"] == SID
    assert check(node, person(phone_pending=broken)).denial == DENY["codeExpired"]


FAILURES = [
    (failure(400, 60200), "numberRefused"),
    (failure(400, 21211), "numberRefused"),
    (failure(403, 60205), "numberRefused"),
    (failure(403, 60238), "numberRefused"),
    (failure(403, 60410), "numberRefused"),
    (failure(403, 60605), "numberRefused"),
    (failure(403, 60204), "misconfigured"),
    (failure(401, 20003), "misconfigured"),
    (failure(404, 20404), "misconfigured"),
    (failure(403, 20005), "unavailable"),
    (failure(429, 60203), "locked"),
    (failure(429, 60202), "locked"),
    (failure(429, 60212), "unavailable"),
    (failure(429, 20429), "unavailable"),
    (failure(500, 20500), "unavailable"),
    ({"status": 503, "text": "<html>"}, "unavailable"),
    ({"status": 502, "text": ""}, "unavailable"),
    ({"status": 201, "text": "not json"}, "unavailable"),
    ({"status": 201, "json": {}}, "unavailable"),
    ({"status": 201, "json": None}, "unavailable"),
    ({"status": 500, "json": {"sid": SID}}, "unavailable"),
    ({"error": "fetch failed"}, "unavailable"),
    ({"hang": True}, "unavailable"),
]


@pytest.mark.parametrize(("answer", "code"), FAILURES)
def test_f01_f07_what_twilio_cannot_do_is_denied_by_its_kind(
    node: ActionRunner, answer: dict[str, Any], code: str
) -> None:
    run = start(node, person(), answer)
    assert run.denial == DENY[code]
    assert run.app_metadata == {}
    assert len(run.fetches) == 1


@pytest.mark.parametrize(("answer", "_code"), FAILURES)
def test_nobody_who_may_skip_is_kept_out_by_twilio(
    node: ActionRunner, answer: dict[str, Any], _code: str
) -> None:
    assert start(node, person(), answer, code=OPTIONAL).passed


def test_t11_a_fault_of_our_own_denies_even_those_who_may_skip(node: ActionRunner) -> None:
    run = node.run(
        OPTIONAL, made.EXECUTE, person(), twilio=[STARTED], fail={"call": "setAppMetadata", "with": "error"}
    )
    assert run.denial == DENY["internal"]


def test_the_services_name_stays_one_segment_of_the_path(node: ActionRunner) -> None:
    event = made.merged(person(), {"secrets": {"TWILIO_VERIFY_SERVICE": "VA1/../VA2?x=#y"}})
    [request] = start(node, event, STARTED).fetches
    assert request["url"] == "https://verify.twilio.com/v2/Services/VA1%2F..%2FVA2%3Fx%3D%23y/Verifications"


@pytest.mark.parametrize("answer", [failure(429, 60203), failure(500), {"error": "fetch failed"}])
def test_when_a_resend_fails_the_earlier_code_still_serves(
    node: ActionRunner, answer: dict[str, Any]
) -> None:
    run = start(node, person(**pending(age=60, fails=1)), answer)
    assert asked(run)["notice"] == "code_wrong"
    assert run.app_metadata == pending(age=60, fails=1)
    assert start(node, person(**pending(age=60)), failure(429, 60202)).denial == DENY["locked"]


def test_a_change_takes_mfa_here(node: ActionRunner) -> None:
    known = made.verified()["user"]["app_metadata"]
    event = person(made.OTHER, **known)
    run = start(node, event, STARTED)
    assert run.passed
    assert run.fetches == []
    event["authentication"]["methods"].append(made.mfa())
    claims = asked(start(node, event, STARTED))
    assert (claims["phone"], claims["skippable"]) == (made.OTHER, True)
    assert "proven" not in claims
