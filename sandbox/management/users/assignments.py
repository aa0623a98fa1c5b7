"""Roles and permissions of a user: /users/{id}/roles, /permissions and what of them is effective.

Source: recorded; permissions that come with a role, and the effective ones, as documented
(auth0.com/docs/api/management/v2/users). Without groups every role is held directly.
"""

from collections.abc import Iterator

from ...store import Doc
from .. import paging, permissions
from ..roles import operations as roles
from ..routing import Answer, Call, Operation
from . import schema
from .existing import save, user

_ROLES = "_roles"
_PERMISSIONS = "_permissions"
_DIRECT = {"source_id": "", "source_name": "", "source_type": "DIRECT"}


def list_roles(call: Call) -> Answer:
    return paging.answer(call, "roles", [roles.view(role) for role in _held(call, user(call))])


def add_roles(call: Call) -> Answer:
    someone = user(call)
    roles.find_all(call, call.body["roles"])
    held = dict.fromkeys([*someone.get(_ROLES, []), *call.body["roles"]])
    save(call, {**someone, _ROLES: list(held)})
    return Answer(status=204)


def remove_roles(call: Call) -> Answer:
    someone, gone = user(call), call.body["roles"]
    save(call, {**someone, _ROLES: [role for role in someone.get(_ROLES, []) if role not in gone]})
    return Answer(status=204)


def list_permissions(call: Call) -> Answer:
    """The user's own ones and those that come with a role; each with where it comes from."""
    return paging.answer(call, "permissions", _shown(call))


def add_permissions(call: Call) -> Answer:
    someone = user(call)
    held = permissions.added(call.sandbox.store, someone.get(_PERMISSIONS, []), call.body["permissions"])
    save(call, {**someone, _PERMISSIONS: held})
    return Answer({}, 201)


def remove_permissions(call: Call) -> Answer:
    someone = user(call)
    held = permissions.removed(someone.get(_PERMISSIONS, []), call.body["permissions"])
    save(call, {**someone, _PERMISSIONS: held})
    return Answer(status=204)


def list_effective_roles(call: Call) -> Answer:
    held = [{**roles.view(role), "sources": ["direct"]} for role in _held(call, user(call))]
    return paging.checkpoint(call, "roles", held)


def list_effective_permissions(call: Call) -> Answer:
    """Those for one API, which has to be named."""
    if "resource_server_identifier" not in call.query:
        raise paging.invalid_query("Missing required property: resource_server_identifier")
    api = call.query["resource_server_identifier"]
    shown = [
        {**permission, "sources": _kinds(permission)}
        for permission in _shown(call)
        if permission["resource_server_identifier"] == api
    ]
    return paging.checkpoint(call, "permissions", shown)


def _kinds(permission: Doc) -> list[str]:
    kinds = ("direct" if source["source_type"] == "DIRECT" else "roles" for source in permission["sources"])
    return list(dict.fromkeys(kinds))


def _shown(call: Call) -> list[Doc]:
    sources: dict[tuple[str, str], list[Doc]] = {}
    for permission, source in _permissions(call, user(call)):
        named = (permission["resource_server_identifier"], permission["permission_name"])
        sources.setdefault(named, []).append(source)
    wanted = [{"resource_server_identifier": api, "permission_name": name} for api, name in sources]
    return [
        {**shown, "sources": sources[shown["resource_server_identifier"], shown["permission_name"]]}
        for shown in permissions.listed(call.sandbox.store, wanted)
    ]


def _permissions(call: Call, someone: Doc) -> Iterator[tuple[Doc, Doc]]:
    for permission in someone.get(_PERMISSIONS, []):
        yield permission, _DIRECT
    for role in _held(call, someone):
        source = {"source_id": role["id"], "source_name": role["name"], "source_type": "ROLE"}
        for permission in role.get(_PERMISSIONS, []):
            yield permission, source


def _held(call: Call, someone: Doc) -> list[Doc]:
    known = (call.sandbox.store.get(roles.KIND, role) for role in someone.get(_ROLES, []))
    return [role for role in known if role is not None]


_READ = ("read:users",)
_UPDATE = ("update:users",)
_ROLES_PATH = "/users/{id}/roles"
_PERMISSIONS_PATH = "/users/{id}/permissions"

OPERATIONS = (
    Operation("GET", _ROLES_PATH, list_roles, (*_READ, "read:roles", "read:role_members")),
    Operation("POST", _ROLES_PATH, add_roles, (*_UPDATE, "create:role_members"), schema.ROLES),
    Operation("DELETE", _ROLES_PATH, remove_roles, (*_UPDATE, "delete:role_members"), schema.ROLES),
    Operation("GET", _PERMISSIONS_PATH, list_permissions, _READ),
    Operation("POST", _PERMISSIONS_PATH, add_permissions, _UPDATE, permissions.BODY),
    Operation("DELETE", _PERMISSIONS_PATH, remove_permissions, _UPDATE, permissions.BODY),
    Operation(
        "GET", "/users/{id}/effective-roles", list_effective_roles, ("read:user_effective_roles", *_READ)
    ),
    Operation(
        "GET",
        "/users/{id}/effective-permissions",
        list_effective_permissions,
        ("read:user_effective_permissions", *_READ),
    ),
)
