"""The triggers beside post-login: sign-ups, machines' tokens, changed passwords."""

import json
from typing import Any

import pytest
import requests

from sandbox import users
from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox

from .login_driver import PASSWORD, Browser, create_user, deploy, last_log, query, runs_of, text_of
from .passwordless_driver import NUMBER, App

NEW = "grace@example.com"
BEFORE, AFTER = "pre-user-registration", "post-user-registration"
SHOW = "console.log(JSON.stringify(event))"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    return Browser(running_sandbox)


def bind(browser: Browser, trigger: str, handler: str, *bodies: str) -> list[str]:
    """Deploy an Action for each body and bind them to a trigger."""
    sandbox = browser.running.sandbox
    codes = [f"exports.{handler} = async (event, api) => {{ {body} }};" for body in bodies]
    ids = deploy(sandbox, *codes)
    sandbox.store.delete("bindings", "post-login")
    bindings = [{"id": f"b{number}", "action_id": one} for number, one in enumerate(ids)]
    sandbox.store.put("bindings", trigger, {"bindings": bindings})
    return ids


def before(browser: Browser, *bodies: str) -> None:
    bind(browser, BEFORE, "onExecutePreUserRegistration", *bodies)


def sign_up(browser: Browser, **fields: str) -> requests.Response:
    state = browser.begin()
    form = {"state": state, "email": NEW, "password": PASSWORD, **fields}
    return browser.post(f"/u/signup?state={state}", form)


def new_user(browser: Browser) -> dict[str, Any] | None:
    return users.find_by_email(browser.running.sandbox, CONNECTION, NEW)


def management(browser: Browser, method: str, path: str, body: dict[str, Any]) -> requests.Response:
    headers = {"Authorization": f"Bearer {browser.running.token()}"}
    return browser.http.request(method, f"{browser.url}/api/v2{path}", json=body, headers=headers)


def ran(browser: Browser, trigger: str) -> list[dict[str, Any]]:
    """What ran of a trigger, once nothing is under way any more."""
    sandbox = browser.running.sandbox
    browser.running.call(sandbox.background.settle)
    kept = [one for one in sandbox.store.all("executions") if one["trigger_id"] == trigger]
    return [run for one in kept for run in one["_runs"]]


def logged(browser: Browser, kind: str) -> dict[str, Any]:
    return next(one for one in browser.running.sandbox.store.all("tenant_logs") if one["type"] == kind)


def test_an_action_adds_metadata_before_the_person_exists(browser: Browser) -> None:
    before(
        browser,
        "api.user.setUserMetadata('color', 'red'); api.user.setAppMetadata('plan', 'free')",
        "api.user.setUserMetadata('phone_number', null); console.log(JSON.stringify(event.user))",
    )
    assert "code" in query(sign_up(browser, phone_number="+14155550123"))
    user = new_user(browser) or {}
    assert (user["user_metadata"], user["app_metadata"]) == ({"color": "red"}, {"plan": "free"})
    seen = json.loads(ran(browser, BEFORE)[1]["console"][0]["text"])
    assert seen["user_metadata"] == {"phone_number": "+14155550123", "color": "red"}
    assert len(runs_of(browser.running.sandbox, logged(browser, "ss"))) == 2


def test_the_event_before_a_sign_up_has_the_body_and_no_password(browser: Browser) -> None:
    before(browser, SHOW)
    sign_up(browser, **{"ulp-company": "Acme"})
    event = json.loads(ran(browser, BEFORE)[0]["console"][0]["text"])
    assert event["request"]["body"]["ulp-company"] == "Acme"
    assert event["request"]["method"] == "POST"
    assert PASSWORD not in json.dumps(event)
    assert event["user"]["email"] == NEW
    assert "user_id" not in event["user"]
    assert event["transaction"]["redirect_uri"] == browser.callback
    assert not {"id", "metadata"} & set(event["transaction"])
    assert event["client"]["name"] == "Demo app"
    assert event["connection"]["strategy"] == "auth0"
    assert set(event) <= {"client", "connection", "request", "tenant", "user", "transaction", "secrets"}


@pytest.mark.parametrize(
    ("body", "told", "kept"),
    [
        ("api.access.deny('internal', 'Not you, please.')", "Not you, please.", "internal"),
        ("api.validation.error('bad_phone', 'Use another number.')", "Use another number.", "bad_phone"),
        ("throw new Error('inside')", "Something went wrong, please try again later.", "inside"),
    ],
)
def test_an_action_refuses_a_sign_up(browser: Browser, body: str, told: str, kept: str) -> None:
    before(browser, body, "console.log('later')")
    answer = sign_up(browser)
    assert told in text_of(answer)
    assert kept not in text_of(answer) or kept in told
    assert new_user(browser) is None
    entry = logged(browser, "fs")
    assert entry["description"] == kept
    assert len(runs_of(browser.running.sandbox, entry)) == 1


def test_a_refusal_by_the_endpoint_for_sign_ups(browser: Browser) -> None:
    before(browser, "api.validation.error('bad_phone', 'Use another number.')")
    answer = browser.http.post(
        f"{browser.url}/dbconnections/signup",
        json={
            "client_id": browser.client["client_id"],
            "connection": CONNECTION,
            "email": NEW,
            "password": PASSWORD,
        },
    )
    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["description"]) == ("bad_phone", "Use another number.")


def test_actions_after_a_sign_up_run_in_the_background_and_can_t_fail_it(browser: Browser) -> None:
    bind(browser, AFTER, "onExecutePostUserRegistration", "throw new Error('x')", SHOW)
    assert "code" in query(sign_up(browser))
    failed, shown = ran(browser, AFTER)
    assert failed["error"]["message"] == "x"
    event = json.loads(shown["console"][0]["text"])
    assert event["user"]["user_id"] == (new_user(browser) or {})["user_id"]
    assert event["user"]["email_verified"] is False
    assert "body" not in event["request"]


def test_actions_after_a_sign_up_have_a_cache_and_nothing_else(browser: Browser) -> None:
    bind(browser, AFTER, "onExecutePostUserRegistration", "console.log(Object.keys(api).join())")
    sign_up(browser)
    assert ran(browser, AFTER)[0]["console"][0]["text"] == "cache"


def test_users_of_the_management_api_set_them_off_too(browser: Browser) -> None:
    before(browser, "api.user.setAppMetadata('plan', 'free')")
    body = {"connection": CONNECTION, "email": NEW, "password": PASSWORD}
    assert management(browser, "POST", "/users", body).json()["app_metadata"] == {"plan": "free"}
    before(browser, "api.access.deny('internal', 'Not you.')")
    refused = management(browser, "POST", "/users", body | {"email": "x@example.com"})
    assert (refused.status_code, refused.json()["message"]) == (400, "Not you.")


def test_whether_they_do_is_a_switch(browser: Browser) -> None:
    before(browser, "api.access.deny('no', 'no')")
    browser.running.sandbox.switches.management_users_run_actions = False
    try:
        body = {"connection": CONNECTION, "email": NEW, "password": PASSWORD}
        assert management(browser, "POST", "/users", body).status_code == 201
    finally:
        browser.running.sandbox.switches.management_users_run_actions = True


def test_a_changed_password_sets_its_actions_off(browser: Browser) -> None:
    user = create_user(browser.running.sandbox)
    bind(browser, "post-change-password", "onExecutePostChangePassword", SHOW)
    body = {"password": "Another-Horse-7", "connection": CONNECTION}
    assert management(browser, "PATCH", f"/users/{user['user_id']}", body).status_code == 200
    event = json.loads(ran(browser, "post-change-password")[0]["console"][0]["text"])
    assert event["user"]["user_id"] == user["user_id"]
    assert "last_password_reset" in event["user"]
    assert set(event) == {"connection", "request", "secrets", "tenant", "user"}


def test_passwordless_people_get_no_metadata_before_they_exist(app: App) -> None:
    browser = Browser(app.running)
    before(browser, "api.user.setUserMetadata('a', 1); console.log(JSON.stringify(event.user))")
    assert app.exchange(app.code()).status_code == 200
    [user] = [one for one in app.sandbox.store.all("users") if one.get("phone_number") == NUMBER]
    assert not user.get("user_metadata")
    assert json.loads(ran(browser, BEFORE)[0]["console"][0]["text"])["phone_number"] == NUMBER
    body = {"connection": "sms", "phone_number": "+14155550199"}
    made = management(browser, "POST", "/users", body)
    assert (made.status_code, made.json().get("user_metadata")) == (201, None)
    assert len(ran(browser, BEFORE)) == 2


def test_an_action_refuses_passwordless_people(app: App) -> None:
    before(Browser(app.running), "api.access.deny('internal', 'Not you, please.')")
    answer = app.exchange(app.code())
    assert (answer.status_code, answer.json()["error"]) == (403, "access_denied")
    assert answer.json()["error_description"] == "Not you, please."
    assert all(one.get("phone_number") != NUMBER for one in app.sandbox.store.all("users"))


def exchange(browser: Browser, *bodies: str, **fields: str) -> requests.Response:
    """A machine's token for the Management API, through these Actions."""
    bind(browser, "credentials-exchange", "onExecuteCredentialsExchange", *bodies)
    client = browser.running.sandbox.store.get("seed", "m2m_client") or {}
    return browser.token(
        {
            "grant_type": "client_credentials",
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            "audience": browser.running.addresses.management_audience,
            **fields,
        }
    )


def test_machines_tokens_get_claims_and_scopes(browser: Browser) -> None:
    answer = exchange(
        browser,
        "api.accessToken.setCustomClaim('https://acme.test/a', 1);"
        " api.transaction.setTargetScopes(['read:users', 'not:granted'])",
        SHOW,
        scope="read:users read:clients",
    )
    assert answer.json()["scope"] == "read:users"
    audience = browser.running.addresses.management_audience
    claims = browser.running.sandbox.keys.verify(answer.json()["access_token"], audience)
    assert claims["https://acme.test/a"] == 1
    event = json.loads(ran(browser, "credentials-exchange")[1]["console"][0]["text"])
    assert event["accessToken"]["customClaims"] == {"https://acme.test/a": 1}
    assert event["transaction"]["requested_scopes"] == ["read:clients", "read:users"]
    assert event["transaction"]["target_scopes"] == ["read:users", "not:granted"]
    assert event["resource_server"]["identifier"] == browser.running.addresses.management_audience
    assert "client_secret" not in event["request"]["body"]
    assert len(runs_of(browser.running.sandbox, logged(browser, "seccft"))) == 2


@pytest.mark.parametrize(
    ("body", "status", "error", "description"),
    [
        ("api.access.deny('invalid_scope', 'not today')", 400, "invalid_scope", "not today"),
        ("api.access.deny('server_error', 'broken')", 500, "server_error", "broken"),
        ("throw new Error('inside')", 500, "server_error", "inside"),
        ("api.access.deny('nonsense', 'x')", 500, "server_error", "The code of a denial is one of"),
    ],
)
def test_an_action_refuses_a_machine(
    browser: Browser, body: str, status: int, error: str, description: str
) -> None:
    answer = exchange(browser, body)
    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert answer.json()["error_description"].startswith(description)
    entry = last_log(browser.running.sandbox)
    assert (entry["type"], len(runs_of(browser.running.sandbox, entry))) == ("feccft", 1)
