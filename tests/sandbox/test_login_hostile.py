"""Requests no client should send, and what changes under a sign-in's feet: refused, never a 500."""

import base64
import json

import pytest

from sandbox.login import responses, signing
from sandbox.login.browser import SESSION
from sandbox.management.organizations.links import CONNECTIONS, MEMBERS
from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox

from .login_driver import (
    Browser,
    change_client,
    create_user,
    deploy,
    last_log,
    leave,
    query,
    redirecting,
    runs_of,
    shown,
    user_of,
)

API = "https://api.example"
NINES = "9" * 5000
OFFLINE = {"scope": "openid offline_access"}


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    return Browser(running_sandbox)


def add_api(browser: Browser, **values: object) -> None:
    api = {"id": "api", "identifier": API, "scopes": [], "allow_offline_access": True}
    skip = {"skip_consent_for_verifiable_first_party_clients": True}
    browser.running.sandbox.store.put("resource_servers", "api", api | skip | values)


def block(browser: Browser) -> None:
    store = browser.running.sandbox.store
    user = user_of(browser.running.sandbox)
    store.put("users", user["user_id"], user | {"blocked": True})


def refresh(browser: Browser, token: str) -> tuple[int, dict[str, str]]:
    names = ("client_id", "client_secret")
    secret = {name: browser.client[name] for name in names}
    answer = browser.token({"grant_type": "refresh_token", "refresh_token": token, **secret})
    return answer.status_code, answer.json()


def forged(header: object) -> str:
    parts = (json.dumps(part).encode() for part in (header, {}, {}))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def test_a_session_lets_no_blocked_person_in(browser: Browser) -> None:
    browser.tokens()
    block(browser)
    before = user_of(browser.running.sandbox)["logins_count"]
    for parameters in ({}, {"prompt": "none"}):
        answer = query(browser.authorize(**parameters))
        assert (answer["error"], answer["error_description"]) == ("unauthorized", "user is blocked")
    assert user_of(browser.running.sandbox)["logins_count"] == before


def test_somebody_blocked_at_the_form_does_not_come_in(browser: Browser) -> None:
    deploy(browser.running.sandbox, redirecting(resumed="console.log('resumed')"))
    state = leave(browser)
    block(browser)
    assert query(browser.resume(state))["error_description"] == "user is blocked"


def test_tokens_of_a_blocked_person_give_nothing_more(browser: Browser) -> None:
    tokens = browser.tokens(**OFFLINE)
    block(browser)
    status, body = refresh(browser, tokens["refresh_token"])
    assert (status, body["error"], body["error_description"]) == (401, "unauthorized", "user is blocked")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert browser.http.get(f"{browser.url}/userinfo", headers=bearer).status_code == 401


@pytest.mark.parametrize("skips", [True, False])
def test_an_api_that_goes_while_people_are_at_the_form(browser: Browser, skips: bool) -> None:
    add_api(browser, skip_consent_for_verifiable_first_party_clients=skips)
    change_client(browser, grant_types=["implicit"])
    deploy(browser.running.sandbox, redirecting())
    state = leave(browser, audience=API, response_type="token", response_mode="form_post")
    browser.running.sandbox.store.delete("resource_servers", "api")
    response = browser.resume(state)
    assert (response.status_code, "access_denied" in response.text) == (200, True)


def test_an_api_that_goes_before_the_password(browser: Browser) -> None:
    add_api(browser)
    state = browser.begin(audience=API)
    browser.running.sandbox.store.delete("resource_servers", "api")
    assert query(browser.submit(state))["error"] == "access_denied"


@pytest.mark.parametrize("given", [NINES, "²", "1e3"])
def test_a_max_age_that_is_no_number_of_seconds(browser: Browser, given: str) -> None:
    assert query(browser.authorize(max_age=given))["error"] == "invalid_request"


@pytest.mark.parametrize("value", [b"Basic \xe9", b"Basic !", b"Basic 4Q=="])
def test_a_basic_header_that_cannot_be_read(browser: Browser, value: bytes) -> None:
    answer = browser.token({"grant_type": "client_credentials"}, headers={"Authorization": value})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("crit", [1, [1], [[]]])
def test_a_token_whose_header_is_not_to_be_read(browser: Browser, crit: object) -> None:
    token = forged({"alg": "RS256", "crit": crit})
    info = browser.http.get(f"{browser.url}/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert info.status_code == 401
    assert info.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert browser.get("/oidc/logout", {"id_token_hint": token}).status_code == 400


@pytest.mark.parametrize("since", ["²", "9" * 30, NINES])
def test_a_sequence_that_is_no_number(browser: Browser, since: str) -> None:
    assert browser.get("/_sandbox/logs", {"since": since}).status_code == 400


def test_a_dashboard_page_beyond_every_number(browser: Browser) -> None:
    assert browser.get("/_sandbox/dashboard/users", {"page": NINES}).status_code == 200


def test_a_tab_that_returns_late_leaves_the_newer_session_alone(browser: Browser) -> None:
    deploy(browser.running.sandbox, redirecting())
    state = leave(browser)
    deploy(browser.running.sandbox)
    browser.log_in(prompt="login")
    assert SESSION not in browser.resume(state).headers.get("set-cookie", "")
    assert "code" in query(browser.authorize(prompt="none"))


@pytest.mark.parametrize("name", ["client_secret", "code", "grant_type"])
def test_the_token_endpoint_reads_no_query(browser: Browser, name: str) -> None:
    given = {
        **{one: browser.client[one] for one in ("client_id", "client_secret")},
        "grant_type": "authorization_code",
        "code": query(browser.log_in())["code"],
        "redirect_uri": browser.callback,
        "code_verifier": browser.verifier,
    }
    taken = given.pop(name)
    assert browser.token(given, params={name: taken}).status_code in (400, 401, 403)


@pytest.mark.parametrize("name", ["organization", "max_age", "prompt", "scope", "audience"])
def test_a_parameter_comes_once(browser: Browser, name: str) -> None:
    pairs = [*browser.parameters().items(), (name, "1"), (name, "1")]
    answer = browser.http.get(f"{browser.url}/authorize", params=pairs, allow_redirects=False)
    assert query(answer)["error_description"] == f"Parameter '{name}' is given more than once"


def test_a_callback_comes_once(browser: Browser) -> None:
    pairs = [*browser.parameters().items(), ("redirect_uri", browser.callback)]
    answer = browser.http.get(f"{browser.url}/authorize", params=pairs, allow_redirects=False)
    assert (answer.status_code, "more than once" in answer.text) == (400, True)


def test_only_a_client_that_tried_basic_is_told_of_it(browser: Browser) -> None:
    given = {"grant_type": "client_credentials"}
    client_id = browser.client["client_id"]
    wrong = browser.token({**given, "client_id": client_id, "client_secret": "wrong"})
    assert (wrong.status_code, wrong.headers.get("WWW-Authenticate")) == (401, None)
    tried = browser.token(given, auth=(client_id, "wrong"))
    assert (tried.status_code, tried.headers["WWW-Authenticate"][:6]) == (401, "Basic ")


def test_what_actions_did_stands_in_the_grant_s_own_entry(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    change_client(browser, refresh_token={"rotation_type": "rotating", "expiration_type": "expiring"})
    token = browser.tokens(**OFFLINE)["refresh_token"]
    deploy(sandbox, "exports.onExecutePostLogin = async () => { console.log('here') };")
    before = len(sandbox.store.all("tenant_logs"))
    assert refresh(browser, token)[0] == 200
    assert [entry["type"] for entry in sandbox.store.all("tenant_logs")[before:]] == ["sertft"]
    assert runs_of(sandbox, last_log(sandbox))[0]["console"][0]["text"] == "here"
    assert last_log(sandbox)["user_id"] == user_of(sandbox)["user_id"]
    assert refresh(browser, token)[0] == 403
    assert last_log(sandbox)["type"] == "ferrt"


def test_all_log_entries_have_ids_of_one_kind(browser: Browser) -> None:
    browser.log_in()
    assert len(last_log(browser.running.sandbox)["log_id"]) == 50


def test_a_member_s_roles_count_in_the_organization(browser: Browser) -> None:
    sandbox, user = browser.running.sandbox, user_of(browser.running.sandbox)
    scopes = [{"value": "read:it"}]
    add_api(browser, enforce_policies=True, token_dialect="access_token_authz", scopes=scopes)
    permission = {"permission_name": "read:it", "resource_server_identifier": API}
    sandbox.store.put("roles", "rol_1", {"id": "rol_1", "name": "Reader", "_permissions": [permission]})
    sandbox.store.put("organizations", "org_1", {"id": "org_1", "name": "acme"})
    connection = sandbox.store.where("connections", "name", CONNECTION)[0]
    CONNECTIONS.put(sandbox.store, "org_1", connection["id"], {"is_enabled": True})
    MEMBERS.put(sandbox.store, "org_1", user["user_id"], {"roles": ["rol_1"]})
    change_client(browser, organization_usage="allow")
    show = "console.log(JSON.stringify(event.authorization))"
    deploy(sandbox, f"exports.onExecutePostLogin = async (event) => {{ {show} }};")
    token = browser.tokens(organization="org_1", audience=API)["access_token"]
    assert (sandbox.keys.opened(token) or {})["permissions"] == ["read:it"]
    browser.authorize(organization="org_1")
    assert shown(browser) == {"roles": ["Reader"]}
    token = browser.exchange(query(browser.authorize(audience=API))["code"]).json()["access_token"]
    assert (sandbox.keys.opened(token) or {})["permissions"] == []


@pytest.mark.parametrize("encoded", [True, False])
def test_a_hint_signed_with_a_shared_secret(browser: Browser, encoded: bool) -> None:
    change_client(browser, jwt_configuration={"alg": "HS256", "secret_encoded": encoded})
    sandbox, client_id = browser.running.sandbox, browser.client["client_id"]
    client = sandbox.store.get("clients", client_id) or {}
    own = signing.id_token(sandbox, client, {"aud": client_id, "sid": "s"})
    assert signing.opened_id_token(sandbox, own) == {"aud": client_id, "sid": "s"}
    foreign = signing.id_token(sandbox, client, {"aud": "another", "sid": "s"})
    assert signing.opened_id_token(sandbox, foreign) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("com.app:///callback", "com.app:///callback?state=s"),
        ("https://a.example/x?flag&b=%7e&c=a+b", "https://a.example/x?flag&b=%7e&c=a+b&state=s"),
        ("https://a.example/?st%61te=forged&a=1#top?x", "https://a.example/?a=1&state=s#top?x"),
        ("https://a.example", "https://a.example?state=s"),
    ],
)
def test_an_address_keeps_its_letters(url: str, expected: str) -> None:
    assert responses.with_query(url, {"state": "s"}) == expected


def test_a_new_password_given_twice_is_too_weak(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    ticket = {"user_id": user_of(sandbox)["user_id"], "expires_at": sandbox.clock.now() + 60}
    sandbox.store.put("password_tickets", "t", ticket)
    pairs = [("password", "Correct-Horse-1"), ("password", "Correct-Horse-2")]
    answer = browser.http.post(f"{browser.url}/u/reset-password?ticket=t", data=pairs)
    assert answer.status_code == 400


def test_what_nobody_came_for_is_forgotten(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    browser.log_in()
    browser.begin(prompt="login")
    sandbox.clock.advance(2 * 3600 + 1)
    state = browser.begin(prompt="login")
    assert [doc["key"] for doc in sandbox.store.all("transactions")] == [state]
    assert sandbox.store.all("codes") == []
