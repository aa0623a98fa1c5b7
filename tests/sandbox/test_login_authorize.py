"""/authorize: which requests are admitted, and where each refusal goes."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.testing import RunningSandbox

from .login_driver import NOTHING, Browser, change_client, create_user, deploy, last_log, query, text_of


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    return Browser(running_sandbox)


def test_a_new_browser_is_sent_to_the_login_page(browser: Browser) -> None:
    response = browser.authorize()
    assert response.status_code == 302
    assert re.fullmatch(r"/u/login\?state=[\w-]{43}", response.headers["location"])


def test_screen_hint_leads_to_the_sign_up_page(browser: Browser) -> None:
    response = browser.authorize(screen_hint="signup")
    assert response.headers["location"].startswith("/u/signup?state=")


def test_the_request_may_be_posted(browser: Browser) -> None:
    response = browser.post("/authorize", browser.parameters())
    assert response.headers["location"].startswith("/u/login?state=")


def test_login_hint_fills_in_the_page(browser: Browser) -> None:
    state = browser.begin(login_hint='ada"<b>@example.com')
    page = browser.get(f"/u/login?state={state}").text
    assert 'value="ada&#34;&lt;b&gt;@example.com"' in page


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/callback",
        "{callback}/",
        "{callback}?x=1",
        "{callback}#f",
        "{CALLBACK}",
        "{host}",
        "javascript:1",
    ],
)
def test_an_unlisted_callback_is_shown_and_never_redirected_to(browser: Browser, uri: str) -> None:
    callback = browser.callback
    wrong = uri.format(callback=callback, CALLBACK=callback.upper(), host=callback.removesuffix("/callback"))
    response = browser.authorize(redirect_uri=wrong)
    assert response.status_code == 403
    assert "location" not in response.headers
    assert "Callback URL mismatch." in text_of(response)


def test_without_a_callback_the_first_listed_one_counts(browser: Browser) -> None:
    response = browser.authorize(redirect_uri="", prompt="none")
    assert response.headers["location"].startswith(browser.callback + "?error=login_required")


@pytest.mark.parametrize("client_id", ["", "unknown", "../etc"])
def test_an_unknown_client_is_shown(browser: Browser, client_id: str) -> None:
    response = browser.authorize(client_id=client_id)
    assert response.status_code in (400, 403)
    assert "location" not in response.headers


def test_the_global_client_cannot_be_logged_in_to(browser: Browser) -> None:
    everything = browser.running.sandbox.store.get("seed", "global_client") or {}
    assert browser.authorize(client_id=everything["client_id"]).status_code == 403


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"response_type": "ticket"}, "unsupported_response_type", "Unsupported response type: ticket"),
        ({"response_type": "code code"}, "unsupported_response_type", "Unsupported response type: code code"),
        ({"response_type": ""}, "invalid_request", "Missing required parameter: response_type"),
        ({"prompt": "none login"}, "invalid_request", "Invalid prompt: none login"),
        ({"prompt": "never"}, "invalid_request", "Invalid prompt: never"),
        ({"max_age": "-1"}, "invalid_request", "max_age must be a number of seconds"),
        (
            {"code_challenge_method": "S512"},
            "invalid_request",
            "Parameter 'code_challenge_method' must be S256 or plain",
        ),
        ({"audience": "https://unknown"}, "access_denied", "Service not found: https://unknown"),
        ({"connection": "nowhere"}, "invalid_request", "the connection was not found"),
        ({"prompt": "none"}, "login_required", "Login required"),
    ],
)
def test_errors_reach_the_application_with_its_state(
    browser: Browser, changes: dict[str, str], error: str, description: str
) -> None:
    response = browser.authorize(**changes)
    assert response.status_code == 302
    assert response.headers["location"].startswith(browser.callback + "?")
    assert query(response) == {"error": error, "error_description": description, "state": "app-state"}
    assert last_log(browser.running.sandbox)["description"] == description


def test_a_parameter_given_twice_does_not_count(browser: Browser) -> None:
    client_id = browser.client["client_id"]
    assert browser.get(f"/authorize?client_id={client_id}&client_id={client_id}").status_code == 400


def test_public_clients_must_bring_a_challenge(browser: Browser) -> None:
    change_client(browser, token_endpoint_auth_method="none")
    answer = query(browser.authorize(code_challenge=""))
    assert answer["error_description"] == "Parameter 'code_challenge' is required for this client"


def test_a_client_without_a_connection_cannot_log_anybody_in(browser: Browser) -> None:
    store = browser.running.sandbox.store
    for connection in store.all("connections"):
        store.put("connections", connection["id"], connection | {"enabled_clients": []})
    assert query(browser.authorize())["error_description"] == "no connections enabled for the client"
    named = query(browser.authorize(connection="Username-Password-Authentication"))
    assert named["error_description"] == "the connection is not enabled"


@pytest.mark.parametrize("parameters", [{}, {"prompt": "none", "code_challenge_method": "S512"}])
def test_fragment_mode(browser: Browser, parameters: dict[str, str]) -> None:
    create_user(browser.running.sandbox)
    response = browser.log_in(response_mode="fragment") if not parameters else None
    response = response or browser.authorize(response_mode="fragment", **parameters)
    parts = urlsplit(response.headers["location"])
    assert parts.query == ""
    assert set(parse_qs(parts.fragment)) == (
        {"error", "error_description", "state"} if parameters else {"code", "state"}
    )


def test_form_post_mode_answers_with_a_form_that_works_without_javascript(browser: Browser) -> None:
    response = browser.authorize(response_mode="form_post", prompt="none", state='a"<b>')
    assert response.status_code == 200
    assert f'action="{browser.callback}"' in response.text
    assert 'name="state" value="a&#34;&lt;b&gt;"' in response.text
    assert 'name="error" value="login_required"' in response.text
    assert "<button" in response.text
    assert "form-action" not in response.headers["content-security-policy"]


def test_an_unknown_response_mode_is_shown(browser: Browser) -> None:
    assert browser.authorize(response_mode="jwt").status_code == 400


def test_a_callback_with_its_own_query_keeps_it(browser: Browser) -> None:
    change_client(browser, callbacks=[f"{browser.callback}?tenant=a"])
    answer = query(browser.authorize(redirect_uri=f"{browser.callback}?tenant=a", prompt="none"))
    assert answer["tenant"] == "a"
    assert answer["error"] == "login_required"


def test_head_neither_begins_nor_uses_anything_up(browser: Browser) -> None:
    deploy(browser.running.sandbox, NOTHING)
    before = browser.running.sandbox.store.count("transactions")
    for path in ("/authorize", "/continue", "/u/login"):
        assert browser.http.head(browser.url + path, params=browser.parameters()).status_code == 405
    assert browser.running.sandbox.store.count("transactions") == before


def test_discovery_says_what_is_there(browser: Browser) -> None:
    found = browser.get("/.well-known/openid-configuration").json()
    assert found["issuer"] == f"{browser.url}/"
    expected = {"authorization": 400, "userinfo": 401, "end_session": 200}
    answers = {name: browser.http.get(found[f"{name}_endpoint"]).status_code for name in expected}
    assert answers == expected
    assert browser.http.post(found["token_endpoint"]).status_code == 400
    assert found["code_challenge_methods_supported"] == ["S256", "plain"]
    keys = browser.http.get(found["jwks_uri"]).json()["keys"]
    assert [(key["kty"], key["alg"], key["use"]) for key in keys] == [("RSA", "RS256", "sig")]
    assert not {"d", "p", "q"}.intersection(keys[0])


def test_abandoned_transactions_are_forgotten_in_the_end(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    for number in range(99):
        sandbox.store.put(
            "transactions", str(number), {"key": str(number), "expires_at": sandbox.clock.now() - 3601}
        )
    browser.begin()
    assert sandbox.store.count("transactions") == 1
