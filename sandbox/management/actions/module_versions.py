"""Published versions of an Action module: they never change, and Actions refer to one of them.

Source: recorded answers; auth0.com/docs/customize/actions/modules.
"""

from ...context import Sandbox
from ...errors import Auth0Error, invalid_body, not_found
from ...store import Doc
from ..documents import public, without
from ..routing import Call
from . import secrets, views

KIND = "action_module_versions"


def missing() -> Auth0Error:
    return not_found("That action module version does not exist.")


def of(sandbox: Sandbox, module_id: str) -> list[Doc]:
    """The newest first."""
    return sandbox.store.where(KIND, "module_id", module_id)[::-1]


def latest(sandbox: Sandbox, module_id: str) -> Doc | None:
    return next(iter(of(sandbox, module_id)), None)


def get(sandbox: Sandbox, module_id: str, version_id: str) -> Doc:
    """The module's version, or Auth0Error 404."""
    version = sandbox.store.get(KIND, version_id)
    if version is None or version["module_id"] != module_id:
        raise missing()
    return version


def publish(sandbox: Sandbox, module: Doc) -> Doc:
    """The module's draft becomes its newest version."""
    newest = latest(sandbox, module["id"])
    version: Doc = {
        "id": sandbox.ids.uuid(),
        "module_id": module["id"],
        "version_number": 1 + (newest["version_number"] if newest else 0),
        "code": module["code"],
        "dependencies": module["dependencies"],
        "created_at": views.microseconds(sandbox.clock, sandbox.ids),
        "_secrets": module["_secrets"],
    }
    sandbox.store.put(KIND, version["id"], version)
    return version


def forget(sandbox: Sandbox, module_id: str) -> None:
    for version in of(sandbox, module_id):
        sandbox.store.delete(KIND, version["id"])


def shown(version: Doc) -> Doc:
    return {**public(version), "secrets": views.secret_names(version["_secrets"])}


def brief(version: Doc) -> Doc:
    """A version inside its module, as `latest_version`."""
    return without(shown(version), ("module_id", "created_at"))


def references(call: Call, given: list[Doc]) -> list[Doc]:
    """The modules an Action names, as it keeps and shows them; Auth0Error 400 for one that isn't there."""
    return [_reference(call, wanted) for wanted in given]


def _reference(call: Call, wanted: Doc) -> Doc:
    store = call.sandbox.store
    module = store.get("action_modules", wanted["module_id"])
    version = store.get(KIND, wanted["module_version_id"])
    if module is None or version is None or version["module_id"] != module["id"]:
        raise invalid_body(
            f"Payload validation error: 'The module {wanted['module_id']} has no version "
            f"{wanted['module_version_id']}' on property modules."
        )
    return {
        "module_id": module["id"],
        "module_name": module["name"],
        "module_version_id": version["id"],
        "module_version_number": version["version_number"],
    }


def code(sandbox: Sandbox, action: Doc) -> Doc:
    """Code and secrets of the modules that an Action or a version of one uses, by name: for `require`."""
    found = [
        (use["module_name"], sandbox.store.get(KIND, use["module_version_id"]))
        for use in action.get("modules", ())
    ]
    return {
        name: {"code": version["code"], "secrets": secrets.values(version["_secrets"])}
        for name, version in found
        if version is not None
    }
