"""Twilio Verify as the sandbox answers it: starts, expiry, fetches, updates, and faults on request."""

import re

import pytest
import requests

from .verify_client import (
    NUMBER,
    OTHER_NUMBER,
    TEN_MINUTES,
    VERIFICATION_KEYS,
    Verify,
    refused,
)

# Start


def test_a_start_answers_201_with_the_verification_and_never_the_code(verify: Verify) -> None:
    response = verify.start()
    body = response.json()
    assert response.status_code == 201
    assert set(body) == VERIFICATION_KEYS
    assert re.fullmatch(r"VE[0-9a-f]{32}", body["sid"])
    assert body["service_sid"] == verify.account["verify_service"]
    assert body["account_sid"] == verify.account["api_key"]
    assert (body["to"], body["channel"], body["status"], body["valid"]) == (NUMBER, "sms", "pending", False)
    assert (body["lookup"], body["amount"], body["payee"], body["sna"]) == ({}, None, None, None)
    assert body["url"] == f"{verify.base}/Verifications/{body['sid']}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["date_created"])
    assert body["date_created"] == body["date_updated"]
    assert verify.code() not in response.text


def test_a_start_lists_its_attempt_to_send(verify: Verify) -> None:
    (attempt,) = verify.start().json()["send_code_attempts"]
    assert set(attempt) == {"time", "channel", "attempt_sid"}
    assert attempt["channel"] == "SMS"
    assert re.fullmatch(r"VL[0-9a-f]{32}", attempt["attempt_sid"])


def test_a_start_sends_one_message_with_a_code_of_six_digits(verify: Verify) -> None:
    verify.start()
    (message,) = verify.messages()
    assert re.match(r"Your Acme verification code is: \d{6}\. ", message["body"])
    assert (message["to"], message["from"], message["channel"]) == (NUMBER, "Acme", "sms")
    assert message["code"] in message["body"]


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        ("call", r"Hello! Your Acme verification code is (\d, ){5}\d\. "),
        ("whatsapp", r"\d{6} is your Acme verification code\. "),
    ],
)
def test_other_channels_deliver_in_their_own_words(verify: Verify, channel: str, text: str) -> None:
    body = verify.start(channel=channel).json()
    assert body["channel"] == channel
    assert body["send_code_attempts"][0]["channel"] == channel
    assert re.match(text, verify.messages()[0]["body"])


def test_a_friendly_name_and_a_language_reach_the_message(verify: Verify) -> None:
    assert verify.start(CustomFriendlyName="Bank of Acme", Locale="de-AT").status_code == 201
    assert verify.messages()[0]["body"].startswith("Dein Bank of Acme-Bestätigungscode lautet: ")


def test_a_language_without_a_template_is_english(verify: Verify) -> None:
    assert verify.start(Locale="ka").status_code == 201
    assert verify.messages()[0]["body"].startswith("Your Acme verification code is: ")


def test_a_second_start_sends_the_same_code_and_appends_an_attempt(verify: Verify) -> None:
    first, code = verify.start().json(), verify.code()
    second = verify.start(channel="call").json()
    assert second["sid"] == first["sid"]
    assert [attempt["channel"] for attempt in second["send_code_attempts"]] == ["SMS", "call"]
    assert second["send_code_attempts"][0] == first["send_code_attempts"][0]
    assert verify.messages()[1]["code"] == code


def test_two_numbers_have_two_verifications(verify: Verify) -> None:
    first, second = verify.start().json(), verify.start(OTHER_NUMBER).json()
    assert first["sid"] != second["sid"]
    assert verify.check(verify.code(), NUMBER, None).json()["status"] in {"pending", "approved"}
    assert verify.fetch(second["sid"]).json()["status"] == "pending"


def test_a_sixth_send_is_60203_and_sends_nothing(verify: Verify) -> None:
    assert [verify.start().status_code for _ in range(5)] == [201] * 5
    assert refused(verify.start(), 60203, 429)["message"] == "Max send attempts reached"
    assert len(verify.messages()) == 5
    assert verify.check(verify.code()).json()["status"] == "approved"


def test_sends_are_counted_anew_after_an_approval(verify: Verify) -> None:
    for _ in range(5):
        verify.start()
    verify.check(verify.code())
    assert len(verify.start().json()["send_code_attempts"]) == 1


# Expiry


def test_a_code_lives_ten_minutes_by_the_sandbox_clock(verify: Verify) -> None:
    sid = verify.start().json()["sid"]
    verify.sandbox.clock.advance(TEN_MINUTES - 5)
    assert verify.fetch(sid).json()["status"] == "pending"
    verify.sandbox.clock.advance(5)
    refused(verify.check(verify.code()), 20404, 404)
    refused(verify.fetch(sid), 20404, 404)


def test_sending_again_does_not_prolong_a_code(verify: Verify) -> None:
    verify.start()
    verify.sandbox.clock.advance(TEN_MINUTES - 5)
    verify.start()
    verify.sandbox.clock.advance(5)
    refused(verify.check(verify.code()), 20404, 404)


def test_a_start_after_expiry_is_a_new_verification(verify: Verify) -> None:
    first = verify.start().json()
    verify.sandbox.clock.advance(TEN_MINUTES)
    second = verify.start().json()
    assert second["sid"] != first["sid"]
    assert len(second["send_code_attempts"]) == 1
    refused(verify.check("000000", None, first["sid"]), 20404, 404)


# Fetch and update


@pytest.mark.parametrize("by", ["sid", "number"])
def test_a_fetch_shows_the_verification_by_sid_or_number(verify: Verify, by: str) -> None:
    started = verify.start().json()
    response = verify.fetch(started["sid"] if by == "sid" else "%2B14155550123")
    assert response.status_code == 200
    assert response.json() == started


def test_a_61st_fetch_within_a_minute_is_20429(verify: Verify) -> None:
    sid = verify.start().json()["sid"]
    assert {verify.fetch(sid).status_code for _ in range(60)} == {200}
    refused(verify.fetch(sid), 20429, 429)
    verify.sandbox.clock.advance(60)
    assert verify.fetch(sid).status_code == 200


@pytest.mark.parametrize(("status", "valid"), [("canceled", False), ("approved", True)])
def test_an_update_ends_a_verification(verify: Verify, status: str, valid: bool) -> None:
    sid, code = verify.start().json()["sid"], verify.code()
    response = verify.update(sid, status)
    assert response.status_code == 200
    assert set(response.json()) == VERIFICATION_KEYS
    assert (response.json()["status"], response.json()["valid"]) == (status, valid)
    refused(verify.check(code), 20404, 404)


def test_t23_a_cancel_makes_room_for_a_new_code_and_new_attempts(verify: Verify) -> None:
    first = verify.start().json()
    for _ in range(4):
        verify.check(verify.wrong_code())
    verify.update(first["sid"], "canceled")
    second = verify.start().json()
    assert second["sid"] != first["sid"]
    assert len(second["send_code_attempts"]) == 1
    for _ in range(4):
        assert verify.check(verify.wrong_code()).json()["status"] == "pending"
    assert verify.check(verify.code()).json()["status"] == "approved"


@pytest.mark.parametrize("status", ["pending", "expired", "Approved", ""])
def test_only_approved_and_canceled_can_be_asked_for(verify: Verify, status: str) -> None:
    sid = verify.start().json()["sid"]
    refused(verify.update(sid, status), 60200, 400)
    assert verify.fetch(sid).json()["status"] == "pending"


# Faults


def test_f01_a_rate_limit_on_request_is_twilios_20429(verify: Verify) -> None:
    control = f"https://{verify.sandbox.addresses.auth0}/_sandbox/faults"
    fault = {"kind": "rate_limit", "service": "twilio", "path": "*/Verifications"}
    assert verify.session.post(control, json=fault).status_code == 201
    refused(verify.start(), 20429, 429)
    assert verify.messages() == []
    assert verify.start().status_code == 201


def test_f02_a_server_error_on_request_is_twilios_20500(verify: Verify) -> None:
    control = f"https://{verify.sandbox.addresses.auth0}/_sandbox/faults"
    verify.session.post(control, json={"kind": "status", "service": "twilio", "status": 503, "count": 2})
    assert [verify.start().status_code for _ in range(3)] == [503, 503, 201]


def test_f04_a_connection_cut_after_the_start_has_sent_the_message(verify: Verify) -> None:
    control = f"https://{verify.sandbox.addresses.auth0}/_sandbox/faults"
    verify.session.post(control, json={"kind": "reset_after_apply", "service": "twilio"})
    with pytest.raises(requests.ConnectionError):
        verify.start()
    assert len(verify.messages()) == 1
