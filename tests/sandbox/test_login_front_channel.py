"""Tokens by the browser: the implicit and hybrid flows, their hashes, their modes, and who may ask."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from sandbox.testing import RunningSandbox

from .login_driver import Browser, action, change_client, create_user, deploy, query, user_of

API = "https://api.example"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    sandbox = running_sandbox.sandbox
    create_user(sandbox)
    api = {
        "id": "api",
        "identifier": API,
        "skip_consent_for_verifiable_first_party_clients": True,
        "token_lifetime": 3600,
        "token_lifetime_for_web": 600,
        "scopes": [],
    }
    sandbox.store.put("resource_servers", "api", api)
    browser = Browser(running_sandbox)
    change_client(browser, grant_types=["authorization_code", "implicit"])
    return browser


def fragment(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 302, response.text
    return dict(parse_qsl(urlsplit(response.headers["location"]).fragment))


def claims(browser: Browser, token: str) -> dict[str, Any]:
    opened = browser.running.sandbox.keys.opened(token)
    assert opened is not None
    return opened


def half_hash(value: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()[:16]).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("response_type", "members"),
    [
        ("token", {"access_token", "token_type", "expires_in", "scope"}),
        ("id_token", {"id_token"}),
        ("token id_token", {"access_token", "token_type", "expires_in", "scope", "id_token"}),
        ("code token", {"code", "access_token", "token_type", "expires_in", "scope"}),
        ("code id_token", {"code", "id_token"}),
        ("code token id_token", {"code", "access_token", "token_type", "expires_in", "scope", "id_token"}),
    ],
)
def test_every_combination_gives_what_it_names(
    browser: Browser, response_type: str, members: set[str]
) -> None:
    answer = fragment(browser.log_in(response_type=response_type))
    assert set(answer) == members | {"state"}
    if "id_token" in members:
        told = claims(browser, answer["id_token"])
        assert told["nonce"] == "app-nonce"
        assert told["sub"] == user_of(browser.running.sandbox)["user_id"]
        assert told.get("at_hash") == (
            half_hash(answer["access_token"]) if "access_token" in answer else None
        )
        assert told.get("c_hash") == (half_hash(answer["code"]) if "code" in answer else None)
    if "code" in members:
        assert browser.exchange(answer["code"]).status_code == 200


def test_tokens_by_the_browser_live_as_long_as_the_api_says_for_the_web(browser: Browser) -> None:
    answer = fragment(browser.log_in(response_type="token", audience=API, scope="openid"))
    told = claims(browser, answer["access_token"])
    assert answer["expires_in"] == "600"
    assert told["exp"] - told["iat"] == 600
    assert "gty" not in told
    opaque = fragment(browser.authorize(response_type="token", prompt="none"))
    assert opaque["expires_in"] == "7200"


def test_an_application_without_the_implicit_grant_is_refused(browser: Browser) -> None:
    change_client(browser, grant_types=["authorization_code"])
    answer = fragment(browser.authorize(response_type="token"))
    assert answer["error"] == "unauthorized_client"
    assert answer["error_description"] == "Grant type 'implicit' not allowed for the client."


def test_an_application_without_the_code_s_grant_is_refused(browser: Browser) -> None:
    change_client(browser, grant_types=["implicit"])
    assert query(browser.authorize())["error"] == "unauthorized_client"
    assert fragment(browser.authorize(response_type="code token"))["error"] == "unauthorized_client"


def test_an_id_token_by_the_browser_needs_a_nonce(browser: Browser) -> None:
    answer = fragment(browser.authorize(response_type="id_token", nonce=""))
    assert answer["error_description"] == "Missing required parameter: nonce"


def test_tokens_never_travel_in_a_query(browser: Browser) -> None:
    answer = query(browser.authorize(response_type="token", response_mode="query"))
    assert answer["error"] == "invalid_request"
    assert "access_token" not in answer


def test_tokens_may_be_posted(browser: Browser) -> None:
    page = browser.log_in(response_type="id_token", response_mode="form_post").text
    assert 'name="id_token" value="ey' in page


def test_silent_errors_come_by_the_fragment_too(browser: Browser) -> None:
    assert fragment(browser.authorize(response_type="token", prompt="none"))["error"] == "login_required"


def test_actions_shape_these_tokens_and_see_the_protocol(browser: Browser) -> None:
    deploy(
        browser.running.sandbox,
        action("api.idToken.setCustomClaim('https://x.example/p', event.transaction.protocol)"),
    )
    answer = fragment(browser.log_in(response_type="id_token"))
    assert claims(browser, answer["id_token"])["https://x.example/p"] == "oidc-implicit-profile"
    answer = fragment(browser.authorize(response_type="code id_token", prompt="none"))
    assert claims(browser, answer["id_token"])["https://x.example/p"] == "oidc-hybrid-profile"


def test_a_plain_challenge_counts_as_such(browser: Browser) -> None:
    plain = {"code_challenge": browser.verifier, "code_challenge_method": "plain"}
    assert "access_token" in browser.tokens(**plain)
    code = query(browser.authorize(prompt="none", **plain))["code"]
    assert browser.exchange(code, code_verifier="another").status_code == 403
    unnamed = query(
        browser.authorize(prompt="none", code_challenge=browser.verifier, code_challenge_method="")
    )
    assert "access_token" in browser.exchange(unnamed["code"]).json()


class TestWebMessage:
    """response_mode=web_message: the page that hands the answer to the one around it."""

    def test_it_tells_only_the_callback_s_origin(self, browser: Browser) -> None:
        response = browser.authorize(response_mode="web_message", prompt="none")
        assert response.status_code == 200
        assert f'data-listener="{browser.running.addresses.app}"' in response.text
        assert "login_required" in response.text
        assert "X-Frame-Options" not in response.headers
        assert "frame-ancestors" not in response.headers["content-security-policy"]

    def test_an_origin_that_is_not_listed_hears_nothing(self, browser: Browser) -> None:
        change_client(browser, web_origins=["https://other.example"])
        response = browser.authorize(response_mode="web_message", prompt="none")
        assert response.status_code == 403
        assert "does not have a registered origin" in response.text

    def test_what_it_tells_cannot_leave_its_attribute(self, browser: Browser) -> None:
        hostile = "\"'><script>alert(1)</script>"
        page = browser.authorize(response_mode="web_message", prompt="none", state=hostile).text
        assert "<script>alert" not in page
