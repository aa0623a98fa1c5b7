"""Actions: drafts, builds, lists, and what may never be read back."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.testing import RunningSandbox

from .actions_api import CODE, POST_LOGIN, create, deploy, get
from .api import Api

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
