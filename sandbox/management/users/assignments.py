"""Roles and permissions of a user: /users/{id}/roles and /users/{id}/permissions."""

from ...errors import Auth0Error, not_found
from ...store import Doc
from .. import paging
from ..documents import find
from ..routing import Answer, Call, Operation
from . import schema

_KIND = "users"
_ROLES = "_roles"
_PERMISSIONS = "_permissions"
_DIRECT = {"source_id": "", "source_name": "", "source_type": "DIRECT"}


def missing() -> Auth0Error:
    return not_found("The user does not exist.", "inexistent_user")


def list_roles(call: Call) -> Answer:
    user, store = find(call, _KIND, missing()), call.sandbox.store
    roles = [store.get("roles", role) for role in user.get(_ROLES, [])]
    return paging.answer(call, "roles", [role for role in roles if role is not None])


def add_roles(call: Call) -> Answer:
    user = find(call, _KIND, missing())
    for role in call.body["roles"]:
        if call.sandbox.store.get("roles", role) is None:
            raise not_found("The role does not exist.", "inexistent_role")
    _save(call, user, _ROLES, list(dict.fromkeys([*user.get(_ROLES, []), *call.body["roles"]])))
    return Answer(status=204)


def remove_roles(call: Call) -> Answer:
    user, gone = find(call, _KIND, missing()), call.body["roles"]
    _save(call, user, _ROLES, [role for role in user.get(_ROLES, []) if role not in gone])
    return Answer(status=204)


def list_permissions(call: Call) -> Answer:
    user = find(call, _KIND, missing())
    known = (_described(call, permission) for permission in user.get(_PERMISSIONS, []))
    return paging.answer(call, "permissions", [permission for permission in known if permission])


def add_permissions(call: Call) -> Answer:
    user = find(call, _KIND, missing())
    for permission in call.body["permissions"]:
        if _described(call, permission) is None:
            raise not_found("The permission does not exist.", "inexistent_permission")
    current = user.get(_PERMISSIONS, [])
    added = [permission for permission in call.body["permissions"] if permission not in current]
    _save(call, user, _PERMISSIONS, [*current, *added])
    return Answer({}, 201)


def remove_permissions(call: Call) -> Answer:
    user, gone = find(call, _KIND, missing()), call.body["permissions"]
    kept = [permission for permission in user.get(_PERMISSIONS, []) if permission not in gone]
    _save(call, user, _PERMISSIONS, kept)
    return Answer(status=204)


def _described(call: Call, permission: Doc) -> Doc | None:
    """A permission as lists show it, or None when its API or scope is gone."""
    for api in call.sandbox.store.all("resource_servers"):
        if api["identifier"] != permission["resource_server_identifier"]:
            continue
        for scope in api.get("scopes", []):
            if scope["value"] == permission["permission_name"]:
                return {
                    "permission_name": scope["value"],
                    "description": scope.get("description"),
                    "resource_server_name": api.get("name"),
                    "resource_server_identifier": api["identifier"],
                    "sources": [_DIRECT],
                }
    return None


def _save(call: Call, user: Doc, member: str, values: list[Doc]) -> None:
    call.sandbox.store.put(_KIND, user["user_id"], {**user, member: values})


_READ = ("read:users",)
_UPDATE = ("update:users",)
_ROLES_PATH = "/users/{id}/roles"
_PERMISSIONS_PATH = "/users/{id}/permissions"

OPERATIONS = (
    Operation("GET", _ROLES_PATH, list_roles, (*_READ, "read:roles", "read:role_members")),
    Operation("POST", _ROLES_PATH, add_roles, (*_UPDATE, "create:role_members"), schema.ROLES),
    Operation("DELETE", _ROLES_PATH, remove_roles, (*_UPDATE, "delete:role_members"), schema.ROLES),
    Operation("GET", _PERMISSIONS_PATH, list_permissions, _READ),
    Operation("POST", _PERMISSIONS_PATH, add_permissions, _UPDATE, schema.PERMISSIONS),
    Operation("DELETE", _PERMISSIONS_PATH, remove_permissions, _UPDATE, schema.PERMISSIONS),
)
