"""Action modules: /actions/modules, code that Actions share by `require('actions:NAME')`.

Source: recorded answers (create, publish, change, lists, delete); the rest is documented at
auth0.com/docs/customize/actions/modules and in the SDKs' types. Not documented: the words of the refusals,
and what publishing an unchanged draft does (here: one more version).
"""

from typing import Any

from ...errors import Auth0Error, not_found, refusal
from ...store import Doc
from .. import paging
from ..documents import find, public
from ..routing import Answer, Call, Operation
from . import checks, module_schema, module_versions, secrets, views

KIND = "action_modules"
_ACTIONS = "actions"
_CONTENT = ("code", "dependencies", "_secrets")


def missing() -> Auth0Error:
    return not_found("That action module does not exist.")


def list_modules(call: Call) -> Answer:
    return _pages(call, "modules", [_listed(call, module) for module in call.sandbox.store.all(KIND)])


def create_module(call: Call) -> Answer:
    body, sandbox = call.body, call.sandbox
    checks.check_code(body, "action module")
    checks.check_name(call, KIND, "action module", body["name"])
    checks.check_number(call, KIND)
    now = views.microseconds(sandbox.clock, sandbox.ids)
    module: Doc = {
        "id": sandbox.ids.uuid(),
        "name": body["name"],
        "code": body["code"],
        "dependencies": body.get("dependencies", []),
        "all_changes_published": False,
        "created_at": now,
        "updated_at": now,
        "_secrets": secrets.merged(call, body.get("secrets", []), []),
    }
    with sandbox.store.atomic():
        _keep(call, module)
        if body.get("publish"):
            _publish(call, module)
    return Answer(_shown(call, module), 201)


def get_module(call: Call) -> Answer:
    return Answer(_shown(call, _find(call)))


def update_module(call: Call) -> Answer:
    checks.check_code(call.body, "action module")
    module = _find(call)
    module |= {name: call.body[name] for name in ("code", "dependencies") if name in call.body}
    if "secrets" in call.body:
        module["_secrets"] = secrets.merged(call, call.body["secrets"], module["_secrets"])
    return Answer(_shown(call, _changed(call, module)))


def delete_module(call: Call) -> Answer:
    """412 while an Action uses it."""
    module = _find(call)
    if _users(call, module["id"]):
        raise refusal(412, "Unable to delete an action module used by an action.")
    with call.sandbox.store.atomic():
        module_versions.forget(call.sandbox, module["id"])
        call.sandbox.store.delete(KIND, module["id"])
    return Answer(status=204)


def list_actions(call: Call) -> Answer:
    """Which Actions use it, and in which version."""
    return _pages(call, "actions", [_user(action, use) for action, use in _users(call, _find(call)["id"])])


def list_versions(call: Call) -> Answer:
    found = module_versions.of(call.sandbox, _find(call)["id"])
    return _pages(call, "versions", [module_versions.shown(version) for version in found])


def publish_version(call: Call) -> Answer:
    with call.sandbox.store.atomic():
        version = _publish(call, _find(call))
    return Answer(module_versions.shown(version))


def get_version(call: Call) -> Answer:
    module = _find(call)
    version = module_versions.get(call.sandbox, module["id"], call.params["version"])
    return Answer(module_versions.shown(version))


def roll_back(call: Call) -> Answer:
    """An earlier version's code, dependencies and secrets become the draft; nothing is published by it."""
    module = _find(call)
    version = module_versions.get(call.sandbox, module["id"], call.body["module_version_id"])
    return Answer(_shown(call, _changed(call, module | {name: version[name] for name in _CONTENT})))


def _find(call: Call) -> Doc:
    return find(call, KIND, missing())


def _keep(call: Call, module: Doc) -> None:
    call.sandbox.store.put(KIND, module["id"], module)


def _changed(call: Call, module: Doc) -> Doc:
    """The changed draft, stored; it is published when the newest version is just like it."""
    newest = module_versions.latest(call.sandbox, module["id"])
    module["all_changes_published"] = newest is not None and all(
        newest[name] == module[name] for name in _CONTENT
    )
    module["updated_at"] = views.microseconds(call.sandbox.clock, call.sandbox.ids)
    _keep(call, module)
    return module


def _publish(call: Call, module: Doc) -> Doc:
    version = module_versions.publish(call.sandbox, module)
    module["all_changes_published"] = True
    _keep(call, module)
    return version


def _users(call: Call, module_id: str) -> list[tuple[Doc, Doc]]:
    return [
        (action, use)
        for action in call.sandbox.store.all(_ACTIONS)
        for use in action.get("modules", ())
        if use["module_id"] == module_id
    ]


def _user(action: Doc, use: Doc) -> dict[str, Any]:
    return {
        "action_id": action["id"],
        "action_name": action["name"],
        "module_version_id": use["module_version_id"],
        "module_version_number": use["module_version_number"],
        "supported_triggers": action["supported_triggers"],
    }


def _summary(call: Call, module: Doc) -> Doc:
    return {
        **public(module),
        "secrets": views.secret_names(module["_secrets"]),
        "actions_using_module_total": len(_users(call, module["id"])),
    }


def _shown(call: Call, module: Doc) -> Doc:
    newest = module_versions.latest(call.sandbox, module["id"])
    return {
        **_summary(call, module),
        **({"latest_version": module_versions.brief(newest)} if newest else {}),
    }


def _listed(call: Call, module: Doc) -> Doc:
    newest = module_versions.latest(call.sandbox, module["id"])
    number = {"latest_version_number": newest["version_number"]} if newest else {}
    return {**_summary(call, module), **number}


def _pages(call: Call, name: str, docs: list[Doc]) -> Answer:
    """As the Actions service's other lists, but with the zeroes (recorded)."""
    return Answer({"total": 0, "page": 0, **paging.actions(call, name, docs).body})


_ONE = "/actions/modules/{id}"
_READ, _UPDATE = ("read:actions",), ("update:actions",)

OPERATIONS = (
    Operation("GET", "/actions/modules", list_modules, _READ),
    Operation("POST", "/actions/modules", create_module, ("create:actions",), module_schema.CREATE),
    Operation("GET", _ONE, get_module, _READ),
    Operation("PATCH", _ONE, update_module, _UPDATE, module_schema.UPDATE),
    Operation("DELETE", _ONE, delete_module, ("delete:actions",)),
    Operation("GET", f"{_ONE}/actions", list_actions, _READ),
    Operation("GET", f"{_ONE}/versions", list_versions, _READ),
    Operation("POST", f"{_ONE}/versions", publish_version, _UPDATE),
    Operation("GET", f"{_ONE}/versions/{{version}}", get_version, _READ),
    Operation("POST", f"{_ONE}/rollback", roll_back, _UPDATE, module_schema.ROLLBACK),
)
