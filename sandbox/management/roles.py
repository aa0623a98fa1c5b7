"""Roles: /roles."""

from ..errors import Auth0Error, conflict, not_found
from ..store import Doc
from .collection import Collection
from .documents import patched
from .routing import Call
from .schema import nullable, record, text

_PROPERTIES = {"name": text(1, 50), "description": nullable(text(0, 255))}


def missing() -> Auth0Error:
    return not_found("The role does not exist.", "inexistent_role")


def _is_wanted(call: Call, role: Doc) -> bool:
    return call.query.get("name_filter", "").lower() in role["name"].lower()


def _new(call: Call) -> Doc:
    _check_name(call, call.body["name"])
    return {"id": call.sandbox.ids.prefixed("rol"), "description": None, **call.body}


def _change(call: Call, role: Doc) -> Doc:
    if call.body.get("name", role["name"]) != role["name"]:
        _check_name(call, call.body["name"])
    return patched(role, call.body)


def _check_name(call: Call, name: str) -> None:
    if any(role["name"] == name for role in call.sandbox.store.all(KIND)):
        raise conflict("A role with the same name already exists.", "role_conflict")


# POST answers 200, not 201, and DELETE 200 with an empty object (recorded).
ROLES = Collection(
    path="/roles",
    kind="roles",
    scope="roles",
    missing=missing,
    create=record(_PROPERTIES, required=("name",)),
    update=record(_PROPERTIES),
    new=_new,
    change=_change,
    wanted=_is_wanted,
    created=200,
    deleted=200,
    gone={},
)
KIND = ROLES.kind
OPERATIONS = ROLES.operations()
