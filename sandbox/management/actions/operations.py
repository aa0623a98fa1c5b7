"""The operations of /actions/actions."""

from ...errors import conflict, refusal
from ...store import Doc
from .. import paging
from ..documents import find
from ..routing import Answer, Call, Operation
from . import (
    bindings,
    build,
    checks,
    executions,
    module_versions,
    modules,
    schema,
    secrets,
    states,
    testing,
    triggers,
    versions,
    views,
)

KIND = "actions"
_DEFAULT_RUNTIME = "node22"
missing = versions.missing_action


def list_actions(call: Call) -> Answer:
    """Unlike other lists it does not know include_totals (github.com/auth0/auth0-deploy-cli)."""
    if "include_totals" in call.query:
        raise paging.invalid_query("Additional properties not allowed: include_totals")
    found = [action for action in call.sandbox.store.all(KIND) if _listed(call, action)]
    return paging.actions(call, KIND, found, views.action)


def _listed(call: Call, action: Doc) -> bool:
    trigger, deployed = call.query.get("triggerId"), paging.flag(call, "deployed")
    return (
        call.query.get("actionName") in (None, action["name"])
        and (trigger is None or any(known["id"] == trigger for known in action["supported_triggers"]))
        and (deployed is None or (action["_deployed"] is not None) == deployed)
        # None comes from the marketplace.
        and paging.flag(call, "installed") is not True
    )


def get_action(call: Call) -> Answer:
    action = find(call, KIND, missing())
    if states.advance(call.sandbox, action):
        call.sandbox.store.put(KIND, action["id"], action)
    return Answer(views.action(action))


async def create_action(call: Call) -> Answer:
    body, sandbox = call.body, call.sandbox
    checks.check_code(body, "action")
    now = views.timestamp(sandbox.clock, sandbox.ids)
    action: Doc = {
        "id": sandbox.ids.uuid(),
        "name": body["name"],
        "supported_triggers": _with_versions(body["supported_triggers"]),
        "created_at": now,
        "updated_at": now,
        "code": body.get("code", ""),
        "dependencies": body.get("dependencies", []),
        "runtime": body.get("runtime", _DEFAULT_RUNTIME),
        "all_changes_deployed": False,
        "_secrets": secrets.merged(call, body.get("secrets", []), []),
        "_deployed": None,
        **_modules(call),
    }
    problem = await build.problem(call, action, body)
    # Only now: nothing may come between these checks and the write.
    checks.check_name(call, KIND, "action", body["name"])
    checks.check_number(call, KIND)
    _check_only(call, body["supported_triggers"])
    states.start(sandbox, action, problem)
    with sandbox.store.atomic():
        sandbox.store.put(KIND, action["id"], action)
        if body.get("deploy") and problem is None:
            action["status"] = "built"
            action.pop("_build")
            versions.deploy(sandbox, action)
    return Answer(views.action(action), 201)


async def update_action(call: Call) -> Answer:
    """Lists are replaced when sent and kept when not; what is deployed stays deployed."""
    body = call.body
    checks.check_code(body, "action")
    planned = {"dependencies": find(call, KIND, missing())["dependencies"], **body}
    problem = await build.problem(call, planned, body)
    # Read again: another call may have changed it during the check.
    action = find(call, KIND, missing())
    if body.get("name", action["name"]) != action["name"]:
        checks.check_name(call, KIND, "action", body["name"])
    if "supported_triggers" in body:
        _check_trigger(action, body["supported_triggers"])
        action["supported_triggers"] = _with_versions(body["supported_triggers"])
    action |= {name: body[name] for name in ("name", "code", "dependencies", "runtime") if name in body}
    action |= _modules(call)
    if "secrets" in body:
        action["_secrets"] = secrets.merged(call, body["secrets"], action["_secrets"])
    action["all_changes_deployed"] = False
    action["updated_at"] = views.timestamp(call.sandbox.clock, call.sandbox.ids)
    action.pop("errors", None)
    states.start(call.sandbox, action, problem)
    call.sandbox.store.put(KIND, action["id"], action)
    return Answer(views.action(action))


def _modules(call: Call) -> Doc:
    if "modules" not in call.body:
        return {}
    return {"modules": module_versions.references(call, call.body["modules"])}


def delete_action(call: Call) -> Answer:
    """409 while bound, unless `force=true`, which unbinds it first."""
    action = find(call, KIND, missing())
    if bindings.is_bound(call.sandbox, action["id"]) and paging.flag(call, "force") is not True:
        raise conflict("Unable to delete an action bound to a trigger.")
    with call.sandbox.store.atomic():
        bindings.unbind(call.sandbox, action["id"])
        versions.forget(call.sandbox, action["id"])
        call.sandbox.store.delete(KIND, action["id"])
    return Answer(status=204)


def _check_only(call: Call, wanted: list[Doc]) -> None:
    """A tenant's custom provider is one Action at most, bound or not.

    The words: support.auth0.com, "End-of-Life Rollout for Multiple Custom Phone/Email Provider Actions".
    """
    trigger = wanted[0]["id"]
    if trigger not in triggers.SINGLE:
        return
    if any(known["supported_triggers"][0]["id"] == trigger for known in call.sandbox.store.all(KIND)):
        code = f"actions_cardinality_{trigger.replace('-', '_')}_not_allowed"
        raise refusal(403, f"{trigger} can only have one supported Action", code)


def _check_trigger(action: Doc, wanted: list[Doc]) -> None:
    if wanted[0]["id"] != action["supported_triggers"][0]["id"]:
        # The words of the real refusal: github.com/auth0/auth0-cli/issues/462
        raise refusal(400, "can't upgrade to this trigger")


def _with_versions(wanted: list[Doc]) -> list[Doc]:
    """The triggers as they are kept, of the current version where none is said; Auth0Error 400 for another.

    The words of the refusal are not documented.
    """
    for trigger in wanted:
        if trigger.get("version") not in (None, *triggers.versions(trigger["id"])):
            raise refusal(400, f"The trigger '{trigger['id']}' has no version '{trigger['version']}'.")
    return [{"version": triggers.TRIGGERS[trigger["id"]], **trigger} for trigger in wanted]


OPERATIONS = (
    Operation("GET", "/actions/actions", list_actions, ("read:actions",)),
    Operation("POST", "/actions/actions", create_action, ("create:actions",), schema.CREATE),
    Operation("GET", "/actions/actions/{id}", get_action, ("read:actions",)),
    Operation("PATCH", "/actions/actions/{id}", update_action, ("update:actions",), schema.UPDATE),
    Operation("DELETE", "/actions/actions/{id}", delete_action, ("delete:actions",)),
    *versions.OPERATIONS,
    *testing.OPERATIONS,
    *executions.OPERATIONS,
    *modules.OPERATIONS,
    *triggers.OPERATIONS,
    *bindings.OPERATIONS,
)
