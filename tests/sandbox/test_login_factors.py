"""Second factors that Actions ask for: challenge, enrollment, and what the Actions after them see."""

import json
import re
from typing import Any

import pytest
import requests

from sandbox.login import factor_codes, factors
from sandbox.testing import RunningSandbox

from .login_driver import (
    EMAIL,
    NOTHING,
    PASSWORD,
    Browser,
    action,
    change_client,
    console,
    create_user,
    deploy,
    query,
    user_of,
)

NUMBER = "+14155550123"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SHOW = action("console.log(JSON.stringify(event))")


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    sandbox = running_sandbox.sandbox
    create_user(sandbox)
    enable(running_sandbox, "sms", "otp")
    return Browser(running_sandbox)


def enable(running: RunningSandbox, *names: str) -> None:
    running.sandbox.store.put("settings", "guardian:factors", dict.fromkeys(names, True))


def enroll(browser: Browser, kind: str) -> None:
    sandbox = browser.running.sandbox
    user_id = user_of(sandbox)["user_id"]
    if kind == "phone":
        method = factor_codes.new_phone(sandbox, user_id, NUMBER)
    else:
        method = {**factor_codes.new_authenticator(sandbox, user_id), "totp_secret": SECRET}
    factor_codes.confirm(sandbox, method)


def asked(browser: Browser, *codes: str, **parameters: str) -> requests.Response:
    """Log in through these Actions, as far as the page of the factor."""
    deploy(browser.running.sandbox, *codes)
    return browser.log_in(**parameters)


def post(browser: Browser, response: requests.Response, **fields: str) -> requests.Response:
    state = query(response)["state"]
    return browser.post(f"/u/mfa?state={state}", {"state": state, **fields})


def shown(browser: Browser, response: requests.Response) -> str:
    return browser.get(response.headers["location"]).text


def sent(browser: Browser) -> dict[str, Any]:
    return browser.running.sandbox.store.all("messages")[-1]


def test_a_challenge_by_sms_suspends_and_the_next_action_sees_the_factor(browser: Browser) -> None:
    enroll(browser, "phone")
    page = asked(
        browser, action("api.authentication.challengeWith({type: 'phone'}); console.log('asked')"), SHOW
    )
    assert page.headers["location"].startswith("/u/mfa?state=")
    assert "•••• 0123" in shown(browser, page)
    assert NUMBER not in shown(browser, page)
    assert len(browser.running.sandbox.store.all("messages")) == 1
    done = post(browser, page, code=sent(browser)["code"])
    assert "code" in query(done)
    first, event = console(browser.running.sandbox)
    assert first == "asked"
    seen = json.loads(event)
    assert [method["name"] for method in seen["authentication"]["methods"]] == ["pwd", "mfa"]
    assert seen["user"]["enrolledFactors"] == [{"type": "phone", "method": "sms"}]
    assert (seen["request"]["method"], seen["request"]["body"]) == ("POST", {})


def test_a_wrong_code_may_be_tried_three_times(browser: Browser) -> None:
    enroll(browser, "phone")
    page = asked(browser, action("api.authentication.challengeWith({type: 'phone'})"))
    shown(browser, page)
    right = sent(browser)["code"]
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(3):
        assert "This code is not right." in post(browser, page, code=wrong).text
    assert "Too many wrong codes" in post(browser, page, code=right).text
    post(browser, page, action="resend")
    assert sent(browser)["code"] != right or len(browser.running.sandbox.store.all("messages")) == 2
    assert "code" in query(post(browser, page, code=sent(browser)["code"]))


def test_the_state_of_a_challenge_works_once(browser: Browser) -> None:
    enroll(browser, "otp")
    page = asked(browser, action("api.authentication.challengeWith({type: 'otp'})"))
    shown(browser, page)
    code = factor_codes.totp(SECRET, browser.running.sandbox.clock.now())
    assert "code" in query(post(browser, page, code=code))
    assert post(browser, page, code=code).status_code == 400


def test_codes_of_an_authenticator_are_those_of_rfc_6238() -> None:
    """Appendix B, SHA-1: the last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [factor_codes.totp(secret, at) for at in (59, 1111111109, 20000000000)] == [
        "287082",
        "081804",
        "353130",
    ]


def test_people_choose_with_any(browser: Browser) -> None:
    enroll(browser, "phone")
    enroll(browser, "otp")
    page = asked(browser, action("api.authentication.challengeWithAny([{type: 'phone'}, {type: 'otp'}])"))
    assert "Choose how." in shown(browser, page)
    assert browser.running.sandbox.store.all("messages") == []
    assert "authenticator app shows" in post(browser, page, factor="otp").text
    code = factor_codes.totp(SECRET, browser.running.sandbox.clock.now())
    assert "code" in query(post(browser, page, code=code))


def test_an_additional_factor_can_be_taken_instead(browser: Browser) -> None:
    enroll(browser, "phone")
    enroll(browser, "otp")
    page = asked(
        browser,
        action("api.authentication.challengeWith({type: 'phone'}, {additionalFactors: [{type: 'otp'}]})"),
    )
    assert "A code of an authenticator app" in shown(browser, page)
    post(browser, page, factor="otp")
    code = factor_codes.totp(SECRET, browser.running.sandbox.clock.now())
    assert "code" in query(post(browser, page, code=code))


def test_a_phone_is_enrolled_by_its_code(browser: Browser) -> None:
    page = asked(browser, action("api.authentication.enrollWith({type: 'phone'})"), SHOW)
    assert "Enter your number" in shown(browser, page)
    assert "+1 415 555 0123" in post(browser, page, phone_number="0123").text
    post(browser, page, phone_number="+1 (415) 555-0123")
    assert sent(browser)["to"] == NUMBER
    sandbox = browser.running.sandbox
    assert factors.enrolled(sandbox, user_of(sandbox)["user_id"]) == {}
    assert "code" in query(post(browser, page, code=sent(browser)["code"]))
    assert factors.enrolled(sandbox, user_of(sandbox)["user_id"])["phone"]["phone_number"] == NUMBER


def test_an_authenticator_is_enrolled_by_its_code(browser: Browser) -> None:
    page = asked(browser, action("api.authentication.enrollWithAny([{type: 'otp'}])"))
    found = re.search(r"<code>(\w+)</code>", shown(browser, page))
    assert found is not None
    code = factor_codes.totp(found[1], browser.running.sandbox.clock.now())
    assert "code" in query(post(browser, page, code=code))


@pytest.mark.parametrize(
    ("call", "on"),
    [
        ("challengeWith({type: 'phone'})", ("sms",)),  # not enrolled
        ("enrollWith({type: 'otp'})", ("sms",)),  # not enabled
        ("challengeWithAny([{type: 'otp'}])", ()),
    ],
)
def test_where_no_factor_is_left_the_login_fails(browser: Browser, call: str, on: tuple[str, ...]) -> None:
    enable(browser.running, *on)
    answer = query(asked(browser, action(f"api.authentication.{call}")))
    assert answer["error"] == "access_denied"
    assert answer["error_description"].startswith("None of the requested factors is enabled and")


def test_a_factor_without_a_page_is_said_to_be_missing(browser: Browser) -> None:
    enable(browser.running, "webauthn-roaming")
    answer = query(asked(browser, action("api.authentication.enrollWith({type: 'webauthn-roaming'})")))
    assert (
        answer["error_description"] == "The factors webauthn-roaming are not supported by this sandbox yet."
    )


def test_a_factor_proven_in_this_transaction_satisfies_the_next_demand(browser: Browser) -> None:
    enroll(browser, "otp")
    challenge = action("api.authentication.challengeWith({type: 'otp'})")
    page = asked(browser, challenge, challenge, action("api.multifactor.enable('any')"))
    shown(browser, page)
    code = factor_codes.totp(SECRET, browser.running.sandbox.clock.now())
    assert "code" in query(post(browser, page, code=code))


def test_multifactor_enable_waits_for_the_end_of_the_flow(browser: Browser) -> None:
    enroll(browser, "otp")
    page = asked(
        browser, action("api.multifactor.enable('google-authenticator')"), action("console.log('later')")
    )
    assert page.headers["location"].startswith("/u/mfa?state=")
    shown(browser, page)
    code = factor_codes.totp(SECRET, browser.running.sandbox.clock.now())
    assert "code" in query(post(browser, page, code=code))
    assert console(browser.running.sandbox) == ["later"]


def test_multifactor_none_takes_the_demand_back(browser: Browser) -> None:
    codes = (action("api.multifactor.enable('any')"), action("api.multifactor.enable('none')"))
    assert "code" in query(asked(browser, *codes))


def test_without_a_person_there_is_no_challenge(browser: Browser) -> None:
    enroll(browser, "otp")
    sandbox = browser.running.sandbox
    deploy(sandbox, NOTHING)
    assert "code" in query(browser.log_in())
    deploy(sandbox, action("api.authentication.challengeWith({type: 'otp'})"))
    assert query(browser.authorize(prompt="none"))["error"] == "interaction_required"
    change_client(browser, grant_types=["password"])
    tenant = sandbox.store.get("settings", "tenant") or {}
    connection = "Username-Password-Authentication"
    sandbox.store.put("settings", "tenant", {**tenant, "default_directory": connection})
    secret = {name: browser.client[name] for name in ("client_id", "client_secret")}
    answer = browser.token({"grant_type": "password", "username": EMAIL, "password": PASSWORD, **secret})
    assert (answer.status_code, answer.json()["error"]) == (403, "mfa_required")


def test_messages_go_out_by_the_trigger_s_actions(browser: Browser) -> None:
    enroll(browser, "phone")
    sandbox = browser.running.sandbox
    [sender] = deploy(
        sandbox,
        "exports.onExecuteSendPhoneMessage = async ({ message_options: given }) => {"
        " console.log(JSON.stringify(given)) };",
    )
    sandbox.store.put("bindings", "send-phone-message", {"bindings": [{"id": "b", "action_id": sender}]})
    page = asked(browser, action("api.authentication.challengeWith({type: 'phone'})"))
    sandbox.store.put("bindings", "send-phone-message", {"bindings": [{"id": "b", "action_id": sender}]})
    shown(browser, page)
    [kept] = [one for one in sandbox.store.all("executions") if one["trigger_id"] == "send-phone-message"]
    options = json.loads(kept["_runs"][0]["console"][0]["text"])
    assert (options["recipient"], options["action"]) == (NUMBER, "second-factor-authentication")
    assert options["code"] in options["text"]
    assert sandbox.store.all("messages") == []
    assert "code" in query(post(browser, page, code=options["code"]))
