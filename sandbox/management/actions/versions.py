"""Deployed versions of an Action: /actions/actions/{id}/deploy and …/versions."""

from ...context import Sandbox
from ...errors import Auth0Error, not_found, refusal
from ...store import Doc
from .. import paging
from ..documents import find, without
from ..routing import Answer, Call, Operation
from . import states, views

KIND = "action_versions"
_ACTIONS = "actions"
# https://auth0.com/docs/troubleshoot/customer-support/operational-policies/entity-limit-policy
_KEPT = 50


def missing() -> Auth0Error:
    return not_found("That action version does not exist.")


def missing_action() -> Auth0Error:
    return not_found("That action does not exist.")


def deploy_draft(call: Call) -> Answer:
    action = find(call, _ACTIONS, missing_action())
    states.advance(call.sandbox, action)
    return Answer(deploy(call.sandbox, action))


def deploy(sandbox: Sandbox, action: Doc) -> Doc:
    """Make the built draft the deployed version; returns the version as the deploy call answers it."""
    if action["status"] != "built":
        raise refusal(400, "A draft must be in the 'built' state before it can be deployed.")
    with sandbox.store.atomic():
        version = _new_version(sandbox, action)
        brief = _before_deploy(action)
        _activate(sandbox, action, version)
        action["all_changes_deployed"] = True
        sandbox.store.put(_ACTIONS, action["id"], action)
        _drop_oldest(sandbox, action)
    return {**without(views.version(version), ("built_at",)), "deployed": False, "action": brief}


def _new_version(sandbox: Sandbox, action: Doc) -> Doc:
    now = views.timestamp(sandbox.clock, sandbox.ids)
    earlier = _versions(sandbox, action["id"])
    version: Doc = {
        "code": action["code"],
        "dependencies": action["dependencies"],
        "id": sandbox.ids.uuid(),
        "deployed": False,
        "number": 1 + max((version["number"] for version in earlier), default=0),
        "built_at": now,
        "status": "built",
        "created_at": now,
        "updated_at": now,
        "runtime": action["runtime"],
        "supported_triggers": action["supported_triggers"],
        "_action_id": action["id"],
        "_secrets": action["_secrets"],
    }
    if "modules" in action:
        version["modules"] = action["modules"]
    sandbox.store.put(KIND, version["id"], version)
    return version


def _before_deploy(action: Doc) -> Doc:
    return without(views.brief(action), ("current_version", "deployed_version", "installed_integration_id"))


def _activate(sandbox: Sandbox, action: Doc, version: Doc) -> None:
    action["current_version"] = views.current(version)
    action["deployed_version"] = views.deployed(version)
    action["_deployed"] = {
        "id": version["id"],
        "number": version["number"],
        "code": version["code"],
        "secrets": [{"name": secret["name"], "value": secret["value"]} for secret in version["_secrets"]],
        "dependencies": version["dependencies"],
        "runtime": version["runtime"],
        "trigger": action["supported_triggers"][0]["id"],
    }
    for other in _versions(sandbox, action["id"]):
        if other["deployed"] != (other["id"] == version["id"]):
            sandbox.store.put(KIND, other["id"], {**other, "deployed": not other["deployed"]})


def _drop_oldest(sandbox: Sandbox, action: Doc) -> None:
    for version in _versions(sandbox, action["id"])[:-_KEPT]:
        if not version["deployed"]:
            sandbox.store.delete(KIND, version["id"])


def _versions(sandbox: Sandbox, action_id: str) -> list[Doc]:
    return [version for version in sandbox.store.all(KIND) if version["_action_id"] == action_id]


def forget(sandbox: Sandbox, action_id: str) -> None:
    for version in _versions(sandbox, action_id):
        sandbox.store.delete(KIND, version["id"])


def list_versions(call: Call) -> Answer:
    """The newest first."""
    action = find(call, _ACTIONS, missing_action())
    newest = reversed(_versions(call.sandbox, action["id"]))
    return paging.actions(call, "versions", [_shown(version, action) for version in newest])


def get_version(call: Call) -> Answer:
    action, version = _find(call)
    return Answer(_shown(version, action))


def deploy_version(call: Call) -> Answer:
    """Roll back: an older version becomes the deployed one again, under its own number."""
    action, version = _find(call)
    with call.sandbox.store.atomic():
        _activate(call.sandbox, action, version)
        action["all_changes_deployed"] = False
        call.sandbox.store.put(_ACTIONS, action["id"], action)
    return Answer({**_shown(version, action), "deployed": True})


def _find(call: Call) -> tuple[Doc, Doc]:
    action = find(call, _ACTIONS, missing_action())
    version = find(call, KIND, missing(), "version")
    if version["_action_id"] != action["id"]:
        raise missing()
    return action, version


def _shown(version: Doc, action: Doc) -> Doc:
    return {**views.version(version), "action": _before_deploy(action)}


OPERATIONS = (
    Operation("POST", "/actions/actions/{id}/deploy", deploy_draft, ("update:actions",)),
    Operation("GET", "/actions/actions/{id}/versions", list_versions, ("read:actions",)),
    Operation("GET", "/actions/actions/{id}/versions/{version}", get_version, ("read:actions",)),
    Operation("POST", "/actions/actions/{id}/versions/{version}/deploy", deploy_version, ("update:actions",)),
)
