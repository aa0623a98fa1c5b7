"""Grants without a browser: refresh tokens, passwords, client credentials."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox

from .login_driver import (
    EMAIL,
    NOTHING,
    PASSWORD,
    Browser,
    console,
    create_user,
    deploy,
    executions,
    query,
    redirecting,
    runs_of,
    user_of,
)

REALM = "http://auth0.com/oauth/grant-type/password-realm"
SHOW = "exports.onExecutePostLogin = async (event, api) => { console.log(JSON.stringify(event)) };"
DENY = "exports.onExecutePostLogin = async (event, api) => { api.access.deny('no') };"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    browser = Browser(running_sandbox)
    grants = ["authorization_code", "refresh_token", "password", REALM]
    change_client(browser, grant_types=grants)
    return browser


def change_client(browser: Browser, **changes: Any) -> None:
    store = browser.running.sandbox.store
    client = store.get("clients", browser.client["client_id"]) or {}
    store.put("clients", client["client_id"], client | changes)


def rotating(browser: Browser, **settings: Any) -> None:
    change_client(browser, refresh_token={"rotation_type": "rotating", "leeway": 0, **settings})


def first_token(browser: Browser) -> str:
    return str(browser.tokens(scope="openid profile email offline_access", prompt="login")["refresh_token"])


def refresh(browser: Browser, token: str, **changes: str) -> requests.Response:
    return browser.token({"grant_type": "refresh_token", "refresh_token": token, **browser.client, **changes})


def by_password(browser: Browser, **changes: str) -> requests.Response:
    given = {
        "grant_type": "password",
        "username": EMAIL,
        "password": PASSWORD,
        "realm": CONNECTION,
        "scope": "openid email",
        **browser.client,
    }
    return browser.token(given | changes)


def refused(response: requests.Response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["error"], body["error_description"]


UNKNOWN_TOKEN = (403, "invalid_grant", "Unknown or invalid refresh token.")


def last_event(browser: Browser) -> dict[str, Any]:
    entry = next(
        log for log in reversed(browser.running.sandbox.store.all("tenant_logs")) if "details" in log
    )
    event: dict[str, Any] = json.loads(runs_of(browser.running.sandbox, entry)[0]["console"][0]["text"])
    return event


def test_offline_access_brings_a_refresh_token(browser: Browser) -> None:
    assert "refresh_token" not in browser.tokens()
    assert first_token(browser)


def test_offline_access_needs_the_client_and_the_api_to_allow_it(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    api = {
        "id": "api",
        "identifier": "https://api",
        "skip_consent_for_verifiable_first_party_clients": True,
        "scopes": [],
    }
    sandbox.store.put("resource_servers", "api", api)
    body = browser.tokens(scope="openid offline_access", audience="https://api")
    assert "refresh_token" not in body
    sandbox.store.put("resource_servers", "api", api | {"allow_offline_access": True})
    assert "refresh_token" in browser.tokens(
        scope="openid offline_access", audience="https://api", prompt="login"
    )
    change_client(browser, grant_types=["authorization_code"])
    assert "refresh_token" not in browser.tokens(scope="openid offline_access", prompt="login")


def test_a_token_that_does_not_rotate_works_again_and_again(browser: Browser) -> None:
    token = first_token(browser)
    for _ in range(2):
        body = refresh(browser, token).json()
        assert "refresh_token" not in body
        assert {"access_token", "id_token", "scope", "expires_in", "token_type"} == set(body)


def test_a_rotating_token_brings_its_successor(browser: Browser) -> None:
    rotating(browser)
    token = first_token(browser)
    for _ in range(3):
        successor = refresh(browser, token).json()["refresh_token"]
        assert successor != token
        token = successor


def test_reuse_of_a_rotated_token_ends_the_whole_family(browser: Browser) -> None:
    rotating(browser)
    first = first_token(browser)
    other_family = first_token(browser)
    second = refresh(browser, first).json()["refresh_token"]
    assert refused(refresh(browser, first)) == UNKNOWN_TOKEN
    assert refused(refresh(browser, second)) == UNKNOWN_TOKEN
    assert refresh(browser, other_family).status_code == 200


def test_of_two_simultaneous_refreshes_one_is_a_reuse(browser: Browser) -> None:
    rotating(browser)
    token = first_token(browser)
    deploy(
        browser.running.sandbox,
        SHOW.replace("console", "await new Promise((r) => setTimeout(r, 50)); console"),
    )
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: refresh(browser, token), range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 403]
    [won] = [answer.json() for answer in answers if answer.status_code == 200]
    assert refused(refresh(browser, won["refresh_token"])) == UNKNOWN_TOKEN


def test_within_the_leeway_a_repeated_request_is_no_theft(browser: Browser) -> None:
    rotating(browser, leeway=60)
    first = first_token(browser)
    refresh(browser, first)
    browser.running.sandbox.clock.advance(30)
    assert refresh(browser, first).status_code == 200
    browser.running.sandbox.clock.advance(61)
    assert refused(refresh(browser, first)) == UNKNOWN_TOKEN


def test_refresh_tokens_expire_as_configured(browser: Browser) -> None:
    settings = {"rotation_type": "non-rotating", "expiration_type": "expiring", "token_lifetime": 1000}
    change_client(browser, refresh_token={**settings, "infinite_idle_token_lifetime": True})
    token = first_token(browser)
    browser.running.sandbox.clock.advance(999)
    assert refresh(browser, token).status_code == 200
    browser.running.sandbox.clock.advance(2)
    assert refused(refresh(browser, token)) == UNKNOWN_TOKEN


def test_an_idle_refresh_token_expires_and_a_used_one_lives_on(browser: Browser) -> None:
    settings = {"expiration_type": "expiring", "token_lifetime": 10_000, "idle_token_lifetime": 100}
    change_client(browser, refresh_token={"rotation_type": "non-rotating", **settings})
    token = first_token(browser)
    for _ in range(3):
        browser.running.sandbox.clock.advance(90)
        assert refresh(browser, token).status_code == 200
    browser.running.sandbox.clock.advance(101)
    assert refused(refresh(browser, token)) == UNKNOWN_TOKEN


def test_a_refresh_token_belongs_to_its_client(browser: Browser) -> None:
    token = first_token(browser)
    store = browser.running.sandbox.store
    other = (store.get("clients", browser.client["client_id"]) or {}) | {
        "client_id": "other",
        "client_secret": "s3",
    }
    store.put("clients", "other", other)
    assert refused(refresh(browser, token, client_id="other", client_secret="s3")) == UNKNOWN_TOKEN
    assert refused(refresh(browser, "")) == UNKNOWN_TOKEN
    assert refused(refresh(browser, token + "x")) == UNKNOWN_TOKEN


def test_scopes_may_be_narrowed_and_not_widened(browser: Browser) -> None:
    token = first_token(browser)
    assert refresh(browser, token, scope="openid email read:all").json()["scope"] == "openid email"


def test_refresh_tokens_are_not_stored_as_they_are(browser: Browser) -> None:
    assert first_token(browser) not in str(browser.running.sandbox.store.dump())


def test_actions_run_on_a_refresh_and_see_what_it_is(browser: Browser) -> None:
    token = first_token(browser)
    deploy(browser.running.sandbox, SHOW)
    refresh(browser, token, custom="x")
    event = last_event(browser)
    assert event["transaction"]["protocol"] == "oauth2-refresh-token"
    assert event["refresh_token"]["user_id"] == event["user"]["user_id"]
    assert event["session"]["id"] == event["refresh_token"]["session_id"]
    assert event["authentication"]["methods"][0]["name"] == "pwd"
    assert event["request"]["body"]["custom"] == "x"
    assert token not in json.dumps(event)
    assert browser.client["client_secret"] not in json.dumps(event)


def test_a_denied_refresh_gives_nothing_and_uses_nothing_up(browser: Browser) -> None:
    rotating(browser)
    token = first_token(browser)
    deploy(browser.running.sandbox, DENY)
    assert refused(refresh(browser, token)) == (403, "access_denied", "no")
    deploy(browser.running.sandbox, NOTHING)
    assert refresh(browser, token).status_code == 200


def test_an_action_may_revoke_the_refresh_token(browser: Browser) -> None:
    token = first_token(browser)
    deploy(browser.running.sandbox, DENY.replace("access.deny", "refreshToken.revoke"))
    assert refused(refresh(browser, token)) == (403, "access_denied", "no")
    deploy(browser.running.sandbox, NOTHING)
    assert refused(refresh(browser, token)) == UNKNOWN_TOKEN


def test_revoking_needs_a_refresh_token(browser: Browser) -> None:
    deploy(browser.running.sandbox, DENY.replace("access.deny", "refreshToken.revoke"))
    answer = query(browser.log_in())
    assert answer["error_description"] == "api.refreshToken.revoke() needs a refresh token exchange."


def test_refresh_token_metadata_is_kept_through_rotation(browser: Browser) -> None:
    rotating(browser)
    sandbox = browser.running.sandbox
    deploy(sandbox, SHOW.replace("console", "api.refreshToken.setMetadata('device', 'phone'); console"))
    token = first_token(browser)
    deploy(sandbox, SHOW)
    for _ in range(2):
        token = refresh(browser, token).json()["refresh_token"]
        assert last_event(browser)["refresh_token"]["metadata"] == {"device": "phone"}


@pytest.mark.parametrize("kind", ["refresh", "password"])
def test_no_redirect_is_possible_without_a_browser(browser: Browser, kind: str) -> None:
    token = first_token(browser)
    sandbox = browser.running.sandbox
    can = "exports.onExecutePostLogin = async (event, api) => { console.log(api.redirect.canRedirect()) };"
    deploy(sandbox, can)

    def call() -> requests.Response:
        return refresh(browser, token) if kind == "refresh" else by_password(browser)

    assert call().status_code == 200
    entry = next(log for log in reversed(sandbox.store.all("tenant_logs")) if "details" in log)
    assert runs_of(sandbox, entry)[0]["console"][0]["text"] == "false"
    deploy(sandbox, redirecting())
    status, error, description = refused(call())
    assert (status, error) == (403, "access_denied")
    assert description.startswith("A redirect was asked for, which oauth2-")


@pytest.mark.parametrize("grant", ["password", REALM])
def test_the_password_grant(browser: Browser, grant: str) -> None:
    deploy(browser.running.sandbox, SHOW)
    body = by_password(browser, grant_type=grant).json()
    assert {"access_token", "id_token"} <= set(body)
    event = last_event(browser)
    assert event["transaction"]["protocol"] == "oauth2-password"
    assert "session" not in event
    assert event["request"]["method"] == "POST"
    assert "password" not in event["request"]["body"]
    assert PASSWORD not in json.dumps(event)
    assert event["stats"]["logins_count"] == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"password": "wrong"}, (403, "invalid_grant", "Wrong email or password.")),
        ({"username": "nobody@example.com"}, (403, "invalid_grant", "Wrong email or password.")),
        ({"grant_type": REALM, "realm": "nowhere"}, (400, "invalid_request", "the connection was not found")),
        ({"audience": "https://unknown"}, (403, "access_denied", "Service not found: https://unknown")),
    ],
)
def test_the_password_grant_refuses(
    browser: Browser, changes: dict[str, str], expected: tuple[int, str, str]
) -> None:
    assert refused(by_password(browser, **changes)) == expected


def test_a_blocked_user_s_password_opens_nothing(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    sandbox.store.put("users", user_of(sandbox)["user_id"], user_of(sandbox) | {"blocked": True})
    assert refused(by_password(browser)) == (401, "unauthorized", "user is blocked")


def test_a_denied_password_grant_gives_nothing(browser: Browser) -> None:
    deploy(browser.running.sandbox, DENY)
    assert refused(by_password(browser)) == (403, "access_denied", "no")


def test_an_action_s_error_in_a_grant(browser: Browser) -> None:
    deploy(browser.running.sandbox, DENY.replace("api.access.deny('no')", "throw new Error('boom')"))
    assert refused(by_password(browser)) == (403, "access_denied", "boom")


def test_the_log_tells_the_grants_apart(browser: Browser) -> None:
    refresh(browser, first_token(browser))
    refresh(browser, "wrong")
    by_password(browser)
    by_password(browser, password="wrong")
    browser.exchange("wrong")
    machine(browser)
    machine(browser, audience="https://unknown")
    kinds = [entry["type"] for entry in browser.running.sandbox.store.all("tenant_logs")]
    assert kinds == ["s", "seacft", "sertft", "fertft", "sepft", "fepft", "feacft", "seccft", "feccft"]


def machine(browser: Browser, **changes: str) -> requests.Response:
    client = browser.running.sandbox.store.get("seed", "m2m_client") or {}
    given = {"grant_type": "client_credentials", "audience": f"{browser.url}/api/v2/", **client, **changes}
    return browser.token(given)


def test_client_credentials_open_the_management_api(browser: Browser) -> None:
    body = machine(browser).json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 86400
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert browser.http.get(f"{browser.url}/api/v2/clients", headers=headers).status_code == 200


@pytest.mark.parametrize("way", ["basic", "form", "json"])
def test_client_credentials_come_in_three_ways(browser: Browser, way: str) -> None:
    client = browser.running.sandbox.store.get("seed", "m2m_client") or {}
    given: dict[str, Any] = {"grant_type": "client_credentials", "audience": f"{browser.url}/api/v2/"}
    secret = (client["client_id"], client["client_secret"])
    ways: dict[str, dict[str, Any]] = {
        "basic": {"data": given, "auth": secret},
        "form": {"data": {**given, **client}},
        "json": {"json": {**given, **client}},
    }
    with browser.running.session() as back:
        assert back.post(f"{browser.url}/oauth/token", **ways[way]).status_code == 200


def test_client_credentials_may_ask_for_fewer_scopes(browser: Browser) -> None:
    assert machine(browser, scope="read:clients made:up").json()["scope"] == "read:clients"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_secret": "wrong"}, (401, "access_denied", "Unauthorized")),
        ({"client_id": "unknown"}, (401, "access_denied", "Unauthorized")),
        ({"audience": ""}, (403, "access_denied", "Non-global clients are not allowed access to APIv1")),
        ({"audience": "https://x"}, (403, "access_denied", "Service not enabled within domain: https://x")),
    ],
)
def test_client_credentials_refuse(
    browser: Browser, changes: dict[str, str], expected: tuple[int, str, str]
) -> None:
    assert refused(machine(browser, **changes)) == expected


def test_an_api_without_a_grant_is_closed(browser: Browser) -> None:
    store = browser.running.sandbox.store
    store.put("resource_servers", "api", {"id": "api", "identifier": "https://api", "scopes": []})
    status, error, description = refused(machine(browser, audience="https://api"))
    assert (status, error) == (403, "access_denied")
    assert description.startswith(
        'Client is not authorized to access "https://api". You need to create a "client-grant"'
    )
    client = store.get("seed", "m2m_client") or {}
    store.put(
        "client_grants",
        "g",
        {"id": "g", "client_id": client["client_id"], "audience": "https://api", "scope": []},
    )
    assert "scope" not in machine(browser, audience="https://api").json()


def test_executions_of_a_plain_exchange_are_none(browser: Browser) -> None:
    deploy(browser.running.sandbox, SHOW)
    browser.log_in()
    assert len(console(browser.running.sandbox)) == 1
    machine(browser)
    assert executions(browser.running.sandbox) == []
