"""Actions: drafts, builds, versions, bindings, and what may never be read back."""

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.testing import RunningSandbox

from .api import Api

POST_LOGIN = [{"id": "post-login", "version": "v3"}]
CODE = "exports.onExecutePostLogin = async (event, api) => {};"


def create(api: Api, name: str = "verify", **members: Any) -> dict[str, Any]:
    action: dict[str, Any] = api.post(
        "/actions/actions", {"name": name, "supported_triggers": POST_LOGIN, "code": CODE, **members}
    )
    return action


def get(api: Api, action: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"/actions/actions/{action['id']}")
    return answer


def deploy(api: Api, action: dict[str, Any]) -> dict[str, Any]:
    version: dict[str, Any] = api.post(f"/actions/actions/{action['id']}/deploy", expect=200)
    return version


def bind(api: Api, *actions: dict[str, Any], trigger: str = "post-login") -> list[dict[str, Any]]:
    wanted = [
        {"ref": {"type": "action_id", "value": action["id"]}, "display_name": action["name"]}
        for action in actions
    ]
    answer = api.patch(f"/actions/triggers/{trigger}/bindings", {"bindings": wanted})
    bindings: list[dict[str, Any]] = answer["bindings"]
    return bindings


def bound(api: Api, trigger: str = "post-login") -> list[str]:
    listed = api.get(f"/actions/triggers/{trigger}/bindings", per_page="100")
    return [binding["action"]["name"] for binding in listed["bindings"]]


# -- drafts -----------------------------------------------------------------------------------------


def test_a_new_action_has_auth0_s_shape(api: Api) -> None:
    action = create(api, secrets=[{"name": "KEY", "value": "hidden"}])
    assert action["status"] == "pending"
    assert action["runtime"] == "node22"
    assert action["dependencies"] == []
    assert action["all_changes_deployed"] is False
    assert action["supported_triggers"] == POST_LOGIN
    assert [set(secret) for secret in action["secrets"]] == [{"name", "updated_at"}]
    assert len(action["created_at"]) == len("2026-05-29T10:30:59.650492329Z")
    assert "deployed_version" not in action
    assert "current_version" not in action


def test_the_version_of_a_trigger_may_be_left_away(api: Api) -> None:
    action = create(api, supported_triggers=[{"id": "credentials-exchange"}])
    assert action["supported_triggers"] == [{"id": "credentials-exchange", "version": "v2"}]


def test_a_draft_is_built_on_its_first_read(api: Api) -> None:
    action = create(api)
    assert get(api, action)["status"] == "built"


def test_a_build_can_be_made_slow(api: Api, running_sandbox: RunningSandbox) -> None:
    running_sandbox.sandbox.switches.action_build_reads = 3
    running_sandbox.sandbox.switches.action_build_seconds = 5.0
    action = create(api)
    seen = [get(api, action)["status"] for _ in range(4)]
    assert seen == ["building"] * 4
    api.post(f"/actions/actions/{action['id']}/deploy", expect=400)
    running_sandbox.sandbox.clock.advance(5)
    assert get(api, action)["status"] == "built"


def test_a_draft_that_is_not_built_can_not_be_deployed(api: Api, running_sandbox: RunningSandbox) -> None:
    running_sandbox.sandbox.switches.action_build_reads = 9
    action = create(api)
    answer = api.post(f"/actions/actions/{action['id']}/deploy", expect=400)
    assert answer["message"] == "A draft must be in the 'built' state before it can be deployed."


def test_code_with_a_syntax_error_is_built_as_auth0_does(api: Api) -> None:
    """Recorded: an Action whose code ends in a stray quote was built and deployed."""
    action = create(api, code='exports.onContinuePostLogin = async () => {};"\n')
    assert get(api, action)["status"] == "built"


def test_a_switch_makes_a_syntax_error_fail_the_build(api: Api, running_sandbox: RunningSandbox) -> None:
    running_sandbox.sandbox.switches.action_build_checks_syntax = True
    broken = create(api, "broken", code="exports.x = {")
    sound = create(api, "sound")
    failed = get(api, broken)
    assert failed["status"] == "failed"
    assert "SyntaxError" in failed["errors"][0]["msg"]
    assert get(api, sound)["status"] == "built"
    api.post(f"/actions/actions/{broken['id']}/deploy", expect=400)
    api.patch(f"/actions/actions/{broken['id']}", {"code": CODE})
    mended = get(api, broken)
    assert mended["status"] == "built"
    assert "errors" not in mended


def test_names_are_unique(api: Api) -> None:
    create(api, "one")
    other = create(api, "two")
    body = {"name": "one", "supported_triggers": POST_LOGIN}
    assert api.post("/actions/actions", body, 409)["error"] == "Conflict"
    api.patch(f"/actions/actions/{other['id']}", {"name": "one"}, 409)
    api.patch(f"/actions/actions/{other['id']}", {"name": "two"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "String is too short"),
        ({"supported_triggers": []}, "Array is too short"),
        ({"supported_triggers": [{"id": "no-such-trigger", "version": "v1"}]}, "No enum match for"),
        ({"runtime": "node99"}, "No enum match for"),
        ({"secrets": [{"name": f"S{number}", "value": "x"} for number in range(31)]}, "maximum 30"),
        ({"secrets": [{"name": "x" * 129, "value": "x"}]}, "maximum 128"),
        ({"secrets": [{"name": "x", "value": "x" * 4097}]}, "maximum 4096"),
        ({"secrets": [{"name": "x", "value": "1"}, {"name": "x", "value": "2"}]}, "not unique"),
        ({"code": "x" * 100_001}, "maximum 100000"),
        ({"code": "é" * 50_001}, "maximum 100000"),
        ({"dependencies": [{"name": "x", "version": "1"}] * 11}, "maximum 10"),
        ({"unknown": 1}, "Additional properties not allowed: unknown"),
    ],
)
def test_limits_are_kept(api: Api, change: dict[str, Any], message: str) -> None:
    body = {"name": "x", "supported_triggers": POST_LOGIN, "code": CODE, **change}
    answer = api.post("/actions/actions", body, 400)
    assert message in answer["message"]
    assert api.get("/actions/actions")["actions"] == []


def test_code_of_exactly_the_limit_is_accepted(api: Api) -> None:
    create(api, code="x" * 100_000)


def test_a_patch_keeps_what_it_does_not_name(api: Api) -> None:
    action = create(
        api, dependencies=[{"name": "axios", "version": "1.0.0"}], secrets=[{"name": "A", "value": "1"}]
    )
    changed = api.patch(f"/actions/actions/{action['id']}", {"code": "// new"})
    assert changed["code"] == "// new"
    assert changed["dependencies"] == [{"name": "axios", "version": "1.0.0"}]
    assert changed["secrets"] == action["secrets"]
    assert changed["status"] == "pending"
    assert changed["updated_at"] > action["updated_at"]


def test_lists_are_replaced_by_a_patch(api: Api, running_sandbox: RunningSandbox) -> None:
    action = create(api, secrets=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    path = f"/actions/actions/{action['id']}"
    changed = api.patch(path, {"secrets": [{"name": "B"}, {"name": "C", "value": "3"}], "dependencies": []})
    assert [secret["name"] for secret in changed["secrets"]] == ["B", "C"]
    stored = running_sandbox.sandbox.store.get("actions", action["id"])
    assert stored is not None
    assert [secret["value"] for secret in stored["_secrets"]] == ["2", "3"]
    assert api.patch(path, {"secrets": []})["secrets"] == []


def test_only_a_changed_secret_gets_a_new_date(api: Api, running_sandbox: RunningSandbox) -> None:
    action = create(api, secrets=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}])
    running_sandbox.sandbox.clock.advance(60)
    wanted = [{"name": "A", "value": "1"}, {"name": "B", "value": "new"}]
    changed = api.patch(f"/actions/actions/{action['id']}", {"secrets": wanted})
    before = {secret["name"]: secret["updated_at"] for secret in action["secrets"]}
    after = {secret["name"]: secret["updated_at"] for secret in changed["secrets"]}
    assert after["A"] == before["A"]
    assert after["B"] > before["B"]


def test_an_action_can_not_move_to_another_trigger(api: Api) -> None:
    action = create(api)
    wanted = {"supported_triggers": [{"id": "pre-user-registration", "version": "v2"}]}
    answer = api.patch(f"/actions/actions/{action['id']}", wanted, 400)
    assert answer["message"] == "can't upgrade to this trigger"


@given(value=st.text(alphabet=st.characters(codec="utf-8"), min_size=8, max_size=60))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_answer_ever_holds_a_secret_s_value(api: Api, running_sandbox: RunningSandbox, value: str) -> None:
    running_sandbox.reset()
    marked = f"hidden-{value}-hidden"
    action = create(api, secrets=[{"name": "KEY", "value": marked}])
    path = f"/actions/actions/{action['id']}"
    api.get(path)
    answers = [
        api.call("GET", path),
        api.call("POST", f"{path}/deploy"),
        api.call("PATCH", path, {"secrets": [{"name": "KEY", "value": marked}]}),
        api.call("GET", "/actions/actions"),
        api.call("GET", f"{path}/versions"),
    ]
    assert all(answer.status_code == 200 for answer in answers)
    assert all("hidden-" not in answer.text for answer in answers)
    assert not any("value" in secret for answer in answers for secret in secrets_in(answer.json()))


def secrets_in(answer: Any) -> list[dict[str, Any]]:
    if isinstance(answer, list):
        return [found for item in answer for found in secrets_in(item)]
    if not isinstance(answer, dict):
        return []
    here = answer.get("secrets", [])
    return [*here, *(found for item in answer.values() if item is not here for found in secrets_in(item))]


# -- lists ------------------------------------------------------------------------------------------


def test_actions_are_found_by_exact_name_trigger_and_deployment(api: Api) -> None:
    login = create(api, "verify")
    create(api, "verify phone")
    create(api, "exchange", supported_triggers=[{"id": "credentials-exchange", "version": "v2"}])
    get(api, login)
    deploy(api, login)

    def listed(**query: str) -> list[str]:
        return [action["name"] for action in api.get("/actions/actions", **query)["actions"]]

    assert listed() == ["verify", "verify phone", "exchange"]
    assert listed(actionName="verify") == ["verify"]
    assert listed(triggerId="credentials-exchange") == ["exchange"]
    assert listed(deployed="true") == ["verify"]
    assert listed(deployed="false") == ["verify phone", "exchange"]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_action_does_not_exist(api: Api, method: str) -> None:
    answer = Api.answer(api.call(method, "/actions/actions/09ee2b9b-282d-4a65-87d1-f01adf007745", {}), 404)
    assert answer == {"statusCode": 404, "error": "Not Found", "message": "That action does not exist."}


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


def test_triggers_are_listed_with_their_versions(api: Api) -> None:
    triggers = {trigger["id"]: trigger for trigger in api.get("/actions/triggers")["triggers"]}
    assert triggers["post-login"]["version"] == "v3"
    assert triggers["post-login"]["default_runtime"] == "node22"
    assert triggers["custom-token-exchange"]["binding_policy"] == "entity-bound"


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


def at_once(running_sandbox: RunningSandbox, calls: list[tuple[str, str, Any]]) -> list[int]:
    """Send all calls at the same moment, each over its own connection; their statuses in order."""
    start = threading.Barrier(len(calls))
    statuses = [0] * len(calls)

    def send(number: int) -> None:
        with running_sandbox.session() as session:
            api = Api(session, running_sandbox.url, running_sandbox.token())
            start.wait()
            statuses[number] = api.call(*calls[number]).status_code

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses
