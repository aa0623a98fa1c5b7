"""Roles: /roles."""

from ..errors import Auth0Error, conflict, not_found
from ..store import Doc
from . import paging
from .documents import find, patched, public
from .routing import Answer, Call, Operation
from .schema import nullable, record, text

KIND = "roles"

_PROPERTIES = {"name": text(1, 50), "description": nullable(text(0, 255))}
_CREATE = record(_PROPERTIES, required=("name",))
_UPDATE = record(_PROPERTIES)


def missing() -> Auth0Error:
    return not_found("The role does not exist.", "inexistent_role")


def list_roles(call: Call) -> Answer:
    wanted = call.query.get("name_filter", "").lower()
    roles = [public(role) for role in call.sandbox.store.all(KIND) if wanted in role["name"].lower()]
    return paging.answer(call, KIND, roles)


def get_role(call: Call) -> Answer:
    return Answer(public(find(call, KIND, missing())))


def create_role(call: Call) -> Answer:
    """Answers 200, not 201 (recorded)."""
    _check_name(call, call.body["name"])
    role: Doc = {"id": call.sandbox.ids.prefixed("rol"), "description": None, **call.body}
    call.sandbox.store.put(KIND, role["id"], role)
    return Answer(role)


def update_role(call: Call) -> Answer:
    role = find(call, KIND, missing())
    if call.body.get("name", role["name"]) != role["name"]:
        _check_name(call, call.body["name"])
    changed = patched(role, call.body)
    call.sandbox.store.put(KIND, role["id"], changed)
    return Answer(public(changed))


def delete_role(call: Call) -> Answer:
    """Answers 200 and an empty object (recorded)."""
    find(call, KIND, missing())
    call.sandbox.store.delete(KIND, call.params["id"])
    return Answer({})


def _check_name(call: Call, name: str) -> None:
    if any(role["name"] == name for role in call.sandbox.store.all(KIND)):
        raise conflict("A role with the same name already exists.", "role_conflict")


_READ = ("read:roles",)

OPERATIONS = (
    Operation("GET", "/roles", list_roles, _READ),
    Operation("POST", "/roles", create_role, ("create:roles",), _CREATE),
    Operation("GET", "/roles/{id}", get_role, _READ),
    Operation("PATCH", "/roles/{id}", update_role, ("update:roles",), _UPDATE),
    Operation("DELETE", "/roles/{id}", delete_role, ("delete:roles",)),
)
