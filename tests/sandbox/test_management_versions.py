"""Actions: versions, triggers, bindings, and several calls at once."""

from typing import Any

import pytest

from sandbox.testing import RunningSandbox

from .actions_api import CODE, POST_LOGIN, bind, bound, create, deploy, get
from .api import Api, at_once

# -- versions ---------------------------------------------------------------------------------------


def test_a_deployment_makes_a_version(api: Api) -> None:
    action = create(api, secrets=[{"name": "A", "value": "1"}])
    get(api, action)
    version = deploy(api, action)
    assert (version["number"], version["deployed"], version["status"]) == (1, False, "built")
    assert version["action"]["id"] == action["id"]
    assert "code" not in version["action"]
    shown = get(api, action)
    assert shown["all_changes_deployed"] is True
    assert shown["deployed_version"]["id"] == version["id"]
    assert shown["deployed_version"]["deployed"] is True
    assert shown["current_version"]["status"] == "BUILT"
    assert shown["current_version"]["number"] == 1
    assert shown["current_version"]["build_time"] == shown["deployed_version"]["built_at"]


def test_a_change_leaves_the_deployed_version_alone(api: Api, running_sandbox: RunningSandbox) -> None:
    action = create(api, secrets=[{"name": "A", "value": "old"}])
    get(api, action)
    deploy(api, action)
    path = f"/actions/actions/{action['id']}"
    api.patch(path, {"code": "// new", "secrets": [{"name": "A", "value": "new"}]})
    shown = get(api, action)
    assert shown["code"] == "// new"
    assert shown["all_changes_deployed"] is False
    assert shown["deployed_version"]["code"] == CODE
    stored = running_sandbox.sandbox.store.get("actions", action["id"])
    assert stored is not None
    assert stored["_deployed"]["secrets"] == [{"name": "A", "value": "old"}]
    deploy(api, action)
    stored = running_sandbox.sandbox.store.get("actions", action["id"])
    assert stored is not None
    assert stored["_deployed"]["secrets"] == [{"name": "A", "value": "new"}]
    assert (stored["_deployed"]["number"], stored["_deployed"]["trigger"]) == (2, "post-login")


def test_versions_are_listed_newest_first_and_one_is_deployed(api: Api) -> None:
    action = create(api)
    for number in range(3):
        api.patch(f"/actions/actions/{action['id']}", {"code": f"// {number}"})
        get(api, action)
        deploy(api, action)
    listed = api.get(f"/actions/actions/{action['id']}/versions")
    assert [version["number"] for version in listed["versions"]] == [3, 2, 1]
    assert [version["deployed"] for version in listed["versions"]] == [True, False, False]
    assert listed["total"] == 3
    one = api.get(f"/actions/actions/{action['id']}/versions/{listed['versions'][1]['id']}")
    assert one["code"] == "// 1"


def test_an_older_version_can_be_deployed_again(api: Api) -> None:
    action = create(api)
    get(api, action)
    first = deploy(api, action)
    api.patch(f"/actions/actions/{action['id']}", {"code": "// worse"})
    get(api, action)
    deploy(api, action)
    path = f"/actions/actions/{action['id']}/versions/{first['id']}/deploy"
    assert api.post(path, expect=200)["deployed"] is True
    shown = get(api, action)
    assert shown["deployed_version"]["code"] == CODE
    assert shown["code"] == "// worse"


def test_a_version_belongs_to_its_action(api: Api) -> None:
    one, two = create(api, "one"), create(api, "two")
    get(api, one)
    version = deploy(api, one)
    answer = api.get(f"/actions/actions/{two['id']}/versions/{version['id']}", 404)
    assert answer["message"] == "That action version does not exist."


def test_creating_with_deploy_deploys_at_once(api: Api) -> None:
    action = create(api, deploy=True)
    assert action["deployed_version"]["number"] == 1
    assert get(api, action)["all_changes_deployed"] is True


def test_only_the_last_50_versions_are_kept(api: Api) -> None:
    action = create(api)
    for _ in range(52):
        deploy(api, action)
    listed = api.get(f"/actions/actions/{action['id']}/versions", per_page="100")
    assert [version["number"] for version in listed["versions"]] == list(range(52, 2, -1))


# -- triggers and bindings --------------------------------------------------------------------------


def deployed(api: Api, name: str, **members: Any) -> dict[str, Any]:
    return create(api, name, deploy=True, **members)


def test_triggers_of_entities_have_no_list_of_their_own(api: Api) -> None:
    triggers = {trigger["id"]: trigger for trigger in api.get("/actions/triggers")["triggers"]}
    assert triggers["custom-token-exchange"]["binding_policy"] == "entity-bound"
    assert triggers["post-login"]["binding_policy"] == "trigger-bound"


def test_bindings_replace_the_whole_ordered_list(api: Api) -> None:
    one, two, three = (deployed(api, name) for name in ("one", "two", "three"))
    first = bind(api, one, two)
    assert bound(api) == ["one", "two"]
    second = bind(api, three, one)
    assert bound(api) == ["three", "one"]
    assert {binding["id"] for binding in first}.isdisjoint(binding["id"] for binding in second)
    assert bind(api) == []
    assert bound(api) == []


def test_a_binding_shows_what_is_deployed(api: Api) -> None:
    (binding,) = bind(api, deployed(api, "one"))
    assert binding["trigger_id"] == "post-login"
    assert binding["display_name"] == "one"
    assert binding["action"]["deployed_version"]["deployed"] is True
    assert binding["action"]["all_changes_deployed"] is False
    assert not {"code", "secrets", "status"} & set(binding["action"])


def test_triggers_have_lists_of_their_own(api: Api) -> None:
    exchange = deployed(api, "exchange", supported_triggers=[{"id": "credentials-exchange"}])
    bind(api, deployed(api, "one"))
    bind(api, exchange, trigger="credentials-exchange")
    assert (bound(api), bound(api, "credentials-exchange")) == (["one"], ["exchange"])


def test_paging_bindings_ends(api: Api) -> None:
    bind(api, deployed(api, "one"))
    first = api.get("/actions/triggers/post-login/bindings", page="0", per_page="100")
    second = api.get("/actions/triggers/post-login/bindings", page="1", per_page="100")
    assert (first["total"], len(first["bindings"])) == (1, 1)
    assert second == {"bindings": [], "page": 1, "per_page": 100}


@pytest.mark.parametrize("kind", ["action_id", "action_name", "binding_id"])
def test_an_action_is_referred_to_in_three_ways(api: Api, kind: str) -> None:
    action = deployed(api, "one")
    (binding,) = bind(api, action)
    value = {"action_id": action["id"], "action_name": "one", "binding_id": binding["id"]}[kind]
    body = {"bindings": [{"ref": {"type": kind, "value": value}}]}
    (again,) = api.patch("/actions/triggers/post-login/bindings", body)["bindings"]
    assert again["action"]["id"] == action["id"]
    assert again["display_name"] == "one"


def test_only_what_is_deployed_and_fits_can_be_bound(api: Api) -> None:
    draft = create(api, "draft")
    exchange = deployed(api, "exchange", supported_triggers=[{"id": "credentials-exchange"}])
    kept = deployed(api, "kept")
    bind(api, kept)

    def refused(identifier: str) -> str:
        body = {"bindings": [{"ref": {"type": "action_id", "value": identifier}}]}
        return str(api.patch("/actions/triggers/post-login/bindings", body, 400)["message"])

    assert "has not been deployed yet" in refused(draft["id"])
    assert "does not support the trigger" in refused(exchange["id"])
    assert "does not exist" in refused("09ee2b9b-282d-4a65-87d1-f01adf007745")
    assert bound(api) == ["kept"]


def test_an_action_is_bound_once_per_trigger(api: Api) -> None:
    action = deployed(api, "one")
    ref = {"ref": {"type": "action_id", "value": action["id"]}}
    api.patch("/actions/triggers/post-login/bindings", {"bindings": [ref, ref]}, 400)


def test_unknown_and_entity_bound_triggers_have_no_list(api: Api) -> None:
    assert api.get("/actions/triggers/nonsense/bindings", 404)["statusCode"] == 404
    answer = api.get("/actions/triggers/custom-token-exchange/bindings", 400)
    assert answer["message"] == "cannot list action bindings for an entity-bound trigger"


def test_a_bound_action_can_not_be_deleted(api: Api) -> None:
    action = deployed(api, "one")
    bind(api, action)
    answer = api.delete(f"/actions/actions/{action['id']}", expect=409)
    assert answer == {
        "statusCode": 409,
        "error": "Conflict",
        "message": "Unable to delete an action bound to a trigger.",
    }
    bind(api)
    api.delete(f"/actions/actions/{action['id']}")
    api.get(f"/actions/actions/{action['id']}", 404)


def test_force_unbinds_and_deletes(api: Api, running_sandbox: RunningSandbox) -> None:
    one, two = deployed(api, "one"), deployed(api, "two")
    bind(api, one, two)
    api.delete(f"/actions/actions/{one['id']}", force="true")
    assert bound(api) == ["two"]
    assert [version["_action_id"] for version in running_sandbox.sandbox.store.all("action_versions")] == [
        two["id"]
    ]


# -- two at once ------------------------------------------------------------------------------------


def test_patches_of_different_members_at_once_are_all_kept(api: Api, running_sandbox: RunningSandbox) -> None:
    action = create(api)
    path = f"/actions/actions/{action['id']}"
    changes = [{"code": "// new"}, {"runtime": "node18"}, {"secrets": [{"name": "A", "value": "1"}]}]
    at_once(running_sandbox, [("PATCH", path, change) for change in changes])
    shown = get(api, action)
    assert (shown["code"], shown["runtime"]) == ("// new", "node18")
    assert [secret["name"] for secret in shown["secrets"]] == ["A"]


def test_of_two_creations_with_one_name_one_is_refused(api: Api, running_sandbox: RunningSandbox) -> None:
    running_sandbox.sandbox.switches.action_build_checks_syntax = True
    body = {"name": "same", "supported_triggers": POST_LOGIN, "code": CODE}
    statuses = at_once(running_sandbox, [("POST", "/actions/actions", body)] * 4)
    assert sorted(statuses) == [201, 409, 409, 409]
    assert len(api.get("/actions/actions")["actions"]) == 1


def test_deployments_at_once_number_their_versions_apart(api: Api, running_sandbox: RunningSandbox) -> None:
    action = create(api)
    get(api, action)
    path = f"/actions/actions/{action['id']}"
    assert at_once(running_sandbox, [("POST", f"{path}/deploy", None)] * 5) == [200] * 5
    listed = api.get(f"{path}/versions")["versions"]
    assert [version["number"] for version in listed] == [5, 4, 3, 2, 1]
    assert [version["deployed"] for version in listed] == [True, False, False, False, False]
