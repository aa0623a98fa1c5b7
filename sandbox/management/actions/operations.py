"""The operations of /actions/actions."""

from typing import Any

from ...errors import conflict, invalid_body, refusal
from ...store import Doc
from .. import paging
from ..documents import find
from ..routing import Answer, Call, Operation
from . import bindings, schema, states, triggers, versions, views

KIND = "actions"
_DEFAULT_RUNTIME = "node22"
missing = versions.missing_action


def list_actions(call: Call) -> Answer:
    found = [views.action(action) for action in call.sandbox.store.all(KIND) if _listed(call, action)]
    return paging.actions(call, KIND, found)


def _listed(call: Call, action: Doc) -> bool:
    trigger, deployed = call.query.get("triggerId"), paging.flag(call, "deployed")
    return (
        call.query.get("actionName") in (None, action["name"])
        and (trigger is None or any(known["id"] == trigger for known in action["supported_triggers"]))
        and (deployed is None or (action["_deployed"] is not None) == deployed)
    )


def get_action(call: Call) -> Answer:
    action = find(call, KIND, missing())
    if states.advance(call.sandbox, action):
        call.sandbox.store.put(KIND, action["id"], action)
    return Answer(views.action(action))


async def create_action(call: Call) -> Answer:
    body, sandbox = call.body, call.sandbox
    _check_code(body)
    problem = await _problem(call, body.get("code"))
    _check_name(call, body["name"])
    _check_only(call, body["supported_triggers"])
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
        "_secrets": _secrets(call, body.get("secrets", []), []),
        "_deployed": None,
    }
    if "modules" in body:
        action["modules"] = body["modules"]
    states.start(sandbox, action, problem)
    sandbox.store.put(KIND, action["id"], action)
    shown = views.action(action)
    if body.get("deploy"):
        action["status"] = "built"
        action.pop("_build")
        versions.deploy(sandbox, action)
        shown = views.action(action)
    return Answer(shown, 201)


async def update_action(call: Call) -> Answer:
    """Lists are replaced when sent and kept when not; what is deployed stays deployed."""
    body = call.body
    _check_code(body)
    problem = await _problem(call, body.get("code"))
    action = find(call, KIND, missing())
    if body.get("name", action["name"]) != action["name"]:
        _check_name(call, body["name"])
    if "supported_triggers" in body:
        _check_trigger(action, body["supported_triggers"])
        action["supported_triggers"] = _with_versions(body["supported_triggers"])
    action |= {
        name: body[name] for name in ("name", "code", "dependencies", "runtime", "modules") if name in body
    }
    if "secrets" in body:
        action["_secrets"] = _secrets(call, body["secrets"], action["_secrets"])
    action["all_changes_deployed"] = False
    action["updated_at"] = views.timestamp(call.sandbox.clock, call.sandbox.ids)
    action.pop("errors", None)
    states.start(call.sandbox, action, problem)
    call.sandbox.store.put(KIND, action["id"], action)
    return Answer(views.action(action))


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


async def _problem(call: Call, code: str | None) -> str | None:
    if code is None or not call.sandbox.switches.action_build_checks_syntax:
        return None
    return await call.sandbox.runner.check(code)


def _check_code(body: Doc) -> None:
    size = len(body.get("code", "").encode())
    if size > schema.CODE_BYTES:
        raise invalid_body(
            f"Payload validation error: 'String is too long ({size} chars), maximum {schema.CODE_BYTES}'"
            " on property code (The source code of the action)."
        )


def _check_name(call: Call, name: str) -> None:
    if any(action["name"] == name for action in call.sandbox.store.all(KIND)):
        raise conflict(f"An action with the name '{name}' already exists.")


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
    return [{"version": triggers.TRIGGERS[trigger["id"]], **trigger} for trigger in wanted]


def _secrets(call: Call, given: list[Doc], known: list[Doc]) -> list[dict[str, Any]]:
    """The new list of secrets; one sent without a value keeps the value it had."""
    now = call.sandbox.clock.iso()
    before = {secret["name"]: secret for secret in known}
    names = [secret["name"] for secret in given]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise invalid_body(f"Payload validation error: 'Secret names are not unique: {repeated}'.")
    kept: list[dict[str, Any]] = []
    for secret in given:
        old = before.get(secret["name"])
        value = secret.get("value")
        if old is not None and value in (None, old["value"]):
            kept.append(old)
        else:
            kept.append({"name": secret["name"], "value": value or "", "updated_at": now})
    return kept


OPERATIONS = (
    Operation("GET", "/actions/actions", list_actions, ("read:actions",)),
    Operation("POST", "/actions/actions", create_action, ("create:actions",), schema.CREATE),
    Operation("GET", "/actions/actions/{id}", get_action, ("read:actions",)),
    Operation("PATCH", "/actions/actions/{id}", update_action, ("update:actions",), schema.UPDATE),
    Operation("DELETE", "/actions/actions/{id}", delete_action, ("delete:actions",)),
    *versions.OPERATIONS,
    *triggers.OPERATIONS,
    *bindings.OPERATIONS,
)
