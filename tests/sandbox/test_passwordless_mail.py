"""Passwordless by e-mail: codes, links, pages, and the people they make."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox

from .login_driver import Browser, change_client, query, text_of
from .passwordless_driver import OTP

EMAIL = "ada@example.com"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    browser = Browser(running_sandbox)
    connect(browser)
    return browser


def connect(browser: Browser, **options: Any) -> None:
    connection = {
        "id": "con_email",
        "name": "email",
        "strategy": "email",
        "options": options,
        "enabled_clients": [browser.client["client_id"]],
    }
    browser.running.sandbox.store.put("connections", "con_email", connection)


def start(browser: Browser, **changes: Any) -> requests.Response:
    body = {**browser.client, "connection": "email", "email": EMAIL, "send": "code", **changes}
    with browser.running.session() as http:
        given = {name: value for name, value in body.items() if value is not None}
        return http.post(f"{browser.url}/passwordless/start", json=given)


def last_mail(browser: Browser) -> dict[str, Any]:
    message = browser.running.sandbox.store.all("messages")[-1]
    assert message["channel"] == "email"
    return message


def exchange(browser: Browser, code: str, email: str = EMAIL) -> requests.Response:
    body = {"grant_type": OTP, "realm": "email", "username": email, "otp": code, "scope": "openid email"}
    return browser.token({**body, **browser.client})


def link(browser: Browser) -> str:
    found = re.search(r"https://\S+verify_redirect\S+", last_mail(browser)["body"])
    assert found is not None
    return found.group()


def test_a_code_is_a_login_and_makes_a_verified_person(browser: Browser) -> None:
    answer = start(browser, email=" Ada@Example.com ").json()
    assert answer == {"_id": answer["_id"], "email": EMAIL, "email_verified": False}
    body = exchange(browser, last_mail(browser)["code"], "ADA@example.com").json()
    claims = browser.running.sandbox.keys.opened(body["id_token"]) or {}
    assert claims["sub"] == f"email|{answer['_id']}"
    assert (claims["email"], claims["email_verified"]) == (EMAIL, True)
    assert start(browser).json()["email_verified"] is True


def test_a_code_works_once_and_a_wrong_one_not_at_all(browser: Browser) -> None:
    start(browser)
    wrong = exchange(browser, "000000" if last_mail(browser)["code"] != "000000" else "111111")
    assert wrong.json() == {
        "error": "invalid_grant",
        "error_description": "Wrong email or verification code.",
    }
    code = last_mail(browser)["code"]
    assert exchange(browser, code).status_code == 200
    assert exchange(browser, code).status_code == 403


@pytest.mark.parametrize("email", [None, "", "nobody", "a b@example.com", 1])
def test_an_address_is_needed(browser: Browser, email: Any) -> None:
    answer = start(browser, email=email)
    assert answer.status_code == 400
    assert answer.json()["error"] == "bad.email"


def test_nobody_new_where_sign_up_is_disabled(browser: Browser) -> None:
    connect(browser, disable_signup=True)
    assert start(browser).json()["error"] == "bad.connection"
    assert browser.running.sandbox.store.count("messages") == 0


def test_the_connection_s_words_are_liquid(browser: Browser) -> None:
    connect(
        browser,
        email={
            "syntax": "liquid",
            "from": "x@y.z",
            "subject": "For {{ application.name }}",
            "body": "<{{ code }}>",
        },
    )
    start(browser)
    message = last_mail(browser)
    assert message["subject"] == "For Demo app"
    assert f"<{message['code']}>" in message["body"]


class TestLinks:
    def test_a_link_is_what_is_sent_unless_a_code_is_asked_for(self, browser: Browser) -> None:
        start(browser, send=None, authParams={"scope": "openid email", "state": "s-1"})
        parameters = dict(parse_qsl(urlsplit(link(browser)).query))
        assert parameters["redirect_uri"] == browser.callback
        assert (parameters["state"], parameters["scope"]) == ("s-1", "openid email")
        answer = query(browser.get(link(browser)))
        assert answer["state"] == "s-1"
        assert "id_token" in browser.exchange(answer["code"], code_verifier=None).json()
        assert "code" in query(browser.authorize(prompt="none"))

    def test_it_works_once(self, browser: Browser) -> None:
        start(browser, send="link")
        address = link(browser)
        assert "code" in query(browser.get(address))
        assert query(browser.get(address))["error"] == "unauthorized"

    def test_it_leads_to_listed_addresses_alone(self, browser: Browser) -> None:
        start(browser, send="link", authParams={"redirect_uri": "https://evil.example"})
        assert browser.get(link(browser)).status_code == 403

    def test_somebody_else_s_address_in_it_is_no_use(self, browser: Browser) -> None:
        start(browser, send="link")
        other = link(browser).replace("ada%40", "eve%40")
        assert query(browser.get(other))["error"] == "unauthorized"


class TestPages:
    @pytest.fixture(autouse=True)
    def only_mail(self, browser: Browser) -> None:
        store = browser.running.sandbox.store
        for connection in store.where("connections", "name", CONNECTION):
            store.put("connections", connection["id"], connection | {"enabled_clients": []})

    def test_address_then_code_then_back(self, browser: Browser) -> None:
        asked = browser.authorize().headers["location"]
        assert asked.startswith("/u/login/identifier?state=")
        assert "Enter your email address." in text_of(browser.get(asked))
        assert browser.post(asked, {"email": "nobody"}).status_code == 400
        challenge = browser.post(asked, {"email": "Ada@Example.com"}).headers["location"]
        assert challenge.startswith("/u/login/passwordless-email-challenge?state=")
        assert f"It was sent by email to {EMAIL}" in text_of(browser.get(challenge))
        wrong = browser.post(challenge, {"code": "x"})
        assert "This code is not right." in wrong.text
        done = query(browser.post(challenge, {"code": last_mail(browser)["code"]}))
        body = browser.exchange(done["code"]).json()
        assert (browser.running.sandbox.keys.opened(body["id_token"]) or {})["email"] == EMAIL
        session = browser.running.sandbox.store.all("sessions")[-1]
        assert session["methods"][0]["name"] == "email"

    def test_named_it_never_uses_a_session(self, browser: Browser) -> None:
        change_client(browser, callbacks=[browser.callback])
        start(browser, send="link")
        browser.get(link(browser))
        assert "code" in query(browser.authorize())
        assert "/u/login/identifier" in browser.authorize(connection="email").headers["location"]
