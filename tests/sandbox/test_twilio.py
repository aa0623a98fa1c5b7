"""Twilio Verify as the sandbox answers it: every status and error code a client of it has to live with."""

import asyncio
import base64
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message

from sandbox import seed
from sandbox.clock import Clock
from sandbox.context import Sandbox
from sandbox.server import create_sandbox
from sandbox.store import Store
from sandbox.testing import RunningSandbox, memory_sandbox
from sandbox.twilio.app import create_app

NUMBER = "+14155550123"
OTHER_NUMBER = "+447700900123"
LANDLINE = "+442079460123"
TEN_MINUTES = 600
CHECK_KEYS = {"sid", "service_sid", "account_sid", "to", "channel", "status", "valid", "amount", "payee"} | {
    "sna_attempts_error_codes",
    "date_created",
    "date_updated",
}
VERIFICATION_KEYS = CHECK_KEYS - {"sna_attempts_error_codes"} | {"lookup", "send_code_attempts", "sna", "url"}


class Verify:
    """A client of the running Verify service."""

    def __init__(self, running: RunningSandbox) -> None:
        self.sandbox = running.sandbox
        self.account = self.sandbox.store.get("seed", "twilio") or {}
        self.session = running.session()
        self.session.auth = (self.account["api_key"], self.account["api_secret"])
        self.base = f"{running.addresses.twilio}/v2/Services/{self.account['verify_service']}"

    def start(self, to: str = NUMBER, channel: str = "sms", **fields: str) -> requests.Response:
        return self.session.post(f"{self.base}/Verifications", data={"To": to, "Channel": channel, **fields})

    def check(self, code: str, to: str | None = NUMBER, sid: str | None = None) -> requests.Response:
        fields = {"Code": code, "To": to, "VerificationSid": sid}
        return self.session.post(f"{self.base}/VerificationCheck", data=fields)

    def fetch(self, target: str) -> requests.Response:
        return self.session.get(f"{self.base}/Verifications/{target}")

    def update(self, sid: str, status: str) -> requests.Response:
        return self.session.post(f"{self.base}/Verifications/{sid}", data={"Status": status})

    def messages(self) -> list[dict[str, Any]]:
        return self.sandbox.store.all("messages")

    def code(self) -> str:
        """What the last message says."""
        found = re.search(r"\b\d{6}\b", self.messages()[-1]["body"])
        assert found is not None
        return found.group()

    def wrong_code(self) -> str:
        return f"{(int(self.code()) + 1) % 10**6:06d}"


@pytest.fixture
def verify(running_sandbox: RunningSandbox) -> Verify:
    return Verify(running_sandbox)


def refused(response: requests.Response, code: int, status: int) -> dict[str, Any]:
    """Assert Twilio's envelope, whole and exact, and return it."""
    body: dict[str, Any] = response.json()
    assert (body.get("code"), response.status_code) == (code, status), body
    assert set(body) == {"code", "message", "more_info", "status"}
    assert body["status"] == status
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert body["message"]
    return body


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


# Check


def test_a_wrong_code_is_no_error_but_pending(verify: Verify) -> None:
    started = verify.start().json()
    response = verify.check(verify.wrong_code())
    assert response.status_code in {200, 201}
    assert set(response.json()) == CHECK_KEYS
    assert (response.json()["status"], response.json()["valid"]) == ("pending", False)
    assert response.json()["sid"] == started["sid"]


def test_the_right_code_is_approved_also_after_wrong_ones(verify: Verify) -> None:
    verify.start()
    for _ in range(4):
        verify.check(verify.wrong_code())
    body = verify.check(verify.code()).json()
    assert (body["status"], body["valid"]) == ("approved", True)


@pytest.mark.parametrize("by", ["to", "sid"])
def test_a_check_names_the_number_or_the_verification(verify: Verify, by: str) -> None:
    sid = verify.start().json()["sid"]
    response = verify.check(verify.code(), NUMBER if by == "to" else None, sid if by == "sid" else None)
    assert response.json()["status"] == "approved"


def test_the_sid_decides_when_a_check_names_both(verify: Verify) -> None:
    first, code = verify.start().json(), verify.code()
    verify.start(OTHER_NUMBER)
    assert verify.check(code, to=OTHER_NUMBER, sid=first["sid"]).json()["to"] == NUMBER


def test_after_approval_everything_about_it_is_20404(verify: Verify) -> None:
    sid, code = verify.start().json()["sid"], verify.code()
    verify.check(code)
    body = refused(verify.check(code), 20404, 404)
    service = verify.account["verify_service"]
    assert body["message"] == f"The requested resource /Services/{service}/VerificationCheck was not found"
    refused(verify.check(code, None, sid), 20404, 404)
    refused(verify.fetch(sid), 20404, 404)
    refused(verify.update(sid, "canceled"), 20404, 404)


def test_a_check_of_a_number_that_was_sent_nothing_is_20404(verify: Verify) -> None:
    refused(verify.check("123456"), 20404, 404)


def test_a_sixth_check_is_60202_even_with_the_right_code(verify: Verify) -> None:
    sid = verify.start().json()["sid"]
    answers = [verify.check(verify.wrong_code()) for _ in range(5)]
    assert [answer.json()["status"] for answer in answers] == ["pending"] * 5
    assert refused(verify.check(verify.code()), 60202, 429)["message"] == "Max check attempts reached"
    refused(verify.check(verify.code(), None, sid), 60202, 429)


def test_after_five_checks_only_expiry_helps(verify: Verify) -> None:
    sid, code = verify.start().json()["sid"], verify.code()
    for _ in range(5):
        verify.check(verify.wrong_code())
    refused(verify.start(), 60202, 429)
    refused(verify.fetch(sid), 20404, 404)
    refused(verify.update(sid, "canceled"), 20404, 404)
    assert len(verify.messages()) == 1
    verify.sandbox.clock.advance(TEN_MINUTES)
    refused(verify.check(code), 20404, 404)
    assert verify.start().json()["sid"] != sid


def test_t22_two_sessions_for_one_number_share_code_and_attempts(verify: Verify) -> None:
    first, code = verify.start().json(), verify.code()
    second = verify.start().json()
    assert (second["sid"], verify.code()) == (first["sid"], code)
    for turn in range(5):
        sid = first["sid"] if turn % 2 else None
        assert verify.check(verify.wrong_code(), NUMBER, sid).json()["status"] == "pending"
    refused(verify.check(code, None, second["sid"]), 60202, 429)


def test_t24_parallel_checks_never_exceed_five(verify: Verify) -> None:
    verify.start()
    wrong = verify.wrong_code()
    barrier = Barrier(12)

    def guess(_: int) -> int:
        barrier.wait(10)
        return verify.check(wrong).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = sorted(pool.map(guess, range(12)))
    assert statuses == [200] * 5 + [429] * 7


def test_t24_of_parallel_right_codes_exactly_one_is_approved(verify: Verify) -> None:
    verify.start()
    code = verify.code()
    barrier = Barrier(8)

    def redeem(_: int) -> str:
        barrier.wait(10)
        return str(verify.check(code).json().get("status"))

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(redeem, range(8)))
    assert statuses == ["404"] * 7 + ["approved"]


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


def test_f09_a_code_survives_a_restart(tmp_path: Path) -> None:
    addresses = memory_sandbox().addresses

    def process() -> Sandbox:
        return create_sandbox(Store(tmp_path / "sandbox.sqlite3"), addresses)

    before = process()
    seed.seed(before)
    started = in_process(before, "Verifications", To=NUMBER, Channel="sms")
    code = before.store.all("messages")[0]["code"]
    before.store.close()
    after = process()
    checked = in_process(after, "VerificationCheck", VerificationSid=started["sid"], Code=code)
    assert checked["status"] == "approved"
    after.store.close()


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


# Refusals


@pytest.mark.parametrize(
    "fields",
    [
        {"Channel": "sms"},
        {"To": NUMBER},
        {"To": "", "Channel": "sms"},
        {"To": NUMBER, "Channel": "pigeon"},
        {"To": NUMBER, "Channel": "SMS"},
        {"To": "14155550123", "Channel": "sms"},
        {"To": "+1 415 555 0123", "Channel": "sms"},
        {"To": "+1415555012", "Channel": "sms"},
        {"To": "+141555501234", "Channel": "sms"},
        {"To": "+999123456789", "Channel": "sms"},
        {"To": f"{NUMBER},{OTHER_NUMBER}", "Channel": "sms"},
        {"To": f"{NUMBER}\n", "Channel": "sms"},
        {"To": "+١٤١٥٥٥٥٠١٢٣", "Channel": "sms"},
        {"To": NUMBER, "Channel": "sms", "Locale": "no such language"},
        {"To": NUMBER, "Channel": "sms", "CustomFriendlyName": "x" * 31},
    ],
)
def test_t31_an_invalid_parameter_is_60200_and_sends_nothing(verify: Verify, fields: dict[str, str]) -> None:
    refused(verify.session.post(f"{verify.base}/Verifications", data=fields), 60200, 400)
    assert verify.messages() == []


def test_the_refusal_names_the_parameter_and_its_value(verify: Verify) -> None:
    assert refused(verify.start("+1415"), 60200, 400)["message"] == "Invalid parameter `To`: +1415"


@pytest.mark.parametrize("kind", ["json", "multipart", "text"])
def test_only_form_encoding_is_read(verify: Verify, kind: str) -> None:
    fields = {"To": NUMBER, "Channel": "sms"}
    bodies: dict[str, dict[str, Any]] = {
        "json": {"json": fields},
        "multipart": {"files": {name: (None, value) for name, value in fields.items()}},
        "text": {"data": urlencode(fields), "headers": {"Content-Type": "text/plain"}},
    }
    response = verify.session.post(f"{verify.base}/Verifications", **bodies[kind])
    assert "Missing required parameter Channel" in refused(response, 60200, 400)["message"]
    assert verify.messages() == []


@pytest.mark.parametrize("code", ["", "123", "12345678901", "12 456", "12345\n"])
def test_a_malformed_code_is_60200_and_costs_no_attempt(verify: Verify, code: str) -> None:
    verify.start()
    for _ in range(6):
        refused(verify.check(code), 60200, 400)
    assert verify.check(verify.code()).json()["status"] == "approved"


def test_a_check_has_to_name_something(verify: Verify) -> None:
    refused(verify.check("123456", None, None), 60200, 400)


def test_an_sms_to_a_landline_is_60205_but_a_call_rings(verify: Verify) -> None:
    refused(verify.start(LANDLINE), 60205, 403)
    assert verify.start(LANDLINE, channel="call").status_code == 201


def test_a_custom_code_is_60204_as_the_service_has_not_enabled_it(verify: Verify) -> None:
    refused(verify.start(CustomCode="111111"), 60204, 403)
    assert verify.messages() == []


@pytest.mark.parametrize("channel", ["email", "sna", "auto"])
def test_a_channel_the_sandbox_cannot_deliver_by_is_501(verify: Verify, channel: str) -> None:
    assert channel in refused(verify.start(channel=channel), 501, 501)["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/Services"),
        ("POST", "/v2/Services/{service}/RateLimits"),
        ("GET", "/v2/Services/{service}/Verifications"),
        ("DELETE", "/v2/Services/{service}/Verifications/VE1"),
        ("POST", "/2010-04-01/Accounts/AC1/Messages.json"),
    ],
)
def test_an_endpoint_the_sandbox_does_not_know_is_a_501_that_names_it(
    verify: Verify, method: str, path: str
) -> None:
    path = path.format(service=verify.account["verify_service"])
    response = verify.session.request(method, verify.sandbox.addresses.twilio + path)
    assert f"{method} {path}" in refused(response, 501, 501)["message"]


def test_another_service_is_20404(verify: Verify) -> None:
    verify.base = verify.base[:-32] + "0" * 32
    refused(verify.start(), 20404, 404)
    refused(verify.check("123456"), 20404, 404)
    assert verify.messages() == []


Credentials = Callable[[str, str], str | None]


def basic(value: str) -> str:
    return "Basic " + base64.b64encode(value.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        lambda key, secret: None,
        lambda key, secret: basic(f"{key}:wrong"),
        lambda key, secret: basic(f"AC{'0' * 32}:{secret}"),
        lambda key, secret: basic(f"{key}:"),
        lambda key, secret: basic(f"{secret}:{key}"),
        lambda key, secret: basic(f"{key}:{secret}").replace("Basic", "Bearer"),
        lambda key, secret: f"Basic {key}:{secret}",
        lambda key, secret: "Basic é",
        lambda key, secret: f"Bearer {secret}",
    ],
)
@pytest.mark.parametrize("service", ["own", "another"])
def test_without_the_account_everything_is_20003(verify: Verify, header: Credentials, service: str) -> None:
    given = header(verify.account["api_key"], verify.account["api_secret"])
    base = verify.base if service == "own" else verify.base[:-32] + "0" * 32
    verify.session.auth = None
    headers = {"Authorization": given.encode()} if given else {}
    response = verify.session.post(
        f"{base}/Verifications", data={"To": NUMBER, "Channel": "sms"}, headers=headers
    )
    refused(response, 20003, 401)
    assert response.headers["www-authenticate"] == 'Basic realm="Twilio API"'
    assert verify.messages() == []


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


# In process: what needs two requests at the same instant, or very many of them


async def answer(app: ASGIApp, sandbox: Sandbox, endpoint: str, **fields: str) -> dict[str, Any]:
    """POST `fields` to an endpoint without any network; the body, with the HTTP status as `http`."""
    account = sandbox.store.get("seed", "twilio") or {}
    path = f"/v2/Services/{account['verify_service']}/{endpoint}"
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": urlencode(fields).encode(), "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [
        (b"host", b"localhost"),
        (b"authorization", basic(f"{account['api_key']}:{account['api_secret']}").encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers, "scheme": "https", "server": ("localhost", 8444), "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
    body: dict[str, Any] = json.loads(sent[1]["body"])
    return body | {"http": sent[0]["status"]}


def in_process(sandbox: Sandbox, endpoint: str, **fields: str) -> dict[str, Any]:
    return asyncio.run(answer(create_app(sandbox), sandbox, endpoint, **fields))


def test_a_start_while_another_is_being_sent_is_60212(sandbox: Sandbox) -> None:
    async def both() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        app = create_app(sandbox)
        fields = {"Channel": "sms", "To": NUMBER}
        first, second = await asyncio.gather(
            answer(app, sandbox, "Verifications", **fields), answer(app, sandbox, "Verifications", **fields)
        )
        return first, second, await answer(app, sandbox, "Verifications", **fields)

    first, second, later = asyncio.run(both())
    assert (first["http"], second["http"], later["http"]) == (201, 429, 201)
    assert second["code"] == 60212
    assert len(sandbox.store.all("messages")) == 2


class StoppedClock(Clock):
    """Moves only when it is told to."""

    def now(self) -> float:
        return 1_767_225_600.0 + self.offset


@pytest.mark.parametrize(("after", "status"), [(599.9, "approved"), (600, 404)])
def test_the_last_moment_of_a_code(sandbox: Sandbox, after: float, status: str | int) -> None:
    sandbox.clock = StoppedClock()
    in_process(sandbox, "Verifications", To=NUMBER, Channel="sms")
    sandbox.clock.advance(after)
    code = sandbox.store.all("messages")[0]["code"]
    assert in_process(sandbox, "VerificationCheck", To=NUMBER, Code=code)["status"] == status


def test_starts_for_different_numbers_do_not_disturb_each_other(sandbox: Sandbox) -> None:
    async def both() -> list[dict[str, Any]]:
        app = create_app(sandbox)
        numbers = (NUMBER, OTHER_NUMBER)
        return await asyncio.gather(
            *(answer(app, sandbox, "Verifications", To=number, Channel="sms") for number in numbers)
        )

    assert [body["http"] for body in asyncio.run(both())] == [201, 201]


def test_a_refused_start_does_not_block_the_number(sandbox: Sandbox) -> None:
    app = create_app(sandbox)

    async def starts() -> list[int]:
        bodies = [await answer(app, sandbox, "Verifications", To=NUMBER, Channel="sms") for _ in range(7)]
        return [int(body.get("code", body["http"])) for body in bodies]

    assert asyncio.run(starts()) == [201] * 5 + [60203] * 2


@settings(max_examples=60, deadline=None)
@given(code=st.text(max_size=12) | st.text(st.characters(categories=["Nd"]), min_size=4, max_size=10))
def test_t25_whatever_is_typed_only_the_code_itself_is_approved(code: str) -> None:
    sandbox = memory_sandbox()
    in_process(sandbox, "Verifications", To=NUMBER, Channel="call")
    right = sandbox.store.all("messages")[0]["code"]
    body = in_process(sandbox, "VerificationCheck", To=NUMBER, Code=code)
    assert body["http"] in {200, 400}
    assert (body["status"] == "approved") is (code == right)


@settings(max_examples=60, deadline=None)
@given(to=st.text(max_size=20) | st.from_regex(r"\+[0-9]{1,16}", fullmatch=True), channel=st.text(max_size=8))
def test_t40_whatever_is_sent_the_answer_is_twilios(to: str, channel: str) -> None:
    sandbox = memory_sandbox()
    body = in_process(sandbox, "Verifications", To=to, Channel=channel or "sms")
    assert body["http"] in {201, 400, 403, 501}
    assert len(sandbox.store.all("messages")) == (body["http"] == 201)
