"""Second factors that somebody attacks: pages answered unseen, guesses, repeats, many messages."""

import pytest

from sandbox.login import factor_codes, factors
from sandbox.testing import RunningSandbox

from .login_driver import Browser, action, create_user, deploy, query, user_of

NUMBER = "+14155550123"
OTHER = "+14155550199"
BY_PHONE = action("api.authentication.challengeWith({type: 'phone'})")
BY_APP = action("api.authentication.challengeWith({type: 'otp'})")


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    sandbox = running_sandbox.sandbox
    create_user(sandbox)
    sandbox.store.put("settings", "guardian:factors", {"sms": True, "otp": True})
    return Browser(running_sandbox)


def phone(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    factor_codes.confirm(sandbox, factor_codes.new_phone(sandbox, str(user_of(sandbox)["user_id"]), NUMBER))


def authenticator(browser: Browser) -> str:
    """Enroll one; its secret."""
    sandbox = browser.running.sandbox
    method = factor_codes.new_authenticator(sandbox, str(user_of(sandbox)["user_id"]))
    factor_codes.confirm(sandbox, method)
    return str(method["totp_secret"])


def asked(browser: Browser, code: str) -> str:
    """Log in as far as the page of the factor; its state."""
    deploy(browser.running.sandbox, code)
    return query(browser.log_in(prompt="login"))["state"]


def answer(browser: Browser, state: str, **fields: str) -> tuple[int, str]:
    response = browser.post(f"/u/mfa?state={state}", {"state": state, **fields})
    return response.status_code, response.headers.get("location", response.text)


def recipients(browser: Browser) -> list[str]:
    return [message["to"] for message in browser.running.sandbox.store.all("messages")]


def current(browser: Browser, secret: str) -> str:
    return factor_codes.totp(secret, browser.running.sandbox.clock.now())


def test_a_challenge_takes_no_number_whoever_posts_first(browser: Browser) -> None:
    phone(browser)
    state = asked(browser, BY_PHONE)
    answer(browser, state, phone_number=OTHER)
    assert recipients(browser) == [NUMBER]
    sandbox = browser.running.sandbox
    assert factors.enrolled(sandbox, user_of(sandbox)["user_id"])["phone"]["phone_number"] == NUMBER


def test_a_factor_that_was_taken_away_meanwhile_ends_the_challenge(browser: Browser) -> None:
    phone(browser)
    state = asked(browser, BY_PHONE)
    store = browser.running.sandbox.store
    for method in store.all(factors.KIND):
        store.delete(factors.KIND, method["id"])
    assert answer(browser, state, phone_number=OTHER)[0] == 400
    assert recipients(browser) == []


def test_a_code_may_come_before_the_page_was_seen(browser: Browser) -> None:
    secret = authenticator(browser)
    status, location = answer(browser, asked(browser, BY_APP), code=current(browser, secret))
    assert (status, "code" in query(location)) == (302, True)


def test_guesses_end_after_ten_in_whatever_login_they_are_made(browser: Browser) -> None:
    secret = authenticator(browser)
    for _ in range(2):
        state = asked(browser, BY_APP)
        for _ in range(5):
            assert "This code is not right." in answer(browser, state, code="no")[1]
    state = asked(browser, BY_APP)
    assert "Too many failed codes." in answer(browser, state, code=current(browser, secret))[1]
    clock = browser.running.sandbox.clock
    clock.advance(3601)
    assert answer(browser, asked(browser, BY_APP), code=current(browser, secret))[0] == 302


def test_a_code_of_an_app_works_once(browser: Browser) -> None:
    browser.running.sandbox.clock.freeze()
    secret = authenticator(browser)
    assert answer(browser, asked(browser, BY_APP), code=current(browser, secret))[0] == 302
    state = asked(browser, BY_APP)
    assert "This code is not right." in answer(browser, state, code=current(browser, secret))[1]
    browser.running.sandbox.clock.advance(30)
    assert answer(browser, state, code=current(browser, secret))[0] == 302


def test_nobody_is_sent_more_than_ten_messages_an_hour(browser: Browser) -> None:
    phone(browser)
    state = asked(browser, BY_PHONE)
    browser.get(f"/u/mfa?state={state}")
    for _ in range(9):
        assert answer(browser, state, action="resend")[0] == 200
    assert "You have asked for too many codes." in answer(browser, state, action="resend")[1]
    assert len(recipients(browser)) == 10
    assert (
        "You have asked for too many codes." in browser.get(f"/u/mfa?state={asked(browser, BY_PHONE)}").text
    )
    assert len(recipients(browser)) == 10
