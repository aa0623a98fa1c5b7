"""The post-login trigger: what Actions see."""

import pytest

from sandbox.testing import RunningSandbox

from .login_driver import (
    Browser,
    action,
    create_user,
    deploy,
    shown,
    user_of,
)

SHOW = action("console.log(JSON.stringify(event))")


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox, user_metadata={"phone_number": "+14155550123"}, given_name="Ada")
    return Browser(running_sandbox)


def test_the_event_of_a_login(browser: Browser) -> None:
    deploy(browser.running.sandbox, SHOW, secrets={"KEY": "value"})
    browser.log_in()
    event, user = shown(browser), user_of(browser.running.sandbox)
    assert set(event) == {
        "authentication",
        "authorization",
        "client",
        "connection",
        "request",
        "secrets",
        "session",
        "stats",
        "tenant",
        "transaction",
        "user",
    }
    assert event["secrets"] == {"KEY": "value"}
    assert event["tenant"] == {"id": "localhost"}
    assert event["stats"] == {"logins_count": 1}
    assert event["authorization"] == {"roles": []}
    client = browser.running.sandbox.store.get("clients", browser.client["client_id"]) or {}
    assert event["client"] == {"client_id": client["client_id"], "name": client["name"], "metadata": {}}
    connection = browser.running.sandbox.store.all("connections")[0]
    assert event["connection"] == {
        "id": connection["id"],
        "name": "Username-Password-Authentication",
        "strategy": "auth0",
        "metadata": {},
    }
    [method] = event["authentication"]["methods"]
    assert method["name"] == "pwd"
    assert method["timestamp"].endswith("Z")
    assert event["session"]["user_id"] == user["user_id"]


def test_the_event_s_request_is_the_authorization_request(browser: Browser) -> None:
    deploy(browser.running.sandbox, SHOW)
    browser.http.headers.update({"Accept-Language": "de-AT,en;q=0.5", "User-Agent": "Test/1"})
    browser.log_in(login_hint="ada", custom="x")
    request = shown(browser)["request"]
    assert request["query"] == browser.parameters(login_hint="ada", custom="x")
    assert (request["method"], request["body"], request["geoip"]) == ("GET", {}, {})
    assert (request["hostname"], request["ip"]) == (browser.running.addresses.auth0, "127.0.0.1")
    assert (request["language"], request["user_agent"]) == ("de-AT", "Test/1")


def test_the_event_s_transaction(browser: Browser) -> None:
    deploy(browser.running.sandbox, SHOW)
    browser.log_in(
        prompt="login", login_hint="ada", ui_locales="de fr", acr_values="a b", correlation_id="c-1"
    )
    transaction = shown(browser)["transaction"]
    assert len(transaction.pop("id")) == 32
    assert transaction == {
        "acr_values": ["a", "b"],
        "ui_locales": ["de", "fr"],
        "locale": "en",
        "login_hint": "ada",
        "prompt": ["login"],
        "protocol": "oidc-basic-profile",
        "redirect_uri": browser.callback,
        "requested_authorization_details": [],
        "requested_scopes": ["openid", "profile", "email"],
        "response_mode": "query",
        "response_type": ["code"],
        "state": "app-state",
        "correlation_id": "c-1",
        "metadata": {},
    }


def test_the_event_s_user_is_the_profile_without_what_is_private(browser: Browser) -> None:
    deploy(browser.running.sandbox, SHOW)
    browser.log_in()
    user, stored = shown(browser)["user"], user_of(browser.running.sandbox)
    assert user["user_metadata"] == {"phone_number": "+14155550123"}
    assert user["app_metadata"] == {}
    assert (user["multifactor"], user["enrolledFactors"]) == ([], [])
    assert user["identities"] == stored["identities"]
    assert user["given_name"] == "Ada"
    assert set(user) <= {
        "user_id",
        "email",
        "email_verified",
        "name",
        "given_name",
        "nickname",
        "picture",
        "created_at",
        "updated_at",
        "identities",
        "app_metadata",
        "user_metadata",
        "multifactor",
        "enrolledFactors",
    }


def test_an_api_shows_as_resource_server(browser: Browser) -> None:
    deploy(browser.running.sandbox, SHOW)
    browser.log_in(audience=f"{browser.url}/api/v2/")
    assert shown(browser)["resource_server"] == {"identifier": f"{browser.url}/api/v2/"}
