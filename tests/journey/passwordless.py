"""Logging in with a code by SMS: as people do it in the demo app, and as an application's server does."""

import base64
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
from playwright.sync_api import expect

from tests.journey.people import Person
from tests.journey.stage import JourneyStage

OTP = "http://auth0.com/oauth/grant-type/passwordless/otp"


def ask(person: Person) -> None:
    """Choose the code by SMS in the demo app and give the number; ends where the code is asked for."""
    known = len(person.stage.messages(person.number))
    person.page.goto(person.stage.app)
    person.page.get_by_role("link", name="Log in with a code by SMS").click()
    person.page.fill("#phone_number", person.number)
    person.press("Continue")
    expect(person.page.locator("#code")).to_be_visible()
    code_after(person.stage, person.number, known)


def answer(person: Person, code: str) -> None:
    person.page.fill("#code", code)
    person.press("Continue")


def profile(person: Person) -> dict[str, Any]:
    """What the demo app was told of whoever is logged in."""
    person.page.goto(f"{person.stage.app}/profile.json")
    found: dict[str, Any] = json.loads(person.page.locator("body").inner_text())
    return found


@dataclass(frozen=True)
class Application:
    """The demo application's server, which calls the tenant by itself."""

    stage: JourneyStage

    def start(self, number: str) -> requests.Response:
        """Have a code sent to a number."""
        body = {**self._client, "connection": "sms", "phone_number": number, "send": "code"}
        return self.stage.call("POST", "/passwordless/start", json=body)

    def exchange(self, number: str, code: str) -> requests.Response:
        """Log the number's owner in with the code."""
        body = {**self._client, "grant_type": OTP, "realm": "sms", "username": number, "otp": code}
        return self.stage.call("POST", "/oauth/token", json={**body, "scope": "openid"})

    def log_in(self, number: str) -> dict[str, Any]:
        """Start, read the message, exchange; returns the user that the tenant has afterwards."""
        known = len(self.stage.messages(number))
        started = self.start(number)
        assert started.status_code == 200, started.text
        exchanged = self.exchange(number, code_after(self.stage, number, known))
        assert exchanged.status_code == 200, exchanged.text
        payload = exchanged.json()["id_token"].split(".")[1]
        subject = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]
        user: dict[str, Any] = self.stage.management("GET", f"/users/{quote(subject, safe='')}")
        return user

    @property
    def _client(self) -> dict[str, str]:
        return dict(self.stage.ready["demo_client"])


def code_after(stage: JourneyStage, number: str, known: int = 0) -> str:
    """The code of the newest message to a number, once there are more than the `known` ones.

    A phone provider delivers after whoever asked was answered.
    """
    deadline = time.monotonic() + 30
    while len(found := stage.messages(number)) <= known:
        assert time.monotonic() < deadline, f"no message beyond the {known} known reached the handset"
    (code,) = re.findall(r"\b\d{6}\b", found[-1]["body"])
    return str(code)


def notifications(stage: JourneyStage, number: str, state: str) -> list[dict[str, Any]]:
    """The messages that a phone provider was given for a number, once the last try of each ended so."""
    deadline = time.monotonic() + 30
    while True:
        known = stage.control("GET", "/notifications")["notifications"]
        found = [each for each in known if each["recipient"] == number]
        if found and all(each["tries"] and each["tries"][-1]["state"] == state for each in found):
            return found
        assert time.monotonic() < deadline, found


@contextmanager
def answering(stage: JourneyStage, reply: str, number: str, carrier: str = "*") -> Iterator[None]:
    """Inside, carriers answer the next message to a number with a failure of this kind."""
    stage.control("POST", "/carriers", {"answer": reply, "to": number, "carrier": carrier})
    try:
        yield
    finally:
        stage.control("DELETE", "/carriers")


def is_verified_with(app_metadata: dict[str, Any], number: str) -> bool:
    return app_metadata.get("phone_number") == number and app_metadata.get("phone_number_verified") is True
