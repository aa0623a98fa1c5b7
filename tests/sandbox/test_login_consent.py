"""Consent: who is asked, once or each time, and where a refusal leads."""

import pytest

from sandbox.testing import RunningSandbox

from .login_driver import Browser, change_client, create_user, query

API = "https://api.example"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    set_api(running_sandbox, skip=True)
    return Browser(running_sandbox)


def set_api(running: RunningSandbox, *, skip: bool) -> None:
    api = {"id": "api", "identifier": API, "scopes": [{"value": "read:x"}, {"value": "write:x"}]}
    running.sandbox.store.put(
        "resource_servers", "api", {**api, "skip_consent_for_verifiable_first_party_clients": skip}
    )


def state_of_consent(browser: Browser, **parameters: str) -> str:
    response = browser.log_in(prompt="login", **parameters)
    assert response.headers["location"].startswith("/u/consent?state="), response.headers["location"]
    return query(response)["state"]


def accept(browser: Browser, state: str, action: str = "accept") -> dict[str, str]:
    return query(browser.post(f"/u/consent?state={state}", {"action": action}))


def test_a_first_party_is_trusted_where_the_api_says_so(browser: Browser) -> None:
    assert "code" in query(browser.log_in(audience=API, scope="openid read:x"))


def test_a_first_party_asks_where_the_api_does_not(browser: Browser) -> None:
    set_api(browser.running, skip=False)
    asked = {"audience": API, "scope": "openid read:x"}
    assert "code" in accept(browser, state_of_consent(browser, **asked))
    assert "code" in query(browser.authorize(**asked))
    assert "code" in query(browser.authorize(prompt="none"))
    wider = query(browser.authorize(prompt="none", audience=API, scope="openid read:x write:x"))
    assert wider["error"] == "consent_required"


def test_a_third_party_always_asks_and_once(browser: Browser) -> None:
    change_client(browser, is_first_party=False)
    assert query(browser.authorize(prompt="none"))["error"] == "login_required"
    state = state_of_consent(browser)
    assert query(browser.authorize(prompt="none"))["error"] == "consent_required"
    assert "code" in accept(browser, state)
    assert "code" in query(browser.authorize(prompt="none"))
    # An application may ask again, whatever was agreed to.
    assert "/u/consent" in browser.authorize(prompt="consent").headers["location"]


def test_a_refusal_is_kept_from_redirecting_where_that_is_the_policy(browser: Browser) -> None:
    change_client(browser, is_first_party=False)
    assert accept(browser, state_of_consent(browser), "decline")["error"] == "access_denied"
    change_client(browser, redirection_policy="open_redirect_protection")
    state = state_of_consent(browser)
    refused = browser.post(f"/u/consent?state={state}", {"action": "decline"})
    assert refused.status_code == 403
    assert "location" not in refused.headers
