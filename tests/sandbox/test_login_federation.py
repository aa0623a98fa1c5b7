"""Social and enterprise connections: the provider's page, the way back, and who the person is then."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.idp import profiles
from sandbox.testing import RunningSandbox

from .login_driver import FORM, Browser, change_client, deploy, last_log, query, redirecting

EMAIL = "grace@example.com"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Iterator[Browser]:
    browser = Browser(running_sandbox)
    with browser.http:
        yield browser


def connect(browser: Browser, strategy: str, name: str | None = None, **more: Any) -> dict[str, Any]:
    connection = {
        "id": f"con_{name or strategy}",
        "name": name or strategy,
        "strategy": strategy,
        "options": {},
        "enabled_clients": [browser.client["client_id"]],
        **more,
    }
    browser.running.sandbox.store.put("connections", connection["id"], connection)
    return connection


def at_provider(browser: Browser, **parameters: str) -> str:
    """Begin a login; returns the provider's address."""
    response = browser.authorize(**parameters)
    address = response.headers["location"]
    assert address.startswith(f"{browser.running.addresses.twilio}/idp/"), address
    return address


def answer(browser: Browser, address: str, **fields: str) -> requests.Response:
    """Say who one is at the provider, and follow it back to the tenant."""
    back = browser.post(address, {"email": EMAIL, "name": "Grace Hopper", "action": "allow", **fields})
    assert back.status_code == 302, back.text
    return browser.get(back.headers["location"])


def users(browser: Browser) -> list[dict[str, Any]]:
    return browser.running.sandbox.store.all("users")


def test_a_social_login_makes_a_user_without_a_sign_up(browser: Browser) -> None:
    connect(browser, "google-oauth2")
    address = at_provider(browser, connection="google-oauth2", login_hint=EMAIL)
    assert f'value="{EMAIL}"' in browser.get(address).text
    code = query(answer(browser, address))["code"]
    (user,) = users(browser)
    assert user["user_id"].startswith("google-oauth2|1")
    assert user["identities"] == [
        {
            "connection": "google-oauth2",
            "user_id": user["user_id"].partition("|")[2],
            "provider": "google-oauth2",
            "isSocial": True,
        }
    ]
    assert (user["email_verified"], user["given_name"], user["family_name"]) == (True, "Grace", "Hopper")
    told = browser.running.sandbox.keys.opened(browser.exchange(code).json()["id_token"]) or {}
    assert (told["sub"], told["name"], told["email_verified"]) == (user["user_id"], "Grace Hopper", True)


def test_the_second_login_is_the_same_person_brought_up_to_date(browser: Browser) -> None:
    connect(browser, "google-oauth2")
    answer(browser, at_provider(browser, connection="google-oauth2"))
    answer(browser, at_provider(browser, connection="google-oauth2", prompt="login"), name="Grace B. Hopper")
    (user,) = users(browser)
    assert (user["name"], user["logins_count"]) == ("Grace B. Hopper", 2)


@pytest.mark.parametrize("sync", ["on_first_login", "never_on_login"])
def test_a_connection_may_leave_the_profile_alone(browser: Browser, sync: str) -> None:
    connect(browser, "github", options={"set_user_root_attributes": sync})
    answer(browser, at_provider(browser, connection="github"))
    answer(browser, at_provider(browser, connection="github", prompt="login"), name="Somebody Else")
    assert users(browser)[0]["name"] == "Grace Hopper"


@pytest.mark.parametrize(
    ("strategy", "prefix", "social"),
    [
        ("oidc", "oidc|corp|", False),
        ("okta", "okta|corp|", False),
        ("samlp", f"samlp|corp|{EMAIL}", False),
        ("waad", "waad|", False),
        ("oauth2", "oauth2|corp|", True),
        ("facebook", "facebook|", True),
    ],
)
def test_every_strategy_has_its_ids(browser: Browser, strategy: str, prefix: str, social: bool) -> None:
    connect(browser, strategy, "corp")
    assert "code" in query(answer(browser, at_provider(browser, connection="corp")))
    (user,) = users(browser)
    assert user["user_id"].startswith(prefix)
    assert user["identities"][0]["isSocial"] is social


def test_a_denial_at_the_provider_reaches_the_application(browser: Browser) -> None:
    connect(browser, "google-oauth2")
    back = query(answer(browser, at_provider(browser, connection="google-oauth2"), action="deny"))
    assert back["error"] == "access_denied"
    assert back["state"] == "app-state"
    assert users(browser) == []
    assert last_log(browser.running.sandbox)["type"] == "f"


def test_the_way_back_works_once_and_only_in_the_browser_that_began(browser: Browser) -> None:
    connect(browser, "google-oauth2")
    address = at_provider(browser, connection="google-oauth2")
    back = browser.post(address, {"email": EMAIL, "action": "allow"}).headers["location"]
    assert Browser(browser.running).get(back).status_code == 400
    assert "code" in query(browser.get(back))
    assert browser.get(back).status_code == 400


def test_a_code_of_another_provider_or_of_nobody_is_refused(browser: Browser) -> None:
    connect(browser, "google-oauth2")
    connect(browser, "github")
    google = at_provider(browser, connection="google-oauth2")
    code = query(browser.post(google, {"email": EMAIL, "action": "allow"}))["code"]
    state = query(at_provider(browser, connection="github"))["state"]
    assert query(browser.get("/login/callback", {"code": code, "state": state}))["error"] == "access_denied"
    state = query(at_provider(browser, connection="github"))["state"]
    assert query(browser.get("/login/callback", {"state": state}))["error"] == "access_denied"
    assert users(browser) == []


def test_the_provider_sends_nobody_elsewhere(browser: Browser) -> None:
    connect(browser, "google-oauth2")
    address = at_provider(browser, connection="google-oauth2")
    evil = address.replace("login%2Fcallback", "evil")
    assert browser.get(evil).status_code == 400
    assert "location" not in browser.post(evil, {"email": EMAIL, "action": "allow"}).headers


def test_actions_see_the_connection_and_may_redirect(browser: Browser) -> None:
    connect(browser, "google-oauth2")
    deploy(browser.running.sandbox, redirecting())
    left = answer(browser, at_provider(browser, connection="google-oauth2"))
    assert left.headers["location"].startswith(FORM)
    session = browser.running.sandbox.store.all("sessions")[0]
    assert session["methods"][0]["name"] == "federated"


def test_the_login_page_has_a_button_for_each_social_connection(browser: Browser) -> None:
    connect(browser, "google-oauth2")
    connect(browser, "oidc", "unasked")
    connect(browser, "oidc", "shown", show_as_button=True, display_name="Acme")
    state = browser.begin()
    page = browser.get(f"/u/login?state={state}").text
    assert "Continue with Google" in page
    assert "Continue with Acme" in page
    assert "unasked" not in page
    away = browser.get("/u/login/federated", {"state": state, "connection": "google-oauth2"})
    assert "/idp/google-oauth2/" in away.headers["location"]
    assert browser.get("/u/login/federated", {"state": state, "connection": "none"}).status_code == 400


def test_an_application_with_one_provider_alone_goes_straight_there(browser: Browser) -> None:
    store = browser.running.sandbox.store
    for connection in store.all("connections"):
        store.put("connections", connection["id"], connection | {"enabled_clients": []})
    connect(browser, "google-oauth2")
    at_provider(browser)
    connect(browser, "github")
    asked = browser.authorize()
    page = browser.get(asked.headers["location"]).text
    assert "Continue with Google" in page
    assert "password" not in page


def test_single_sign_on_after_a_social_login(browser: Browser) -> None:
    connect(browser, "google-oauth2")
    answer(browser, at_provider(browser, connection="google-oauth2"))
    assert "code" in query(browser.authorize(prompt="none"))
    change_client(browser, callbacks=["https://{organization_name}.x.example"])
    assert browser.authorize(prompt="none").status_code == 403


def test_an_address_is_always_the_same_person() -> None:
    first, second = (profiles.of("waad", email, "Grace") for email in (EMAIL, EMAIL.upper()))
    assert first == second
    assert profiles.of("google-oauth2", EMAIL, "")["sub"] != first["sub"]
