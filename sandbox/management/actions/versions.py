"""Deployed versions of an Action: /actions/actions/{id}/deploy and …/versions."""

from ...context import Sandbox
from ...errors import Auth0Error, not_found, refusal
from ...store import Doc
from .. import paging
from ..documents import find, without
from ..routing import Answer, Call, Operation
from ..schema import flag, nullable, record
from . import module_versions, states, views

KIND = "action_versions"
_ACTIONS = "actions"
# https://auth0.com/docs/troubleshoot/customer-support/operational-policies/entity-limit-policy
_KEPT = 50
_CONTENT = ("code", "dependencies", "runtime", "modules", "_secrets")


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
        brief = _before_deploy(action)
        version = _add(sandbox, action, _content(action))
        action["all_changes_deployed"] = True
        sandbox.store.put(_ACTIONS, action["id"], action)
        _drop_oldest(sandbox, action)
    return {**without(views.version(version), ("built_at",)), "deployed": False, "action": brief}


def _content(source: Doc) -> Doc:
    """What a version takes over, of a draft or of an earlier version."""
    return {name: source[name] for name in _CONTENT if name in source}


def _add(sandbox: Sandbox, action: Doc, content: Doc) -> Doc:
    version = _new_version(sandbox, action, content)
    _activate(sandbox, action, version)
    return version


def _new_version(sandbox: Sandbox, action: Doc, content: Doc) -> Doc:
    now = views.timestamp(sandbox.clock, sandbox.ids)
    earlier = _versions(sandbox, action["id"])
    version: Doc = {
        **content,
        "id": sandbox.ids.uuid(),
        "deployed": False,
        "number": 1 + max((version["number"] for version in earlier), default=0),
        "built_at": now,
        "status": "built",
        "created_at": now,
        "updated_at": now,
        "supported_triggers": action["supported_triggers"],
        "_action_id": action["id"],
    }
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
        "modules": module_versions.code(sandbox, version),
    }
    for other in _versions(sandbox, action["id"]):
        if other["deployed"] != (other["id"] == version["id"]):
            sandbox.store.put(KIND, other["id"], {**other, "deployed": not other["deployed"]})


def _drop_oldest(sandbox: Sandbox, action: Doc) -> None:
    for version in _versions(sandbox, action["id"])[:-_KEPT]:
        if not version["deployed"]:
            sandbox.store.delete(KIND, version["id"])


def _versions(sandbox: Sandbox, action_id: str) -> list[Doc]:
    return sandbox.store.where(KIND, "_action_id", action_id)


def forget(sandbox: Sandbox, action_id: str) -> None:
    for version in _versions(sandbox, action_id):
        sandbox.store.delete(KIND, version["id"])


def list_versions(call: Call) -> Answer:
    """The newest first."""
    action = find(call, _ACTIONS, missing_action())
    newest = _versions(call.sandbox, action["id"])[::-1]
    return paging.actions(call, "versions", newest, lambda version: _shown(version, action))


def get_version(call: Call) -> Answer:
    action, version = _find(call)
    return Answer(_shown(version, action))


def deploy_version(call: Call) -> Answer:
    """Roll back: a new version like the older one is deployed; with `update_draft` it is the draft too."""
    action, version = _find(call)
    with call.sandbox.store.atomic():
        deployed = _add(call.sandbox, action, _content(version))
        if (call.body or {}).get("update_draft"):
            action |= _content(version)
        action["all_changes_deployed"] = _content(action) == _content(version)
        call.sandbox.store.put(_ACTIONS, action["id"], action)
        _drop_oldest(call.sandbox, action)
    return Answer({**_shown(deployed, action), "deployed": True})


def _find(call: Call) -> tuple[Doc, Doc]:
    action = find(call, _ACTIONS, missing_action())
    version = find(call, KIND, missing(), "version")
    if version["_action_id"] != action["id"]:
        raise missing()
    return action, version


def _shown(version: Doc, action: Doc) -> Doc:
    return {**views.version(version), "action": _before_deploy(action)}


# Documented: deploying takes the right to create, not the one to update.
_DEPLOY = ("create:actions",)
_OPTIONS = nullable(record({"update_draft": flag()}))

OPERATIONS = (
    Operation("POST", "/actions/actions/{id}/deploy", deploy_draft, _DEPLOY),
    Operation("GET", "/actions/actions/{id}/versions", list_versions, ("read:actions",)),
    Operation("GET", "/actions/actions/{id}/versions/{version}", get_version, ("read:actions",)),
    Operation("POST", "/actions/actions/{id}/versions/{version}/deploy", deploy_version, _DEPLOY, _OPTIONS),
)
