"""A client of the sandbox's Twilio Verify, and what its answers are made of."""

import base64
import re
from typing import Any

import requests

from sandbox.testing import RunningSandbox

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


def refused(response: requests.Response, code: int, status: int) -> dict[str, Any]:
    """Assert Twilio's envelope, whole and exact, and return it."""
    body: dict[str, Any] = response.json()
    assert (body.get("code"), response.status_code) == (code, status), body
    assert set(body) == {"code", "message", "more_info", "status"}
    assert body["status"] == status
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert body["message"]
    return body


def basic(value: str) -> str:
    return "Basic " + base64.b64encode(value.encode()).decode()
