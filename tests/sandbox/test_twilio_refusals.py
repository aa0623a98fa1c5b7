"""Twilio Verify's refusals: every status and error code a client of it has to live with."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from .verify_client import (
    LANDLINE,
    NUMBER,
    OTHER_NUMBER,
    Verify,
    basic,
    refused,
)


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
