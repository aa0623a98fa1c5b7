"""What a tenant has besides: network ACLs, profiles, event streams, policies, rules and hooks."""

import json
from typing import Any

import pytest

from .actions_api import CODE
from .tenant_driver import Tenant, problem

ACL: dict[str, Any] = {
    "description": "a",
    "active": True,
    "priority": 1,
    "rule": {"action": {"block": True}, "scope": "tenant", "match": {"asns": [9453]}},
}
WEBHOOK = {
    "webhook_endpoint": "https://example.com",
    "webhook_authorization": {"method": "bearer", "token": "top-secret"},
}
STREAM = {
    "name": "a",
    "subscriptions": [{"event_type": "user.created"}],
    "destination": {"type": "webhook", "configuration": WEBHOOK},
}
POLICY = {
    "resource": "oauth_authentication_api",
    "consumer": "client",
    "consumer_selector": "default",
    "configuration": {"action": "block", "limit": 100},
}
# Path, body of a POST, a change and what a list is called.
RESOURCES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "/network-acls": (ACL, {"active": False}, "network_acls"),
    "/self-service-profiles": ({"name": "a"}, {"description": "b"}, "self_service_profiles"),
    "/event-streams": (STREAM, {"status": "disabled"}, "eventStreams"),
    "/rate-limit-policies": (
        POLICY,
        {"configuration": {"action": "allow"}},
        "rate_limit_policies",
    ),
    "/rules": ({"name": "a", "script": "b"}, {"enabled": False}, "rules"),
    "/hooks": (
        {"name": "a", "script": "b", "triggerId": "pre-user-registration"},
        {"enabled": True},
        "hooks",
    ),
}


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


def action(tenant: Tenant, trigger: str) -> str:
    body = {"name": trigger, "supported_triggers": [{"id": trigger}], "code": CODE}
    return str(tenant.post("/actions/actions", body)["id"])


@pytest.mark.parametrize("path", RESOURCES)
def test_each_is_made_changed_listed_and_removed(tenant: Tenant, path: str) -> None:
    body, change, name = RESOURCES[path]
    made = tenant.post(path, body)
    assert tenant.get(f"{path}/{made['id']}") == made
    changed = tenant.patch(f"{path}/{made['id']}", change)
    assert change.items() <= changed.items()
    assert {key: changed[key] for key in body if key not in change} == {
        key: made[key] for key in body if key not in change
    }
    listed = tenant.get(f"{path}?include_totals=true&page=0")
    assert [item["id"] for item in listed[name]] == [made["id"]]
    tenant.delete(f"{path}/{made['id']}")
    assert tenant.get(f"{path}/{made['id']}", 404)["statusCode"] == 404


@pytest.mark.parametrize("path", RESOURCES)
def test_strangers_are_refused(tenant: Tenant, path: str) -> None:
    answer = tenant.post(path, {**RESOURCES[path][0], "strange": 1}, 400)
    assert problem(answer) == "'Additional properties not allowed: strange'."


# -- network ACLs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"action": {"redirect": True}}, "redirect_uri"),
        ({"action": {"block": True, "log": True}}, "Exactly one of"),
        ({"action": {}}, "Exactly one of"),
        ({"match": {"asns": [1, 1]}}, "Array items are not unique (indexes 0 and 1)"),
        ({"match": {"auth0_managed": ["auth0.other"]}}, "Invalid curated list name: auth0.other"),
        ({"scope": "other"}, "No enum match for: other"),
        ({"match": {"user_agents": []}}, "Array is too short (0), minimum 1"),
    ],
)
def test_rules_that_make_no_sense_are_refused(tenant: Tenant, rule: dict[str, Any], words: str) -> None:
    assert words in tenant.post("/network-acls", {**ACL, "rule": {**ACL["rule"], **rule}}, 400)["message"]


def test_a_rule_matches_something(tenant: Tenant) -> None:
    rule = {"action": {"log": True}, "scope": "management"}
    assert "match" in tenant.post("/network-acls", {**ACL, "rule": rule}, 400)["message"]
    tenant.post("/network-acls", {**ACL, "rule": {**rule, "not_match": {}}})


def test_a_put_replaces_and_a_patch_does_not(tenant: Tenant) -> None:
    made = tenant.post("/network-acls", ACL)
    whole = {name: value for name, value in ACL.items() if name != "priority"}
    replaced = tenant.put(f"/network-acls/{made['id']}", {**whole, "description": "b"})
    assert "priority" not in replaced
    assert replaced["created_at"] == made["created_at"]
    assert tenant.patch(f"/network-acls/{made['id']}", {"priority": 99})["description"] == "b"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/network-acls/acl_invalid_id", "Network ACL id is not a valid"),
        (
            "/event-streams/est_invalid_id_1234567890",
            "Object didn't pass validation for format event-stream-id",
        ),
    ],
)
def test_an_id_of_the_wrong_form_is_refused_as_such(tenant: Tenant, path: str, words: str) -> None:
    answer = tenant.get(path, 400)
    assert (answer["errorCode"], words in answer["message"]) == ("invalid_uri", True)


# -- profiles ---------------------------------------------------------------------------------------


def test_a_profile_has_either_kind_of_attributes(tenant: Tenant) -> None:
    attributes = [{"name": "a", "description": "b", "is_optional": True}]
    made = tenant.post("/self-service-profiles", {"name": "a", "user_attributes": attributes})
    assert (made["user_attributes"], made["allowed_strategies"]) == (attributes, [])
    path = f"/self-service-profiles/{made['id']}"
    assert tenant.patch(path, {"user_attribute_profile_id": "uap_1"})["user_attributes"] == []
    assert "user_attribute_profile_id" not in tenant.patch(path, {"user_attributes": attributes})


def test_texts_belong_to_a_page_and_a_language(tenant: Tenant) -> None:
    path = f"/self-service-profiles/{tenant.post('/self-service-profiles', {'name': 'a'})['id']}"
    text = f"{path}/custom-text/en/get-started"
    assert tenant.get(text) == {}
    assert tenant.put(text, {"introduction": "Hi"}) == {"introduction": "Hi"}
    assert tenant.get(text) == {"introduction": "Hi"}
    assert tenant.put(text, {}) == {}
    assert tenant.post(f"{path}/sso-ticket", {})["ticket"].startswith("https://")
    tenant.get("/self-service-profiles/none/custom-text/en/get-started", 404)


def test_a_token_exchange_profile_needs_an_action_of_its_trigger(tenant: Tenant) -> None:
    path, kind = "/token-exchange-profiles", "https://acme.com/token"
    body = {"name": "a", "subject_token_type": kind, "type": "custom_authentication"}
    tenant.post(path, {**body, "action_id": action(tenant, "post-login")}, 400)
    good = {**body, "action_id": action(tenant, "custom-token-exchange")}
    made = tenant.post(path, good)
    assert made["id"].startswith("tep_")
    assert tenant.post(path, good, 409)["statusCode"] == 409
    tenant.patch(f"{path}/{made['id']}", {"name": "b", "subject_token_type": kind}, 204)
    changed = tenant.get(f"{path}/{made['id']}")
    assert (changed["name"], changed["action_id"]) == ("b", good["action_id"])
    assert tenant.get(f"{path}?take=10") == {"token_exchange_profiles": [changed]}
    tenant.delete(f"{path}/{made['id']}")
    tenant.get(f"{path}/{made['id']}", 404)


# -- event streams ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authorization", "shown"),
    [
        ({"method": "bearer", "token": "top-secret"}, {"method": "bearer"}),
        (
            {"method": "basic", "username": "u", "password": "top-secret"},
            {"method": "basic", "username": "u"},
        ),
        (
            {"method": "custom_header", "header_key": "k", "header_value": "top-secret"},
            {"method": "custom_header", "header_key": "k"},
        ),
    ],
)
def test_a_webhook_s_secret_is_never_shown(tenant: Tenant, authorization: Any, shown: Any) -> None:
    configuration = {**WEBHOOK, "webhook_authorization": authorization}
    destination = {"type": "webhook", "configuration": configuration}
    made = tenant.post("/event-streams", {**STREAM, "destination": destination})
    assert made["destination"]["configuration"]["webhook_authorization"] == shown
    assert "top-secret" not in json.dumps(tenant.get("/event-streams"))
    assert tenant.get(f"/event-streams/{made['id']}/deliveries") == {"deliveries": []}


def test_what_has_another_side_can_not_be_changed(tenant: Tenant) -> None:
    bridge = {"type": "eventbridge", "configuration": {"aws_account_id": "2" * 12, "aws_region": "us-east-1"}}
    made = tenant.post("/event-streams", {**STREAM, "destination": bridge})
    source = made["destination"]["configuration"]["aws_partner_event_source"]
    assert source.startswith("aws.partner/auth0.com/")
    tenant.patch(f"/event-streams/{made['id']}", {"destination": bridge}, 400)
    changed = tenant.patch(
        f"/event-streams/{made['id']}", {"subscriptions": [{"event_type": "user.updated"}]}
    )
    assert changed["destination"] == made["destination"]


def test_an_action_as_destination_has_its_trigger(tenant: Tenant) -> None:
    def destination(trigger: str) -> dict[str, Any]:
        return {"type": "action", "configuration": {"action_id": action(tenant, trigger)}}

    tenant.post("/event-streams", {**STREAM, "destination": destination("post-login")}, 400)
    tenant.post("/event-streams", {**STREAM, "destination": destination("event-stream")})


# -- policies, rules, hooks -------------------------------------------------------------------------


def test_a_policy_s_action_says_what_else_is_needed(tenant: Tenant) -> None:
    made = tenant.post("/rate-limit-policies", POLICY)
    path = f"/rate-limit-policies/{made['id']}"
    redirect = {"action": "redirect", "limit": 5, "redirect_uri": "https://example.com"}
    assert tenant.patch(path, {"configuration": redirect})["configuration"] == redirect
    answer = tenant.patch(path, {"configuration": {"action": "log"}}, 400)
    assert problem(answer) == "'Missing required property: limit' on property configuration."
    answer = tenant.patch(path, {"configuration": {"action": "allow", "limit": 1}}, 400)
    assert problem(answer) == "'Additional properties not allowed: limit' on property configuration."
    tenant.post("/rate-limit-policies", POLICY, 409)
    assert tenant.get("/rate-limit-policies?consumer_selector=x") == {"rate_limit_policies": []}


def test_rules_are_numbered_and_configurations_hide_their_values(tenant: Tenant) -> None:
    made = [tenant.post("/rules", {"name": name, "script": "s"}) for name in ("one", "two")]
    assert [(rule["order"], rule["enabled"], rule["stage"]) for rule in made] == [
        (1, True, "login_success"),
        (2, True, "login_success"),
    ]
    tenant.post("/rules", {"name": "one", "script": "s"}, 409)
    assert tenant.get("/rules?enabled=false") == []
    assert tenant.put("/rules-configs/KEY", {"value": "v"}) == {"key": "KEY", "value": "v"}
    assert tenant.get("/rules-configs") == [{"key": "KEY"}]
    tenant.delete("/rules-configs/KEY")
    assert tenant.get("/rules-configs") == []


def test_a_hook_s_secrets_are_named_and_not_told(tenant: Tenant) -> None:
    body = {"name": "a", "script": "s", "triggerId": "credentials-exchange"}
    made = tenant.post("/hooks", body)
    assert (made["enabled"], made["dependencies"], len(made["id"])) == (False, {}, 26)
    path = f"/hooks/{made['id']}/secrets"
    tenant.post(path, {"one": "top-secret", "two": "top-secret"})
    tenant.patch(path, {"three": "top-secret"}, 201)
    tenant.delete(path, ["two"])
    assert tenant.get(path) == {"one": "_VALUE_NOT_SHOWN_", "three": "_VALUE_NOT_SHOWN_"}
    assert tenant.get(f"/hooks/{made['id']}") == made
    assert tenant.get("/hooks?triggerId=send-phone-message") == []


@pytest.mark.parametrize("path", ["/rules", "/hooks"])
def test_a_switch_ends_what_auth0_has_ended(tenant: Tenant, path: str) -> None:
    tenant.sandbox.switches.legacy_extensibility = "ended"
    answer = tenant.post(path, RESOURCES[path][0], 403)
    assert answer["message"] == "This endpoint is disabled for your tenant."
    assert tenant.get(path) == []


def test_there_are_no_templates_for_credentials(tenant: Tenant) -> None:
    assert tenant.get("/verifiable-credentials/verification/templates") == {"templates": []}
