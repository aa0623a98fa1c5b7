"""Builds that fail, trying an Action out, earlier versions, triggers and executions."""

from typing import Any

import pytest

from sandbox.testing import RunningSandbox

from .actions_api import CODE, POST_LOGIN, create, get
from .api import Api
from .tenant_driver import Tenant

FAILING = [{"name": "crypto", "version": "17.7.1"}]
WORKING = [{"name": "auth0", "version": "2.41.0"}, {"name": "crypto", "version": "1.0.1"}]
NOT_BUILT = "A draft must be in the 'built' state before it can be deployed."


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


def action(tenant: Tenant, **members: Any) -> str:
    body = {"name": "one", "supported_triggers": POST_LOGIN, "code": CODE, **members}
    return str(tenant.post("/actions/actions", body)["id"])


def built(tenant: Tenant, identifier: str) -> list[str]:
    """The states until it stays, the last of them included."""
    states = [tenant.get(f"/actions/actions/{identifier}")["status"]]
    while states[-1] not in ("built", "failed"):
        states.append(tenant.get(f"/actions/actions/{identifier}")["status"])
    return states


# -- builds -----------------------------------------------------------------------------------------


def test_a_dependency_that_does_not_exist_fails_the_build_after_some_tries(tenant: Tenant) -> None:
    identifier = action(tenant, dependencies=FAILING)
    assert built(tenant, identifier) == ["building", "building", "building", "failed"]
    errors = tenant.get(f"/actions/actions/{identifier}")["errors"]
    assert [set(error) for error in errors] == [{"id", "msg", "url"}]
    assert "crypto@17.7.1" in errors[0]["msg"]
    assert tenant.post(f"/actions/actions/{identifier}/deploy", expect=400)["message"] == NOT_BUILT


def test_a_change_builds_anew(tenant: Tenant) -> None:
    identifier = action(tenant, dependencies=FAILING)
    built(tenant, identifier)
    tenant.patch(f"/actions/actions/{identifier}", {"code": "// other"})
    assert built(tenant, identifier)[-1] == "failed"
    tenant.patch(f"/actions/actions/{identifier}", {"dependencies": WORKING})
    assert built(tenant, identifier) == ["built"]
    assert "errors" not in tenant.get(f"/actions/actions/{identifier}")
    tenant.post(f"/actions/actions/{identifier}/deploy", expect=200)


def test_a_switch_fails_every_build_with_its_words(tenant: Tenant) -> None:
    tenant.sandbox.switches.action_build_error = "The disk is full."
    identifier = action(tenant, deploy=True)
    assert built(tenant, identifier) == ["failed"]
    shown = tenant.get(f"/actions/actions/{identifier}")
    assert shown["errors"][0]["msg"] == "The disk is full."
    assert "deployed_version" not in shown


# -- trying one out ---------------------------------------------------------------------------------

TRIED = """
exports.onExecutePostLogin = async (event, api) => {
  console.log('hello', event.user.name, event.secrets.KEY);
  if (event.user.name === 'Eve') throw new Error('no Eve');
  api.access.deny('not today');
};
"""


def test_a_draft_is_tried_without_being_deployed(api: Api, running_sandbox: RunningSandbox) -> None:
    made = create(api, code=TRIED, secrets=[{"name": "KEY", "value": "v"}])
    path = f"/actions/actions/{made['id']}/test"
    payload = api.post(path, {"payload": {"event": {"user": {"name": "Ann"}}}}, expect=200)["payload"]
    assert (payload["logs"], payload["error"]) == ("hello Ann v", None)
    assert payload["commands"][0]["type"] == "deny"
    assert payload["stats"]["action_duration_ms"] > 0
    api.patch(f"/actions/actions/{made['id']}", {"code": TRIED.replace("hello", "goodbye")})
    again = api.post(path, {"payload": {"user": {"name": "Ann"}}}, expect=200)["payload"]
    assert again["logs"] == "goodbye Ann v"
    assert "deployed_version" not in get(api, made)
    assert running_sandbox.sandbox.store.all("executions") == []


def test_what_a_tried_action_throws_is_told(api: Api) -> None:
    made = create(api, code=TRIED)
    path = f"/actions/actions/{made['id']}/test"
    payload = api.post(path, {"payload": {"user": {"name": "Eve"}}}, expect=200)["payload"]
    assert (payload["error"]["name"], payload["error"]["message"]) == ("Error", "no Eve")


def test_a_payload_is_needed_and_the_action_too(api: Api) -> None:
    made = create(api, code=TRIED)
    assert "payload" in api.post(f"/actions/actions/{made['id']}/test", {}, expect=400)["message"]
    api.post("/actions/actions/none/test", {"payload": {}}, expect=404)


# -- earlier versions, triggers, executions ---------------------------------------------------------


def test_rolling_back_makes_a_new_version(tenant: Tenant) -> None:
    identifier = action(tenant, code="// one")
    path = f"/actions/actions/{identifier}"
    built(tenant, identifier)
    first = tenant.post(f"{path}/deploy", expect=200)
    tenant.patch(path, {"code": "// two"})
    built(tenant, identifier)
    tenant.post(f"{path}/deploy", expect=200)
    third = tenant.post(f"{path}/versions/{first['id']}/deploy", expect=200)
    assert (third["number"], third["code"], third["deployed"]) == (3, "// one", True)
    assert third["id"] != first["id"]
    shown = tenant.get(path)
    assert (shown["code"], shown["deployed_version"]["number"]) == ("// two", 3)
    assert shown["all_changes_deployed"] is False
    tenant.post(f"{path}/versions/{first['id']}/deploy", {"update_draft": True}, 200)
    shown = tenant.get(path)
    assert (shown["code"], shown["all_changes_deployed"]) == ("// one", True)


def test_every_trigger_is_listed_with_its_versions(tenant: Tenant) -> None:
    listed = tenant.get("/actions/triggers")["triggers"]
    current = {trigger["id"]: trigger for trigger in listed if trigger["status"] == "CURRENT"}
    assert len(current) == 15
    assert (current["post-login"]["version"], current["custom-phone-provider"]["version"]) == ("v3", "v1")
    assert current["post-login"]["compatible_triggers"] == [{"id": "post-login", "version": "v2"}]
    old = [(trigger["id"], trigger["version"]) for trigger in listed if trigger["status"] == "DEPRECATED"]
    assert {("post-login", "v2"), ("post-login", "v1"), ("send-phone-message", "v1")} <= set(old)
    assert {trigger["default_runtime"] for trigger in current.values()} == {"node22"}


def test_totals_are_not_known_to_a_list_of_actions(tenant: Tenant) -> None:
    answer = tenant.get("/actions/actions?include_totals=true", 400)
    assert "Additional properties not allowed: include_totals" in answer["message"]
    action(tenant)
    assert tenant.get("/actions/actions?installed=true") == {"actions": [], "per_page": 50}
    assert tenant.get("/actions/actions?installed=false")["total"] == 1


def test_an_execution_is_shown_as_it_was_kept(tenant: Tenant) -> None:
    run = {"id": "e1", "trigger_id": "post-login", "status": "final", "results": []}
    tenant.sandbox.store.put("executions", "e1", {**run, "_private": 1})
    assert tenant.get("/actions/executions/e1") == run
    assert tenant.get("/actions/executions/e2", 404)["statusCode"] == 404
