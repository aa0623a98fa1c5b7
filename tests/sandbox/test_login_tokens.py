"""The authorization code's exchange, the tokens it gives, and /userinfo."""

import base64
import json
import time
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from sandbox.login import codes
from sandbox.testing import RunningSandbox

from .login_driver import Browser, create_user, deploy, query, user_of

API = "https://api.example.com"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    sandbox = running_sandbox.sandbox
    create_user(sandbox, given_name="Ada", phone_number="+14155550123", email_verified=True)
    sandbox.store.put(
        "resource_servers",
        "api",
        {
            "id": "api",
            "identifier": API,
            "skip_consent_for_verifiable_first_party_clients": True,
            "token_lifetime": 3600,
            "token_lifetime_for_web": 600,
            "scopes": [{"value": "read:all"}, {"value": "write:all"}],
        },
    )
    return Browser(running_sandbox)


def claims_of(browser: Browser, token: str) -> dict[str, Any]:
    """The claims of a token whose signature the published keys vouch for."""
    keys = KeySet.import_key_set(browser.get("/.well-known/jwks.json").json())
    return jwt.decode(token, keys, algorithms=["RS256"]).claims


def userinfo(browser: Browser, token: str) -> requests.Response:
    return browser.http.get(f"{browser.url}/userinfo", headers={"Authorization": f"Bearer {token}"})


def code(browser: Browser, **parameters: str) -> str:
    return query(browser.log_in(prompt="login", **parameters))["code"]


def refused(response: requests.Response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["error"], body["error_description"]


def test_the_id_token_says_who_and_where(browser: Browser) -> None:
    claims = claims_of(browser, browser.tokens()["id_token"])
    user = user_of(browser.running.sandbox)
    assert claims["iss"] == f"{browser.url}/"
    assert claims["aud"] == browser.client["client_id"]
    assert claims["sub"] == user["user_id"]
    assert claims["nonce"] == "app-nonce"
    assert claims["exp"] - claims["iat"] == 36000
    assert abs(claims["iat"] - time.time()) < 10
    assert claims["email"] == user["email"]
    assert claims["email_verified"] is True
    assert claims["given_name"] == "Ada"
    assert {"name", "nickname", "picture", "updated_at"} <= set(claims)
    assert "auth_time" not in claims
    assert not {"phone_number", "app_metadata", "user_metadata", "identities"}.intersection(claims)


def test_the_response_is_not_to_be_stored(browser: Browser) -> None:
    response = browser.exchange(code(browser))
    assert response.headers["cache-control"] == "no-store"
    assert set(response.json()) == {"access_token", "id_token", "scope", "expires_in", "token_type"}


@pytest.mark.parametrize(
    ("scope", "present", "absent"),
    [
        ("openid", [], ["name", "email", "phone_number"]),
        ("openid email", ["email", "email_verified"], ["name"]),
        ("openid phone", ["phone_number", "phone_number_verified"], ["email", "phone_verified"]),
    ],
)
def test_scopes_choose_the_claims(
    browser: Browser, scope: str, present: list[str], absent: list[str]
) -> None:
    body = browser.tokens(scope=scope)
    for claims in (claims_of(browser, body["id_token"]), userinfo(browser, body["access_token"]).json()):
        assert set(present) <= set(claims)
        assert not set(absent).intersection(claims)


def test_without_openid_there_is_no_id_token(browser: Browser) -> None:
    assert "id_token" not in browser.tokens(scope="profile")


def test_max_age_brings_auth_time(browser: Browser) -> None:
    claims = claims_of(browser, browser.tokens(max_age="3600")["id_token"])
    assert abs(claims["auth_time"] - time.time()) < 10


def test_the_session_id_is_not_the_cookie(browser: Browser) -> None:
    first = claims_of(browser, browser.tokens()["id_token"])["sid"]
    assert first != browser.http.cookies.get("auth0")
    by_sso = query(browser.authorize())["code"]
    assert claims_of(browser, browser.exchange(by_sso).json()["id_token"])["sid"] == first


def test_the_access_token_without_an_api_is_opaque(browser: Browser) -> None:
    body = browser.tokens()
    header, *rest = body["access_token"].split(".")
    assert len(rest) == 4
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["iss"] == f"{browser.url}/"
    assert body["expires_in"] == 86400
    assert userinfo(browser, body["access_token"]).json()["email"] == "ada@example.com"


def test_the_access_token_for_an_api_is_a_jwt(browser: Browser) -> None:
    body = browser.tokens(audience=API, scope="openid read:all unknown:scope")
    claims = claims_of(browser, body["access_token"])
    assert claims["aud"] == [API, f"{browser.url}/userinfo"]
    assert claims["scope"] == body["scope"] == "openid read:all"
    assert claims["azp"] == browser.client["client_id"]
    assert body["expires_in"] == claims["exp"] - claims["iat"] == 3600
    assert userinfo(browser, body["access_token"]).status_code == 200


def test_an_api_without_openid_is_the_only_audience(browser: Browser) -> None:
    claims = claims_of(browser, browser.tokens(audience=API, scope="read:all")["access_token"])
    assert claims["aud"] == API


def test_an_api_of_rfc_9068_gets_its_type(browser: Browser) -> None:
    store = browser.running.sandbox.store
    store.put(
        "resource_servers",
        "api",
        (store.get("resource_servers", "api") or {}) | {"token_dialect": "rfc9068_profile"},
    )
    token = browser.tokens(audience=API, scope="openid")["access_token"]
    assert json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["typ"] == "at+jwt"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "a.b.c.d.e"])
def test_userinfo_wants_a_token_of_ours(browser: Browser, token: str) -> None:
    assert userinfo(browser, token).status_code == 401


def test_userinfo_takes_no_id_token_and_nothing_expired(browser: Browser) -> None:
    body = browser.tokens()
    assert userinfo(browser, body["id_token"]).status_code == 401
    browser.running.sandbox.clock.advance(86401)
    assert userinfo(browser, body["access_token"]).status_code == 401


def test_a_code_works_once_and_its_second_use_ends_what_it_gave(browser: Browser) -> None:
    given = code(browser, scope="openid offline_access")
    refresh_token = browser.exchange(given).json()["refresh_token"]
    assert refused(browser.exchange(given)) == (403, "invalid_grant", "Invalid authorization code")
    again = {"grant_type": "refresh_token", "refresh_token": refresh_token, **browser.client}
    assert refused(browser.token(again)) == (403, "invalid_grant", "Unknown or invalid refresh token.")


def test_a_code_lives_a_minute(browser: Browser) -> None:
    given = code(browser)
    assert 30 <= codes.LIFE_SECONDS <= 60
    browser.running.sandbox.clock.advance(codes.LIFE_SECONDS + 1)
    assert refused(browser.exchange(given))[1] == "invalid_grant"


@pytest.mark.parametrize("verifier", [None, "", "wrong", "x" * 43])
def test_pkce_needs_the_right_verifier(browser: Browser, verifier: str | None) -> None:
    response = browser.exchange(code(browser), code_verifier=verifier)
    assert refused(response) == (403, "invalid_grant", "Failed to verify code verifier")


def test_a_failed_try_uses_the_code_up(browser: Browser) -> None:
    given = code(browser)
    assert browser.exchange(given, code_verifier="wrong").status_code == 403
    assert browser.exchange(given).status_code == 403


def test_a_verifier_without_a_challenge_is_refused(browser: Browser) -> None:
    given = code(browser, code_challenge="", code_challenge_method="")
    assert refused(browser.exchange(given))[2] == "Failed to verify code verifier"


@pytest.mark.parametrize("uri", [None, "https://evil.example/"])
def test_the_callback_must_be_the_same(browser: Browser, uri: str | None) -> None:
    status, error, description = refused(browser.exchange(code(browser), redirect_uri=uri))
    assert (status, error) == (403, "unauthorized_client")
    assert description == f"The redirect URI is wrong. You sent {uri}, and we expected {browser.callback}"


def test_another_client_cannot_exchange_the_code(browser: Browser) -> None:
    store = browser.running.sandbox.store
    other = (store.get("clients", browser.client["client_id"]) or {}) | {
        "client_id": "other",
        "client_secret": "s3",
    }
    store.put("clients", "other", other)
    response = browser.exchange(code(browser), client_id="other", client_secret="s3")
    assert refused(response) == (403, "invalid_grant", "Invalid authorization code")


@pytest.mark.parametrize("secret", [None, "", "wrong"])
def test_the_client_must_prove_itself(browser: Browser, secret: str | None) -> None:
    response = browser.exchange(code(browser), client_secret=secret)
    assert refused(response) == (401, "access_denied", "Unauthorized")


def test_basic_authentication_and_json_bodies_are_taken(browser: Browser) -> None:
    secret = (browser.client["client_id"], browser.client["client_secret"])
    form = {
        "grant_type": "authorization_code",
        "redirect_uri": browser.callback,
        "code_verifier": browser.verifier,
    }
    with browser.running.session() as back:
        url = f"{browser.url}/oauth/token"
        assert back.post(url, data={**form, "code": code(browser)}, auth=secret).status_code == 200
        body = {**form, "code": code(browser), **browser.client}
        assert back.post(url, json=body).status_code == 200
        assert back.post(url, data={**form, "code": "x"}, auth=(secret[0], "wrong")).status_code == 401
        assert back.post(url, data=form, headers={"Authorization": "Basic !"}).status_code == 401


def test_a_public_client_needs_its_verifier_and_no_secret(browser: Browser) -> None:
    store = browser.running.sandbox.store
    client = store.get("clients", browser.client["client_id"]) or {}
    store.put("clients", client["client_id"], client | {"token_endpoint_auth_method": "none"})
    assert browser.exchange(code(browser), client_secret=None).status_code == 200
    assert browser.exchange(code(browser), client_secret=None, code_verifier="wrong").status_code == 403


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "invalid_request")),
        ({"grant_type": "magic"}, (403, "unsupported_grant_type")),
        ({"grant_type": "authorization_code"}, (401, "access_denied")),
    ],
)
def test_requests_that_make_no_sense(
    browser: Browser, body: dict[str, str], expected: tuple[int, str]
) -> None:
    assert refused(browser.token(body))[:2] == expected


def test_a_broken_json_body_is_refused(browser: Browser) -> None:
    with browser.running.session() as back:
        for body in (b"{", b"[]", b"1"):
            headers = {"Content-Type": "application/json"}
            assert back.post(f"{browser.url}/oauth/token", data=body, headers=headers).status_code == 400


def test_a_grant_the_client_may_not_use(browser: Browser) -> None:
    body = {"grant_type": "password", **browser.client}
    store = browser.running.sandbox.store
    client = store.get("clients", browser.client["client_id"]) or {}
    store.put("clients", client["client_id"], client | {"grant_types": ["authorization_code"]})
    expected = (403, "unauthorized_client", "Grant type 'password' not allowed for the client.")
    assert refused(browser.token(body)) == expected


def test_a_user_deleted_in_between_gets_nothing(browser: Browser) -> None:
    given = code(browser)
    browser.running.sandbox.store.delete("users", user_of(browser.running.sandbox)["user_id"])
    assert refused(browser.exchange(given))[1] == "invalid_grant"


CUSTOM = """
exports.onExecutePostLogin = async (event, api) => {
  for (const t of [api.idToken, api.accessToken]) {
    t.setCustomClaim('https://acme.example/ns', { deep: [1] });
    t.setCustomClaim('plain', 'yes');
    for (const name of ['sub', 'iss', 'aud', 'exp', 'sid', 'nonce', 'azp', 'roles', 'scope'])
      t.setCustomClaim(name, 'forged');
    t.setCustomClaim('https://tenant.auth0.com/ns', 'no');
    t.setCustomClaim('https://[broken', 'odd');
    t.setCustomClaim('urn:auth0:x', 'no');
  }
  api.idToken.setCustomClaim('nickname', 'countess');
};
"""


def test_custom_claims_are_added_and_restricted_ones_ignored(browser: Browser) -> None:
    deploy(browser.running.sandbox, CUSTOM)
    body = browser.tokens(audience=API, scope="openid profile read:all")
    for token in (body["id_token"], body["access_token"]):
        claims = claims_of(browser, token)
        assert claims["https://acme.example/ns"] == {"deep": [1]}
        assert claims["plain"] == "yes"
        assert "forged" not in claims.values()
        assert "no" not in claims.values()
    assert claims_of(browser, body["id_token"])["nickname"] == "countess"
    assert userinfo(browser, body["access_token"]).json()["plain"] == "yes"


def test_actions_may_add_and_remove_scopes(browser: Browser) -> None:
    deploy(
        browser.running.sandbox,
        "exports.onExecutePostLogin = async (e, api) => { api.accessToken.addScope('write:all'); "
        "api.accessToken.removeScope('email') }",
    )
    body = browser.tokens(audience=API, scope="openid email read:all")
    assert body["scope"] == "openid read:all write:all"
    assert "email" not in claims_of(browser, body["id_token"])


def test_the_management_api_gets_no_plain_custom_claims(browser: Browser) -> None:
    deploy(browser.running.sandbox, CUSTOM)
    body = browser.tokens(audience=f"{browser.url}/api/v2/", scope="openid")
    claims = claims_of(browser, body["access_token"])
    assert "plain" not in claims
    assert "https://acme.example/ns" in claims
