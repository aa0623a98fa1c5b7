"""Signing up and forgotten passwords without the pages: /dbconnections."""

import re
from typing import Any

import pytest
import requests

from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox

from .login_driver import EMAIL, PASSWORD, Browser, create_user, last_log, query, user_of

NEW = "Another-Horse-10"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    return Browser(running_sandbox)


def call(browser: Browser, path: str, **changes: Any) -> requests.Response:
    body = {
        "client_id": browser.client["client_id"],
        "connection": CONNECTION,
        "email": EMAIL,
        "password": PASSWORD,
        **changes,
    }
    with browser.running.session() as http:
        given = {name: value for name, value in body.items() if value is not None}
        return http.post(f"{browser.url}/dbconnections/{path}", json=given)


def test_a_sign_up_makes_a_user_who_can_log_in(browser: Browser) -> None:
    metadata = {"phone_number": "+14155550123"}
    answer = call(browser, "signup", given_name="Ada", user_metadata=metadata).json()
    user = user_of(browser.running.sandbox)
    assert answer == {
        "_id": user["user_id"].removeprefix("auth0|"),
        "email_verified": False,
        "email": EMAIL,
        "given_name": "Ada",
        "user_metadata": metadata,
    }
    assert last_log(browser.running.sandbox)["type"] == "ss"
    assert "code" in query(browser.log_in())


@pytest.mark.parametrize(
    ("changes", "code", "name"),
    [
        ({"password": "short"}, "invalid_password", "PasswordStrengthError"),
        ({"password": None}, "invalid_request", "BadRequestError"),
        ({"email": "nobody"}, "invalid_request", "BadRequestError"),
        ({"connection": "none"}, "invalid_request", "BadRequestError"),
        ({"connection": None}, "invalid_request", "BadRequestError"),
        ({"client_id": "none"}, "invalid_request", "BadRequestError"),
        ({"user_metadata": {"a": 1}}, "invalid_request", "BadRequestError"),
        ({"user_metadata": {str(n): "x" for n in range(11)}}, "invalid_request", "BadRequestError"),
        ({"user_metadata": {"a": "x" * 501}}, "invalid_request", "BadRequestError"),
    ],
)
def test_a_sign_up_that_cannot_be(browser: Browser, changes: dict[str, Any], code: str, name: str) -> None:
    answer = call(browser, "signup", **changes)
    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["name"]) == (code, name)
    assert browser.running.sandbox.store.count("users") == 0


def test_nobody_learns_who_has_an_account(browser: Browser) -> None:
    create_user(browser.running.sandbox)
    assert call(browser, "signup").json()["code"] == "invalid_signup"
    known = call(browser, "change_password", password=None)
    unknown = call(browser, "change_password", password=None, email="nobody@example.com")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert known.text == "We've just sent you an email to reset your password."


def test_a_connection_that_takes_nobody_new(browser: Browser) -> None:
    store = browser.running.sandbox.store
    connection = store.where("connections", "name", CONNECTION)[0]
    connection["options"]["disable_signup"] = True
    store.put("connections", connection["id"], connection)
    assert call(browser, "signup").status_code == 400
    assert store.count("users") == 0


def test_an_application_without_the_connection(browser: Browser) -> None:
    store = browser.running.sandbox.store
    connection = store.where("connections", "name", CONNECTION)[0]
    store.put("connections", connection["id"], connection | {"enabled_clients": []})
    assert call(browser, "signup").json()["description"] == "Connection is disabled"
    assert call(browser, "signup", client_id=None).status_code == 200


class TestForgottenPasswords:
    @pytest.fixture
    def link(self, browser: Browser) -> str:
        create_user(browser.running.sandbox)
        call(browser, "change_password", password=None)
        (message,) = browser.running.sandbox.store.all("messages")
        assert (message["to"], message["channel"]) == (EMAIL, "email")
        found = re.search(r"https://\S+", message["body"])
        assert found is not None
        return found.group()

    def test_the_link_sets_a_new_password_once_and_ends_sessions(self, browser: Browser, link: str) -> None:
        browser.log_in()
        assert browser.get(link).status_code == 200
        assert browser.post(link, {"password": "weak"}).status_code == 400
        assert browser.post(link, {"password": NEW}).status_code == 200
        assert query(browser.authorize(prompt="none"))["error"] == "login_required"
        assert "code" in query(browser.log_in(password=NEW))
        assert browser.submit(browser.begin(prompt="login")).status_code == 400
        assert browser.post(link, {"password": PASSWORD}).status_code == 400
        user = user_of(browser.running.sandbox)
        assert user["email_verified"] is True
        assert user["last_password_reset"]

    def test_the_link_expires(self, browser: Browser, link: str) -> None:
        browser.running.sandbox.clock.advance(5 * 86400 + 1)
        assert browser.get(link).status_code == 400
        assert browser.post(link, {"password": NEW}).status_code == 400

    def test_a_made_up_link_is_refused(self, browser: Browser) -> None:
        assert browser.get("/u/reset-password?ticket=x").status_code == 400
        assert browser.get("/u/reset-password").status_code == 400
