"""Single sign-on, the wish for a fresh login, and logging out."""

from typing import Any

import pytest
import requests

from sandbox.testing import RunningSandbox

from .login_driver import Browser, create_user, last_log, query, text_of, user_of


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    return Browser(running_sandbox)


def is_asked(response: requests.Response) -> bool:
    return response.headers["location"].startswith("/u/login")


def logout(browser: Browser, **parameters: str) -> requests.Response:
    return browser.get("/v2/logout", parameters)


def test_a_session_signs_on_without_asking(browser: Browser) -> None:
    browser.log_in()
    assert "code" in query(browser.authorize())
    assert last_log(browser.running.sandbox)["type"] == "s"


def test_prompt_none_signs_on_silently(browser: Browser) -> None:
    browser.log_in()
    assert "code" in query(browser.authorize(prompt="none"))
    assert last_log(browser.running.sandbox)["type"] == "ssa"


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_prompt_may_ask_for_the_password_again(browser: Browser, prompt: str) -> None:
    browser.log_in()
    assert is_asked(browser.authorize(prompt=prompt))


def test_max_age_asks_again_only_when_the_login_is_older(browser: Browser) -> None:
    browser.log_in()
    browser.running.sandbox.clock.advance(100)
    assert not is_asked(browser.authorize(max_age="200"))
    assert is_asked(browser.authorize(max_age="50"))
    assert query(browser.authorize(max_age="50", prompt="none"))["error"] == "login_required"


def test_another_browser_has_no_session(browser: Browser) -> None:
    browser.log_in()
    assert is_asked(Browser(browser.running).authorize())


@pytest.mark.parametrize("cookie", ["", "x", "a" * 43])
def test_a_made_up_session_cookie_is_worth_nothing(browser: Browser, cookie: str) -> None:
    browser.http.cookies.set("auth0", cookie)
    assert is_asked(browser.authorize())


def test_a_session_ends_when_idle_and_at_last_for_good(browser: Browser) -> None:
    clock = browser.running.sandbox.clock
    browser.log_in()
    for _ in range(3):  # each use starts the idle time again
        clock.advance(2 * 86400)
        assert not is_asked(browser.authorize())
    clock.advance(2 * 86400)
    assert is_asked(browser.authorize())


def test_an_idle_session_ends_after_three_days(browser: Browser) -> None:
    browser.log_in()
    browser.running.sandbox.clock.advance(72 * 3600 + 1)
    assert is_asked(browser.authorize())


def test_the_tenant_s_settings_shorten_sessions(browser: Browser) -> None:
    store = browser.running.sandbox.store
    store.put("settings", "tenant", (store.get("settings", "tenant") or {}) | {"idle_session_lifetime": 1})
    browser.log_in()
    browser.running.sandbox.clock.advance(3601)
    assert is_asked(browser.authorize())


def test_the_session_of_a_deleted_user_is_none(browser: Browser) -> None:
    browser.log_in()
    sandbox = browser.running.sandbox
    sandbox.store.delete("users", user_of(sandbox)["user_id"])
    assert is_asked(browser.authorize())


def test_a_session_counts_only_where_its_connection_is_enabled(browser: Browser) -> None:
    browser.log_in()
    store, client_id = browser.running.sandbox.store, browser.client["client_id"]
    [first] = store.all("connections")
    second = {**first, "id": "con_second", "name": "staff", "enabled_clients": [client_id]}
    store.put("connections", "con_second", second)
    assert not is_asked(browser.authorize())
    assert is_asked(browser.authorize(connection="staff"))
    store.put("connections", first["id"], first | {"enabled_clients": []})
    assert is_asked(browser.authorize())


def test_a_new_login_replaces_the_old_session(browser: Browser) -> None:
    browser.log_in()
    first = browser.http.cookies.get("auth0")
    browser.log_in(prompt="login")
    assert browser.http.cookies.get("auth0") != first
    assert browser.running.sandbox.store.count("sessions") == 1


def test_a_session_remembers_the_applications_it_was_used_by(browser: Browser) -> None:
    browser.log_in()
    browser.authorize()
    [session] = browser.running.sandbox.store.all("sessions")
    assert session["clients"] == [{"client_id": browser.client["client_id"]}]


def test_logging_out_ends_the_session(browser: Browser) -> None:
    browser.log_in()
    cookie = browser.http.cookies.get("auth0")
    response = logout(browser)
    assert (response.status_code, response.text) == (200, "OK")
    assert last_log(browser.running.sandbox)["type"] == "slo"
    assert browser.http.cookies.get("auth0") is None
    browser.http.cookies.set("auth0", cookie)
    assert is_asked(browser.authorize())


def test_logging_out_returns_to_a_listed_address(browser: Browser) -> None:
    browser.log_in()
    app = browser.running.addresses.app
    response = logout(browser, client_id=browser.client["client_id"], returnTo=app)
    assert response.headers["location"] == app


@pytest.mark.parametrize(
    "target", ["https://evil.example", "{app}.evil.example", "//evil.example", "{app}/other"]
)
def test_logging_out_returns_nowhere_else(browser: Browser, target: str) -> None:
    browser.log_in()
    target = target.format(app=browser.running.addresses.app)
    response = logout(browser, client_id=browser.client["client_id"], returnTo=target)
    assert response.status_code == 400
    assert "location" not in response.headers
    assert 'is not defined as a valid URL in "Allowed Logout URLs"' in text_of(response).replace("&#34;", '"')
    assert last_log(browser.running.sandbox)["type"] == "flo"
    assert not is_asked(browser.authorize())


def test_without_a_client_the_tenant_s_list_counts(browser: Browser) -> None:
    store = browser.running.sandbox.store
    settings = store.get("settings", "tenant") or {}
    store.put("settings", "tenant", settings | {"allowed_logout_urls": ["https://acme.example/bye"]})
    assert logout(browser, returnTo="https://acme.example/bye?a=1").status_code == 302
    assert logout(browser, returnTo=browser.running.addresses.app).status_code == 400
    assert logout(browser, client_id="unknown").status_code == 400


def oidc_logout(browser: Browser, **parameters: Any) -> requests.Response:
    return browser.get("/oidc/logout", parameters)


def test_oidc_logout_by_id_token(browser: Browser) -> None:
    token = browser.tokens()["id_token"]
    browser.running.sandbox.clock.advance(40_000)  # an expired hint still says which application it was
    app = browser.running.addresses.app
    response = oidc_logout(browser, id_token_hint=token, post_logout_redirect_uri=app, state="s")
    assert response.headers["location"] == f"{app}?state=s"
    assert is_asked(browser.authorize())


def test_oidc_logout_refuses_hints_and_addresses_that_are_not_ours(browser: Browser) -> None:
    app = browser.running.addresses.app
    forged = browser.tokens()["id_token"][:-4] + "AAAA"
    assert oidc_logout(browser, id_token_hint=forged, post_logout_redirect_uri=app).status_code == 400
    assert oidc_logout(browser, id_token_hint="x").status_code == 400
    client_id = browser.client["client_id"]
    evil = oidc_logout(browser, client_id=client_id, post_logout_redirect_uri="https://evil.example")
    assert evil.status_code == 400
    # Nothing shows whose idea it was: the person is asked.
    assert oidc_logout(browser, client_id=client_id, post_logout_redirect_uri=app).status_code == 200
