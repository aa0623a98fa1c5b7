"""Whom an Action sees, and makes the subject of a login: linked accounts, roles, organizations, flows."""

import json
from typing import Any

import pytest

from sandbox.context import Sandbox
from sandbox.testing import RunningSandbox

from .login_driver import (
    EMAIL,
    Browser,
    action,
    change_client,
    console,
    create_user,
    deploy,
    executions,
    leave,
    query,
    shown,
    user_of,
)

SHOW = action("console.log(JSON.stringify(event))")
PRIMARY = "auth0|primary"
STRANGER = "auth0|stranger"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    return Browser(running_sandbox)


def link(sandbox: Sandbox, *, remove: bool = False) -> None:
    """A primary user who has Ada's identity as a secondary one; `remove` as linking does it."""
    own = user_of(sandbox)
    provider, _, identity = own["user_id"].partition("|")
    primary = {
        **own,
        "user_id": PRIMARY,
        "email": "primary@example.com",
        "user_metadata": {},
        "app_metadata": {},
    }
    mine = {"connection": own["identities"][0]["connection"], "provider": "auth0", "isSocial": False}
    secondary = {**mine, "provider": provider, "user_id": identity}
    primary["identities"] = [{**mine, "user_id": "primary"}, secondary]
    sandbox.store.put("users", PRIMARY, primary)
    if remove:
        sandbox.store.delete("users", own["user_id"])


def of(sandbox: Sandbox, user_id: str) -> dict[str, Any]:
    return sandbox.store.get("users", user_id) or {}


def test_the_primary_user_is_the_subject_from_the_next_action_on(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    link(sandbox)
    deploy(
        sandbox,
        action(f"api.user.setUserMetadata('lost', 1); api.authentication.setPrimaryUser('{PRIMARY}')"),
        action("console.log(event.user.user_id); api.user.setUserMetadata('kept', 1)"),
    )
    code = query(browser.log_in())["code"]
    assert console(sandbox) == [PRIMARY]
    tokens = browser.exchange(code).json()
    assert of(sandbox, PRIMARY)["user_metadata"] == {"kept": 1}
    assert "user_metadata" not in user_of(sandbox)
    claims = sandbox.keys.verify(tokens["id_token"], browser.client["client_id"])
    assert claims["sub"] == PRIMARY
    deploy(sandbox, SHOW)
    assert "code" in query(browser.authorize(prompt="none"))
    assert shown(browser)["user"]["user_id"] == PRIMARY


def test_linking_that_has_removed_the_secondary_user_goes_on_with_the_primary_one(browser: Browser) -> None:
    """As Actions link: by the Management API first, then `setPrimaryUser`."""
    sandbox = browser.running.sandbox
    link(sandbox)
    gone = user_of(sandbox)["user_id"]
    call = (
        f"await fetch('{browser.url}/api/v2/users/{gone.replace('|', '%7C')}', {{method: 'DELETE',"
        f" headers: {{Authorization: 'Bearer {browser.running.token()}'}}}});"
    )
    deploy(
        sandbox,
        action("api.user.setAppMetadata('earlier', 1)"),
        action(f"{call} api.authentication.setPrimaryUser('{PRIMARY}')"),
    )
    code = query(browser.log_in())["code"]
    claims = sandbox.keys.verify(browser.exchange(code).json()["id_token"], browser.client["client_id"])
    assert claims["sub"] == PRIMARY
    assert of(sandbox, PRIMARY)["app_metadata"] == {"earlier": 1}


def test_without_a_primary_user_a_subject_that_is_gone_ends_the_login(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    deploy(
        sandbox,
        "exports.onExecutePostLogin = async (event, api) => {"
        " api.redirect.sendUserTo('https://form.localhost:8447/verify') };"
        "exports.onContinuePostLogin = async (event, api) => { console.log(event.user.user_id) };",
    )
    state = leave(browser)
    link(sandbox, remove=True)
    assert query(browser.resume(state))["error"] == "access_denied"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "api.authentication.setPrimaryUser('auth0|nobody')",
            "The primary user does not have the identity that authenticated this login.",
        ),
        (
            f"api.authentication.setPrimaryUser('{STRANGER}')",
            "The primary user does not have the identity that authenticated this login.",
        ),
        (
            f"api.authentication.setPrimaryUser('{PRIMARY}').authentication.setPrimaryUser('{PRIMARY}')",
            "The primary user can be set once per transaction.",
        ),
        (
            "api.authentication.setPrimaryUser('a'.repeat(129))",
            "primary_user_id must be at most 128 characters long.",
        ),
    ],
)
def test_any_other_user_fails_the_login(browser: Browser, body: str, reason: str) -> None:
    sandbox = browser.running.sandbox
    link(sandbox)
    create_user(sandbox, "stranger@example.com", user_id="stranger")
    deploy(sandbox, action(body))
    answer = query(browser.log_in())
    assert (answer["error"], answer["error_description"]) == ("access_denied", reason)


def test_roles_are_named_in_the_event_and_listed_by_the_api(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    for number in range(3):
        role = {"id": f"rol_{number}", "name": f"Role {number}", "description": None}
        sandbox.store.put("roles", role["id"] or "", role)
    user = user_of(sandbox)
    sandbox.store.put("users", user["user_id"], {**user, "_roles": ["rol_2", "rol_0", "rol_gone"]})
    deploy(
        sandbox,
        SHOW,
        action(
            "const first = await api.roles.getUserEffectiveRoles({take: 1});"
            "const next = await api.roles.getUserEffectiveRoles({take: 1, from: first.next});"
            "const named = await api.roles.getUserEffectiveRolesByNames(['Role 0', 'Role 1']);"
            "console.log(JSON.stringify([first, next, named]))"
        ),
    )
    browser.log_in()
    event, listed = (json.loads(line) for line in console(sandbox))
    assert event["authorization"]["roles"] == ["Role 2", "Role 0"]
    zero, two = ({"id": f"rol_{n}", "name": f"Role {n}", "description": None} for n in (0, 2))
    assert listed == [{"roles": [two], "next": "1"}, {"roles": [zero]}, {"roles": [zero]}]


def test_an_organization_shows_in_the_event(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    organization = {"id": "org_1", "name": "acme", "display_name": "Acme", "metadata": {"tier": "1"}}
    sandbox.store.put("organizations", "org_1", organization)
    change_client(browser, organization_usage="allow")
    headers = {"Authorization": f"Bearer {browser.running.token()}"}
    url = f"{browser.url}/api/v2/organizations/org_1"
    connection = user_of(sandbox)["identities"][0]["connection"]
    [known] = sandbox.store.where("connections", "name", connection)
    for path, body in (
        ("enabled_connections", {"connection_id": known["id"], "assign_membership_on_login": True}),
        ("members", {"members": [user_of(sandbox)["user_id"]]}),
    ):
        assert browser.http.post(f"{url}/{path}", json=body, headers=headers).ok
    deploy(sandbox, SHOW)
    assert "code" in query(browser.log_in(organization="org_1"))
    assert shown(browser)["organization"] == organization


@pytest.mark.parametrize(
    ("response_type", "protocol"),
    [
        ("code", "oidc-basic-profile"),
        ("id_token", "oidc-implicit-profile"),
        ("code id_token", "oidc-hybrid-profile"),
    ],
)
def test_the_flow_names_the_protocol(browser: Browser, response_type: str, protocol: str) -> None:
    change_client(browser, grant_types=["authorization_code", "implicit"])
    deploy(browser.running.sandbox, SHOW)
    browser.log_in(response_type=response_type)
    transaction = shown(browser)["transaction"]
    assert (transaction["protocol"], transaction["response_type"]) == (protocol, response_type.split())


def test_a_custom_domain_shows_in_the_event(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    domain = {"custom_domain_id": "cd_1", "domain": "localhost", "domain_metadata": {"brand": "a"}}
    sandbox.store.put("custom_domains", "cd_1", domain)
    deploy(sandbox, SHOW)
    browser.log_in()
    assert shown(browser)["custom_domain"] == {"domain": "localhost", "domain_metadata": {"brand": "a"}}


@pytest.mark.parametrize("outlives", [False, True])
def test_whether_the_cache_outlives_a_redirect_is_a_switch(browser: Browser, outlives: bool) -> None:
    sandbox = browser.running.sandbox
    code = (
        "exports.onExecutePostLogin = async (event, api) => {"
        " api.cache.set('k', 'v'); api.redirect.sendUserTo('https://form.localhost:8447/verify') };"
        "exports.onContinuePostLogin = async (event, api) => { console.log(api.cache.get('k')?.value) };"
    )
    deploy(sandbox, code)
    sandbox.switches.action_cache_outlives_redirect = outlives
    try:
        browser.resume(leave(browser))
    finally:
        sandbox.switches.action_cache_outlives_redirect = False
    assert executions(sandbox)[-1]["console"][0]["text"] == ("v" if outlives else "undefined")


def test_the_person_s_address_is_the_one_they_logged_in_with(browser: Browser) -> None:
    deploy(browser.running.sandbox, action("console.log(event.user.email, event.stats.logins_count)"))
    browser.log_in()
    assert console(browser.running.sandbox) == [f"{EMAIL} 1"]
