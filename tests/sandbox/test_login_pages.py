"""The log-in, sign-up, consent and error pages over HTTP."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.testing import RunningSandbox

from .login_driver import (
    EMAIL,
    PASSWORD,
    Browser,
    create_user,
    executions,
    last_log,
    query,
    text_of,
    user_of,
)
from .page_policy import assert_allows_inline


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    return Browser(running_sandbox)


def logged(browser: Browser) -> list[str]:
    return [entry["type"] for entry in browser.running.sandbox.store.all("tenant_logs")]


def sign_up(browser: Browser, **fields: str) -> requests.Response:
    state = browser.begin(screen_hint="signup")
    form = {"state": state, "email": "new@example.com", "password": PASSWORD, **fields}
    return browser.post(f"/u/signup?state={state}", form)


def test_the_right_password_gives_a_code_and_the_state_back(browser: Browser) -> None:
    response = browser.log_in()
    assert response.status_code == 302
    assert response.headers["location"].startswith(browser.callback + "?code=")
    assert query(response)["state"] == "app-state"
    assert logged(browser) == ["s"]
    assert executions(browser.running.sandbox) == []


def test_email_addresses_are_compared_whatever_their_case(browser: Browser) -> None:
    assert "code" in query(browser.log_in(email=f"  {EMAIL.upper()} "))


@pytest.mark.parametrize(
    ("email", "password", "kind"),
    [(EMAIL, "wrong", "fp"), (EMAIL, "", "fp"), ("nobody@example.com", PASSWORD, "fu")],
)
def test_wrong_credentials_all_look_the_same(browser: Browser, email: str, password: str, kind: str) -> None:
    response = browser.log_in(email, password)
    assert response.status_code == 400
    assert "Wrong email or password." in text_of(response)
    assert password not in response.text or password == ""
    assert f'value="{email}"' in response.text
    assert logged(browser) == [kind]
    assert "auth0" not in response.cookies


def test_after_a_wrong_password_the_same_page_takes_the_right_one(browser: Browser) -> None:
    state = browser.begin()
    assert browser.submit(state, password="wrong").status_code == 400
    assert "code" in query(browser.submit(state))


def test_the_login_s_state_works_once(browser: Browser) -> None:
    state = browser.begin()
    browser.submit(state)
    again = browser.submit(state)
    assert again.status_code == 400
    assert "invalid_request" in text_of(again)
    assert browser.get(f"/u/login?state={state}").status_code == 400


def test_of_two_simultaneous_passwords_one_wins(browser: Browser) -> None:
    state = browser.begin()
    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(lambda _: browser.submit(state).status_code, range(6)))
    assert statuses == [302] + [400] * 5


def test_another_browser_cannot_use_the_state(browser: Browser) -> None:
    """A form prepared by somebody else, submitted in a victim's browser, logs nobody in (login CSRF)."""
    state = browser.begin()
    other = Browser(browser.running)
    response = other.submit(state)
    assert response.status_code == 400
    assert "another browser" in text_of(response)
    assert "code" in query(browser.submit(state))


@pytest.mark.parametrize("state", ["", "unknown", "x" * 5000, "'; --"])
def test_a_state_that_is_none_is_refused(browser: Browser, state: str) -> None:
    assert browser.get("/u/login", {"state": state}).status_code == 400
    assert (
        browser.post("/u/login", {"state": state, "username": EMAIL, "password": PASSWORD}).status_code == 400
    )


def test_cookies_are_host_only_secure_and_usable_across_sites(browser: Browser) -> None:
    first = browser.authorize()
    second = browser.submit(query(first)["state"])
    for response, name in ((first, "auth0_browser"), (second, "auth0")):
        cookie = response.headers["set-cookie"]
        assert re.match(rf"{name}=[\w-]{{43}};", cookie)
        assert {"Secure", "HttpOnly", "SameSite=none", "Path=/"} <= set(re.split("; ?", cookie))
        assert "domain" not in cookie.lower()


def test_cookies_are_not_stored_as_they_are(browser: Browser) -> None:
    browser.log_in()
    stored = str(browser.running.sandbox.store.dump())
    secrets = [browser.http.cookies.get(name) for name in ("auth0", "auth0_browser")]
    assert all(secret and secret not in stored for secret in secrets)


def test_pages_refuse_framing_and_need_no_script(browser: Browser) -> None:
    response = browser.get(f"/u/login?state={browser.begin()}")
    policy = response.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action" not in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-store"
    assert "<script" not in response.text


def test_sign_up_makes_a_user_with_the_number_as_a_hint(browser: Browser) -> None:
    answer = query(sign_up(browser, phone_number=" +14155550123 "))
    assert "code" in answer
    user = user_of(browser.running.sandbox, "new@example.com")
    assert user["user_metadata"] == {"phone_number": "+14155550123"}
    assert user.get("phone_number") is None
    assert user.get("app_metadata", {}) == {}
    assert user["email_verified"] is False
    assert logged(browser) == ["ss", "s"]


def test_the_number_is_optional(browser: Browser) -> None:
    assert "code" in query(sign_up(browser))
    assert "user_metadata" not in user_of(browser.running.sandbox, "new@example.com")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"email": EMAIL}, "The user already exists."),
        ({"email": EMAIL.upper()}, "The user already exists."),
        ({"email": "no address"}, "Please enter a valid email address."),
        ({"email": "@"}, "Please enter a valid email address."),
        ({"password": "Ab1!"}, "This password is too weak."),
        ({"password": "all lower case"}, "This password is too weak."),
    ],
)
def test_a_sign_up_that_cannot_be_says_why_and_keeps_what_was_typed(
    browser: Browser, fields: dict[str, str], problem: str
) -> None:
    response = sign_up(browser, phone_number="+14155550123", **fields)
    assert response.status_code == 400
    assert problem in text_of(response)
    assert 'value="+14155550123"' in response.text
    assert PASSWORD not in response.text
    assert logged(browser) == ["fs"]


def test_sign_up_can_be_disabled(browser: Browser) -> None:
    store = browser.running.sandbox.store
    connection = store.all("connections")[0]
    store.put("connections", connection["id"], connection | {"options": {"disable_signup": True}})
    assert sign_up(browser).status_code == 403
    assert browser.get(f"/u/signup?state={browser.begin()}").status_code == 403


def test_a_blocked_user_is_turned_away_at_the_application(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    user = user_of(sandbox)
    sandbox.store.put("users", user["user_id"], user | {"blocked": True})
    answer = query(browser.log_in())
    assert (answer["error"], answer["error_description"]) == ("unauthorized", "user is blocked")
    assert browser.http.cookies.get("auth0") is None


def test_logins_are_counted(browser: Browser) -> None:
    for expected in (1, 2):
        browser.log_in(prompt="login")
        user = user_of(browser.running.sandbox)
        assert user["logins_count"] == expected
    assert user["last_ip"] == "127.0.0.1"
    assert user["last_login"].endswith("Z")


def test_consent_is_asked_for_and_given(browser: Browser) -> None:
    response = browser.log_in(prompt="consent")
    assert response.headers["location"].startswith("/u/consent?state=")
    state = query(response)["state"]
    page = browser.get(f"/u/consent?state={state}")
    assert "profile" in text_of(page)
    assert "code" in query(browser.post(f"/u/consent?state={state}", {"action": "accept"}))
    assert browser.post(f"/u/consent?state={state}", {"action": "accept"}).status_code == 400


def test_consent_may_be_refused(browser: Browser) -> None:
    state = query(browser.log_in(prompt="consent"))["state"]
    answer = query(browser.post(f"/u/consent?state={state}", {"action": "decline"}))
    assert answer["error"] == "access_denied"
    assert answer["error_description"] == "User did not authorize the request"
    assert last_log(browser.running.sandbox)["type"] == "f"


def test_a_user_deleted_while_asked_for_consent_gets_no_code(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    state = query(browser.log_in(prompt="consent"))["state"]
    sandbox.store.delete("users", user_of(sandbox)["user_id"])
    answer = query(browser.post(f"/u/consent?state={state}", {"action": "accept"}))
    assert answer["error"] == "access_denied"


def test_what_a_request_says_is_escaped_on_the_error_page(browser: Browser) -> None:
    response = browser.authorize(redirect_uri="https://x/<script>alert(1)</script>")
    assert "<script>alert" not in response.text


def test_large_and_malformed_bodies_are_refused(browser: Browser) -> None:
    state = browser.begin()
    huge = browser.post(f"/u/login?state={state}", {"username": "x" * 300_000})
    assert huge.status_code == 413
    raw = browser.http.post(
        f"{browser.url}/u/login?state={state}", data=b"username=\xff\xfe", allow_redirects=False
    )
    assert raw.status_code == 400
    assert "code" in query(browser.submit(state))


def test_the_policy_allows_exactly_the_page_s_own_style_and_script(browser: Browser) -> None:
    response = browser.authorize(response_mode="form_post", prompt="none")
    assert_allows_inline(response, "style", "script")
