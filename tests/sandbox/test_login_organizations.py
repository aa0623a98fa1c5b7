"""Organizations at login: who may enter which, and what tokens say."""

from typing import Any

import pytest

from sandbox.management.organizations.links import CONNECTIONS, GRANTS, MEMBERS
from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox

from .login_driver import Browser, change_client, create_user, query

ORG = "org_0123456789abcdef"
API = "https://api.example"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    sandbox = running_sandbox.sandbox
    user = create_user(sandbox)
    sandbox.store.put("organizations", ORG, {"id": ORG, "name": "acme", "display_name": "Acme"})
    enable(running_sandbox)
    MEMBERS.put(sandbox.store, ORG, user["user_id"], {})
    browser = Browser(running_sandbox)
    change_client(browser, organization_usage="allow")
    return browser


def enable(running: RunningSandbox, **values: Any) -> None:
    store = running.sandbox.store
    connection = store.where("connections", "name", CONNECTION)[0]
    CONNECTIONS.put(store, ORG, connection["id"], {"is_enabled": True, **values})


def settings(browser: Browser, **changes: Any) -> None:
    store = browser.running.sandbox.store
    store.put("settings", "tenant", (store.get("settings", "tenant") or {}) | changes)


def claims(browser: Browser, token: str) -> dict[str, Any]:
    return browser.running.sandbox.keys.opened(token) or {}


def test_tokens_name_the_organization(browser: Browser) -> None:
    browser.running.sandbox.store.put(
        "resource_servers",
        "api",
        {
            "id": "api",
            "identifier": API,
            "skip_consent_for_verifiable_first_party_clients": True,
            "scopes": [],
        },
    )
    body = browser.tokens(organization=ORG, audience=API)
    for token in (body["id_token"], body["access_token"]):
        assert claims(browser, token)["org_id"] == ORG
        assert "org_name" not in claims(browser, token)
    code = query(browser.authorize(prompt="none"))["code"]
    assert "org_id" not in claims(browser, browser.exchange(code).json()["id_token"])


def test_a_refreshed_token_names_it_too(browser: Browser) -> None:
    change_client(browser, grant_types=["authorization_code", "refresh_token"])
    body = browser.tokens(organization=ORG, scope="openid offline_access")
    again = browser.token(
        {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], **browser.client}
    ).json()
    assert claims(browser, again["id_token"])["org_id"] == ORG


def test_names_count_where_the_tenant_takes_them(browser: Browser) -> None:
    refused = query(browser.authorize(organization="acme"))
    assert refused["error_description"] == (
        "authorization request parameter organization must be an organization id"
    )
    settings(browser, allow_organization_name_in_authentication_api=True)
    told = claims(browser, browser.tokens(organization="acme")["id_token"])
    assert (told["org_id"], told["org_name"]) == (ORG, "acme")


@pytest.mark.parametrize(
    ("usage", "parameters", "description"),
    [
        ("deny", {"organization": ORG}, "parameter organization is not allowed for this client"),
        (None, {"organization": ORG}, "parameter organization is not allowed for this client"),
        ("require", {}, "parameter organization is required for this client"),
        ("allow", {"organization": "org_unknown"}, "parameter organization is invalid: org_unknown"),
    ],
)
def test_the_application_says_whether_there_is_one(
    browser: Browser, usage: str | None, parameters: dict[str, str], description: str
) -> None:
    change_client(browser, organization_usage=usage)
    answer = query(browser.authorize(**parameters))
    assert (answer["error"], answer["error_description"]) == ("invalid_request", description)


def test_a_stranger_is_denied_and_has_a_session_all_the_same(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    stranger = create_user(sandbox, "eve@example.com")
    answer = query(browser.log_in("eve@example.com", organization=ORG))
    assert answer["error"] == "access_denied"
    assert answer["error_description"] == f"user {stranger['user_id']} is not part of the {ORG} organization"
    assert "code" in query(browser.authorize(prompt="none"))
    assert query(browser.authorize(prompt="none", organization=ORG))["error"] == "access_denied"


def test_a_connection_may_make_members(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    enable(browser.running, assign_membership_on_login=True)
    stranger = create_user(sandbox, "eve@example.com")
    assert "code" in query(browser.log_in("eve@example.com", organization=ORG))
    assert MEMBERS.get(sandbox.store, ORG, stranger["user_id"]) is not None


def test_only_the_organization_s_connections_count(browser: Browser) -> None:
    enable(browser.running, is_enabled=False)
    answer = query(browser.authorize(organization=ORG))
    assert answer["error_description"] == "the connection is not enabled for the organization"


def test_a_person_may_be_asked_for_the_organization_first(browser: Browser) -> None:
    change_client(browser, organization_usage="require", organization_require_behavior="pre_login_prompt")
    asked = browser.authorize()
    assert asked.headers["location"].startswith("/u/organization?state=")
    state = query(asked)["state"]
    wrong = browser.post(f"/u/organization?state={state}", {"organization": "nobody"})
    assert wrong.status_code == 400
    right = browser.post(f"/u/organization?state={state}", {"organization": " ACME "})
    code = query(browser.submit(query(right)["state"]))["code"]
    assert claims(browser, browser.exchange(code).json()["id_token"])["org_id"] == ORG


def test_a_callback_may_hold_the_organization_s_name(browser: Browser) -> None:
    change_client(browser, callbacks=[browser.callback, "https://{organization_name}.example.com/cb"])
    good = "https://acme.example.com/cb"
    assert browser.authorize(organization=ORG, redirect_uri=good).status_code == 302
    assert browser.authorize(redirect_uri=good).status_code == 403
    assert browser.authorize(organization=ORG, redirect_uri="https://evil.example.com/cb").status_code == 403


class TestPicker:
    """organization_require_behavior post_login_prompt: the password first."""

    OTHER = "org_fedcba9876543210"

    @pytest.fixture(autouse=True)
    def afterwards(self, browser: Browser) -> None:
        change_client(
            browser, organization_usage="require", organization_require_behavior="post_login_prompt"
        )

    def join_another(self, browser: Browser) -> None:
        store = browser.running.sandbox.store
        store.put("organizations", self.OTHER, {"id": self.OTHER, "name": "other"})
        connection = store.where("connections", "name", CONNECTION)[0]
        CONNECTIONS.put(store, self.OTHER, connection["id"], {"is_enabled": True})
        MEMBERS.put(store, self.OTHER, store.all("users")[0]["user_id"], {})

    def token(self, browser: Browser, code: str) -> dict[str, Any]:
        return claims(browser, browser.exchange(code).json()["id_token"])

    def test_the_only_one_is_taken(self, browser: Browser) -> None:
        assert claims(browser, browser.tokens()["id_token"])["org_id"] == ORG
        assert self.token(browser, query(browser.authorize(prompt="none"))["code"])["org_id"] == ORG

    def test_of_several_one_is_picked(self, browser: Browser) -> None:
        self.join_another(browser)
        picker = browser.log_in().headers["location"]
        page = browser.get(picker).text
        assert "Acme" in page
        assert "other" in page
        assert "My own account" not in page
        picked = query(browser.post(picker, {"organization": self.OTHER}))
        assert self.token(browser, picked["code"])["org_id"] == self.OTHER
        assert browser.post(picker, {"organization": self.OTHER}).status_code == 400
        assert query(browser.authorize(prompt="none"))["error"] == "interaction_required"

    def test_what_was_not_offered_cannot_be_picked(self, browser: Browser) -> None:
        self.join_another(browser)
        assert query(browser.post(browser.log_in().headers["location"], {}))["error"] == "invalid_request"
        picker = browser.authorize().headers["location"]
        assert query(browser.post(picker, {"organization": "org_unknown"}))["error"] == "access_denied"

    def test_whoever_has_none_is_denied(self, browser: Browser) -> None:
        create_user(browser.running.sandbox, "eve@example.com")
        assert query(browser.log_in("eve@example.com"))["error"] == "access_denied"

    def test_where_none_is_needed_it_may_be_the_person_s_own_account(self, browser: Browser) -> None:
        change_client(browser, organization_usage="allow")
        picker = browser.log_in().headers["location"]
        assert "My own account" in browser.get(picker).text
        picked = query(browser.post(picker, {"organization": ""}))
        assert "org_id" not in self.token(browser, picked["code"])


class TestMachines:
    """client_credentials with an organization."""

    def ask(self, browser: Browser, grant: dict[str, Any], **parameters: str) -> dict[str, Any]:
        store = browser.running.sandbox.store
        change_client(browser, grant_types=["client_credentials"])
        store.put(
            "resource_servers",
            "api",
            {
                "id": "api",
                "identifier": API,
                "skip_consent_for_verifiable_first_party_clients": True,
                "scopes": [],
            },
        )
        whole = {
            "id": "cgr_1",
            "client_id": browser.client["client_id"],
            "audience": API,
            "scope": [],
            **grant,
        }
        store.put("client_grants", "cgr_1", whole)
        body = {"grant_type": "client_credentials", "audience": API, **browser.client, **parameters}
        answer: dict[str, Any] = browser.token(body).json()
        return answer

    def test_without_one_tokens_name_none(self, browser: Browser) -> None:
        assert "org_id" not in claims(browser, self.ask(browser, {})["access_token"])

    @pytest.mark.parametrize("usage", ["deny", None])
    def test_a_grant_may_forbid_it(self, browser: Browser, usage: str | None) -> None:
        assert (
            self.ask(browser, {"organization_usage": usage}, organization=ORG)["error"] == "invalid_request"
        )

    def test_a_grant_has_to_reach_the_organization(self, browser: Browser) -> None:
        assert (
            self.ask(browser, {"organization_usage": "allow"}, organization=ORG)["error"] == "access_denied"
        )
        wide = {"organization_usage": "allow", "allow_any_organization": True}
        assert claims(browser, self.ask(browser, wide, organization=ORG)["access_token"])["org_id"] == ORG
        GRANTS.put(browser.running.sandbox.store, ORG, "cgr_1", {})
        assert "access_token" in self.ask(browser, {"organization_usage": "allow"}, organization=ORG)

    def test_a_default_counts_where_one_is_required(self, browser: Browser) -> None:
        required = {"organization_usage": "require", "allow_any_organization": True}
        assert self.ask(browser, required)["error"] == "invalid_request"
        change_client(browser, default_organization={"organization_id": ORG, "flows": ["client_credentials"]})
        assert claims(browser, self.ask(browser, required)["access_token"])["org_id"] == ORG
