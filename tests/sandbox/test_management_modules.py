"""Action modules: drafts and versions, and the Actions that use them."""

import json
from typing import Any

import pytest

from sandbox.management.actions import checks

from .actions_api import CODE, POST_LOGIN
from .tenant_driver import Tenant, problem

MODULES = "/actions/modules"
GREET = {"name": "greeter", "code": "module.exports = { greet: () => 'hello' };"}


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


def published(tenant: Tenant, name: str = "greeter", **members: Any) -> Any:
    return tenant.post(MODULES, {**GREET, "name": name, "publish": True, **members})


def reference(module: Any) -> dict[str, str]:
    return {"module_id": module["id"], "module_version_id": module["latest_version"]["id"]}


def action(tenant: Tenant, *modules: Any, expect: int = 201) -> Any:
    body = {"name": "user", "supported_triggers": POST_LOGIN, "code": CODE}
    return tenant.post(
        "/actions/actions", {**body, "modules": [reference(module) for module in modules]}, expect
    )


def test_a_new_module_has_auth0_s_shape(tenant: Tenant) -> None:
    made = tenant.post(MODULES, GREET)
    assert made.items() >= {**GREET, "dependencies": [], "secrets": []}.items()
    assert (made["all_changes_published"], made["actions_using_module_total"]) == (False, 0)
    assert "latest_version" not in made
    assert len(made["created_at"]) == len("2026-02-16T16:36:38.725267Z")
    assert tenant.get(f"{MODULES}/{made['id']}") == made


def test_publishing_makes_a_version_of_the_draft(tenant: Tenant) -> None:
    made = tenant.post(MODULES, GREET)
    path = f"{MODULES}/{made['id']}"
    first = tenant.post(f"{path}/versions", expect=200)
    assert (first["module_id"], first["version_number"]) == (made["id"], 1)
    shown = tenant.get(path)
    assert shown["all_changes_published"] is True
    assert shown["latest_version"] == {
        key: first[key] for key in ("id", "version_number", "code", "dependencies", "secrets")
    }
    changed = tenant.patch(path, {"code": "// new"})
    assert (changed["all_changes_published"], changed["latest_version"]["code"]) == (False, GREET["code"])
    second = tenant.post(f"{path}/versions", expect=200)
    assert [version["id"] for version in tenant.get(f"{path}/versions")["versions"]] == [
        second["id"],
        first["id"],
    ]
    assert tenant.get(f"{path}/versions/{first['id']}") == first


def test_a_list_of_versions_ends_with_zeroes(tenant: Tenant) -> None:
    path = f"{MODULES}/{published(tenant)['id']}/versions"
    first = tenant.get(f"{path}?page=0&per_page=50")
    assert (first["total"], first["page"], first["per_page"]) == (1, 0, 50)
    last = {"versions": [], "total": 0, "page": 1, "per_page": 50}
    assert tenant.get(f"{path}?page=1&per_page=50") == last


def test_a_draft_that_is_changed_back_is_published(tenant: Tenant) -> None:
    made = published(tenant)
    path = f"{MODULES}/{made['id']}"
    assert tenant.patch(path, {"code": "// new"})["all_changes_published"] is False
    assert tenant.patch(path, {"code": GREET["code"]})["all_changes_published"] is True


def test_rolling_back_brings_a_version_into_the_draft(tenant: Tenant) -> None:
    made = published(tenant, secrets=[{"name": "KEY", "value": "one"}])
    path = f"{MODULES}/{made['id']}"
    tenant.patch(path, {"code": "// new", "secrets": []})
    tenant.post(f"{path}/versions", expect=200)
    body = {"module_version_id": made["latest_version"]["id"]}
    rolled = tenant.post(f"{path}/rollback", body, 200)
    assert (rolled["code"], [secret["name"] for secret in rolled["secrets"]]) == (GREET["code"], ["KEY"])
    assert (rolled["latest_version"]["version_number"], rolled["all_changes_published"]) == (2, False)
    tenant.post(f"{path}/rollback", {"module_version_id": "none"}, 404)


def test_no_answer_holds_a_secret_s_value(tenant: Tenant) -> None:
    made = published(tenant, secrets=[{"name": "KEY", "value": "top-secret"}])
    action(tenant, made)
    path = f"{MODULES}/{made['id']}"
    answers = [made, tenant.get(MODULES), tenant.get(path), tenant.get(f"{path}/versions")]
    assert "top-secret" not in json.dumps([*answers, tenant.get("/actions/actions")])


def test_actions_name_a_version_and_are_listed_by_the_module(tenant: Tenant) -> None:
    made = published(tenant)
    user = action(tenant, made)
    use = {**reference(made), "module_name": "greeter", "module_version_number": 1}
    assert user["modules"] == [use]
    listed = tenant.get(f"{MODULES}/{made['id']}/actions")
    assert (listed["total"], listed["per_page"]) == (1, 50)
    assert listed["actions"] == [
        {
            "action_id": user["id"],
            "action_name": "user",
            "module_version_id": use["module_version_id"],
            "module_version_number": 1,
            "supported_triggers": POST_LOGIN,
        }
    ]
    assert tenant.get(f"{MODULES}/{made['id']}")["actions_using_module_total"] == 1


def test_a_deployed_action_keeps_the_version_it_was_deployed_with(tenant: Tenant) -> None:
    made = published(tenant, secrets=[{"name": "KEY", "value": "one"}])
    user = action(tenant, made)
    tenant.get(f"/actions/actions/{user['id']}")
    tenant.post(f"/actions/actions/{user['id']}/deploy", expect=200)
    tenant.patch(f"{MODULES}/{made['id']}", {"code": "// new"})
    tenant.post(f"{MODULES}/{made['id']}/versions", expect=200)
    stored = tenant.sandbox.store.get("actions", user["id"])
    assert stored is not None
    assert stored["_deployed"]["modules"] == {"greeter": {"code": GREET["code"], "secrets": {"KEY": "one"}}}
    shown = tenant.get(f"/actions/actions/{user['id']}")
    assert shown["deployed_version"]["modules"][0]["module_version_number"] == 1


def test_a_module_in_use_can_not_be_deleted(tenant: Tenant) -> None:
    made = published(tenant)
    user = action(tenant, made)
    tenant.delete(f"{MODULES}/{made['id']}", expect=412)
    tenant.patch(f"/actions/actions/{user['id']}", {"modules": []})
    tenant.delete(f"{MODULES}/{made['id']}")
    tenant.get(f"{MODULES}/{made['id']}", 404)
    assert tenant.sandbox.store.all("action_module_versions") == []


def test_an_action_refers_to_versions_that_exist(tenant: Tenant) -> None:
    one, two = published(tenant, "one"), published(tenant, "two")
    mixed = {"id": one["id"], "latest_version": two["latest_version"]}
    answer = action(tenant, mixed, expect=400)
    assert "has no version" in answer["message"]
    tenant.get("/actions/actions/none", 404)


def test_an_action_has_three_modules_at_most(tenant: Tenant) -> None:
    modules = [published(tenant, f"m{number}") for number in range(4)]
    answer = action(tenant, *modules, expect=400)
    assert problem(answer) == "'Array is too long (4), maximum 3' on property modules."
    action(tenant, *modules[:3])


def test_names_are_unique_and_can_not_be_changed(tenant: Tenant) -> None:
    made = tenant.post(MODULES, GREET)
    assert tenant.post(MODULES, GREET, 409)["statusCode"] == 409
    answer = tenant.patch(f"{MODULES}/{made['id']}", {"name": "other"}, 400)
    assert problem(answer) == "'Additional properties not allowed: name'."


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"code": "x" * 100_001}, "String is too long (100001 chars), maximum 100000"),
        ({"dependencies": [{"name": "a", "version": "1"}] * 11}, "Array is too long (11), maximum 10"),
        ({"secrets": [{"name": "a", "value": "b"}] * 31}, "Array is too long (31), maximum 30"),
        ({"secrets": [{"name": "a", "value": "b"}] * 2}, "Secret names are not unique: a"),
    ],
)
def test_limits_are_those_of_actions(tenant: Tenant, members: dict[str, Any], words: str) -> None:
    assert words in tenant.post(MODULES, {**GREET, **members}, 400)["message"]


def test_a_tenant_has_a_hundred_modules_and_a_hundred_actions(tenant: Tenant) -> None:
    for number in range(checks.MOST):
        tenant.sandbox.store.put("action_modules", str(number), {"id": str(number), "name": str(number)})
        tenant.sandbox.store.put(
            "actions", str(number), {"name": str(number), "supported_triggers": [{"id": "x"}]}
        )
    assert tenant.post(MODULES, GREET, 403)["errorCode"] == "too_many_entities"
    assert action(tenant, expect=403)["errorCode"] == "too_many_entities"
    tenant.sandbox.store.delete("action_modules", "7")
    tenant.post(MODULES, GREET)
