"""/oauth/par: what may be pushed, by whom, and what of it counts."""

import pytest
import requests

from sandbox.testing import RunningSandbox

from .login_driver import Browser, change_client, create_user, query


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    return Browser(running_sandbox)


def push(browser: Browser, **changes: str) -> requests.Response:
    body = {**browser.parameters(), "client_secret": browser.client["client_secret"], **changes}
    with browser.running.session() as http:
        return http.post(f"{browser.url}/oauth/par", data=body)


def open_pushed(browser: Browser, uri: str, **parameters: str) -> requests.Response:
    given = {"client_id": browser.client["client_id"], "request_uri": uri, **parameters}
    return browser.get("/authorize", given)


def test_a_request_is_kept_for_the_browser(browser: Browser) -> None:
    answer = push(browser)
    assert answer.status_code == 201
    body = answer.json()
    assert body["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert body["expires_in"] == 30
    state = query(open_pushed(browser, body["request_uri"]))["state"]
    done = query(browser.submit(state))
    assert done["state"] == "app-state"
    assert "access_token" in browser.exchange(done["code"]).json()


def test_what_was_pushed_counts_and_nothing_beside_it(browser: Browser) -> None:
    uri = push(browser, state="pushed").json()["request_uri"]
    evil = {"state": "evil", "redirect_uri": "https://evil.example", "scope": "openid phone"}
    state = query(open_pushed(browser, uri, **evil))["state"]
    answer = browser.submit(state)
    assert answer.headers["location"].startswith(browser.callback)
    assert query(answer)["state"] == "pushed"


def test_a_request_uri_works_once_and_for_half_a_minute(browser: Browser) -> None:
    uri = push(browser).json()["request_uri"]
    assert open_pushed(browser, uri).status_code == 302
    assert open_pushed(browser, uri).status_code == 400
    late = push(browser).json()["request_uri"]
    browser.running.sandbox.clock.advance(30)
    assert open_pushed(browser, late).status_code == 400


def test_an_application_s_own_lifetime_counts(browser: Browser) -> None:
    change_client(browser, par_request_expiry=300)
    assert push(browser).json()["expires_in"] == 300


def test_another_client_cannot_use_it(browser: Browser) -> None:
    uri = push(browser).json()["request_uri"]
    other = browser.running.sandbox.store.get("seed", "m2m_client") or {}
    assert open_pushed(browser, uri, client_id=other["client_id"]).status_code == 400


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "access_denied"),
        ({"redirect_uri": "https://evil.example"}, 400, "invalid_request"),
        ({"response_type": "ticket"}, 400, "unsupported_response_type"),
        ({"audience": "https://unknown"}, 400, "access_denied"),
        ({"request_uri": "urn:x"}, 400, "invalid_request"),
        ({"state": "x" * 11_000}, 413, "invalid_request"),
    ],
)
def test_what_is_wrong_is_told_at_once(
    browser: Browser, changes: dict[str, str], status: int, error: str
) -> None:
    answer = push(browser, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_public_clients_cannot_push(browser: Browser) -> None:
    change_client(browser, token_endpoint_auth_method="none")
    assert push(browser).json()["error"] == "unauthorized_client"


@pytest.mark.parametrize("uri", ["urn:x", "https://evil.example/request.jwt", "x" * 300])
def test_made_up_addresses_are_refused(browser: Browser, uri: str) -> None:
    assert open_pushed(browser, uri).status_code == 400
