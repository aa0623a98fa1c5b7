"""Forms, flows and the vault: what is kept, what a list shows, and what is never shown."""

import json
from typing import Any

import pytest

from sandbox.management.flows.vault import APPS

from .tenant_driver import Tenant, problem

FORM = {"name": "welcome", "languages": {"primary": "en"}, "ending": {"resume_flow": True}}
VAULT = "/flows/vault/connections"


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


def test_a_form_comes_back_as_it_was_made(tenant: Tenant) -> None:
    nodes = [{"id": "step_1", "type": "STEP", "config": {"components": []}}]
    whole = {**FORM, "nodes": nodes, "start": {"next_node": "step_1"}, "style": {"css": "h1{}"}}
    made = tenant.post("/forms", {**whole, "messages": {"errors": {"ERR_REQUIRED_PROPERTY": "Please."}}})
    assert made["id"].startswith("ap_")
    assert whole.items() <= made.items()
    assert made["messages"] == {"errors": {"ERR_REQUIRED_PROPERTY": "Please."}}
    assert made["created_at"] == made["updated_at"]
    assert tenant.get(f"/forms/{made['id']}") == made


@pytest.mark.parametrize("messages", [{}, {"errors": {}}, {"custom": None}, None])
def test_messages_without_content_are_not_kept(tenant: Tenant, messages: Any) -> None:
    made = tenant.post("/forms", {**FORM, "messages": messages})
    assert "messages" not in made
    kept = tenant.patch(f"/forms/{made['id']}", {"messages": {"custom": {"a": "b"}}})
    assert kept["messages"] == {"custom": {"a": "b"}}
    assert "messages" not in tenant.patch(f"/forms/{made['id']}", {"messages": messages})


def test_a_change_replaces_what_it_names_and_null_removes(tenant: Tenant) -> None:
    made = tenant.post("/forms", {**FORM, "style": {"css": "a{}"}})
    tenant.sandbox.clock.advance(60)
    changed = tenant.patch(f"/forms/{made['id']}", {"style": None, "nodes": [], "name": "other"})
    assert "style" not in changed
    assert (changed["name"], changed["nodes"], changed["ending"]) == ("other", [], FORM["ending"])
    assert changed["updated_at"] > changed["created_at"]


@pytest.mark.parametrize(("path", "name"), [("/forms", "forms"), ("/flows", "flows")])
def test_a_list_shows_which_there_are_and_not_what_is_in_them(tenant: Tenant, path: str, name: str) -> None:
    for number in range(3):
        tenant.post(path, {"name": f"number {number}"})
    page = tenant.get(f"{path}?page=1&per_page=2&include_totals=true")
    assert (page["start"], page["limit"], page["total"]) == (2, 2, 3)
    assert [set(item) for item in page[name]] == [{"id", "name", "created_at", "updated_at"}]
    assert len(tenant.get(path)) == 3


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/forms/ap_9AXxPP59pJx5ZtA471cSBx", "Form not found"),
        ("/flows/af_bskks8aGbiq7qS13umnuvX", "Flow not found"),
        (f"{VAULT}/ac_bskks8aGbiq7qS13umnuvX", "Connection not found"),
        ("/flows/af_bskks8aGbiq7qS13umnuvX/executions", "Flow not found"),
    ],
)
def test_what_is_not_there_is_said_without_a_code(tenant: Tenant, path: str, message: str) -> None:
    assert tenant.get(path, 404) == {"statusCode": 404, "error": "Not Found", "message": message}


@pytest.mark.parametrize("path", ["/forms", "/flows", VAULT])
def test_a_name_is_needed_and_strangers_are_refused(tenant: Tenant, path: str) -> None:
    assert problem(tenant.post(path, {}, 400)) == "'Missing required property: name'."
    body = {"name": "a", "app_id": "HTTP", "x": 1} if path == VAULT else {"name": "a", "x": 1}
    assert problem(tenant.post(path, body, 400)) == "'Additional properties not allowed: x'."


def test_a_flow_has_no_executions(tenant: Tenant) -> None:
    actions = [{"id": "a", "type": "HTTP", "action": "SEND_REQUEST", "params": {}}]
    flow = tenant.post("/flows", {"name": "a", "actions": actions})
    assert flow["actions"] == actions
    assert tenant.get(f"/flows/{flow['id']}/executions?take=10") == {"executions": []}
    tenant.get(f"/flows/{flow['id']}/executions/x", 404)
    tenant.delete(f"/flows/{flow['id']}")
    tenant.get(f"/flows/{flow['id']}", 404)


@pytest.mark.parametrize(("app", "kind"), [(app, kind) for app, kinds in APPS.items() for kind in kinds])
def test_a_connection_is_ready_with_a_setup_that_nobody_sees(tenant: Tenant, app: str, kind: str) -> None:
    made = tenant.post(VAULT, {"name": "a", "app_id": app, "setup": {"type": kind, "api_key": "top-secret"}})
    assert (made["ready"], made["refreshed_at"], len(made["fingerprint"])) == (True, None, 32)
    shown = [made, tenant.get(f"{VAULT}/{made['id']}"), tenant.get(VAULT)]
    assert "top-secret" not in json.dumps(shown)
    assert "setup" not in json.dumps(shown)
    assert "refreshed_at" not in shown[1]


def test_every_change_of_a_connection_changes_its_fingerprint(tenant: Tenant) -> None:
    made = tenant.post(VAULT, {"name": "a", "app_id": "HTTP"})
    assert made["ready"] is False
    renamed = tenant.patch(f"{VAULT}/{made['id']}", {"name": "b"})
    ready = tenant.patch(f"{VAULT}/{made['id']}", {"setup": {"type": "BEARER", "token": "t"}})
    assert len({made["fingerprint"], renamed["fingerprint"], ready["fingerprint"]}) == 3
    assert (renamed["refreshed_at"], ready["ready"]) == (None, True)
    emptied = tenant.patch(f"{VAULT}/{made['id']}", {"setup": None})
    assert emptied["ready"] is False


def test_a_connection_takes_its_service_s_setups_alone(tenant: Tenant) -> None:
    answer = tenant.post(VAULT, {"name": "a", "app_id": "TWILIO", "setup": {"type": "TOKEN"}}, 400)
    assert problem(answer) == "'No enum match for: TOKEN' on property setup.type."
    answer = tenant.post(VAULT, {"name": "a", "app_id": "INVALID"}, 400)
    assert problem(answer) == "'No enum match for: INVALID' on property app_id."
