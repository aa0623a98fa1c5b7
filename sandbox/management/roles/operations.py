"""The operations of /roles.

Source: recorded; `POST /roles/{id}/users` as documented (auth0.com/docs/api/management/v2/roles); `type` and
`owner_id`: the provider's schema and acceptance tests.
"""

from ...errors import Auth0Error, conflict, invalid_body, not_found
from ...store import Doc
from .. import permissions
from ..collection import Collection
from ..documents import patched, public, without
from ..organizations import existing as organizations
from ..paging import answer
from ..routing import Answer, Call, Operation
from ..schema import array, nullable, record, text
from ..users import existing as users

# How long a name may be is not documented; the provider's tests make one of 72 characters.
_PROPERTIES = {"name": text(1), "description": nullable(text(0, 255))}
# What a role is for is said once: the provider's schema replaces a role to change it.
_OWNED = {"type": text(choices=("tenant", "organization")), "owner_id": text(1)}
_USERS = record({"users": array(text(1), 1)}, required=("users",))
_PERMISSIONS = "_permissions"
# What is shown of a user who has a role (recorded).
_SHOWN = ("user_id", "email", "picture", "name")


def missing() -> Auth0Error:
    return not_found("The role does not exist.", "inexistent_role")


def view(role: Doc) -> Doc:
    """A role as it is shown where somebody has it (recorded)."""
    return {**without(public(role), _OWNED), "description": role.get("description") or ""}


def _view(call: Call, role: Doc) -> Doc:
    """A description that is empty is null in the answer to the creation alone (recorded)."""
    is_new = call.body is not None and "id" not in call.params
    empty = None if is_new else ""
    return {"type": "tenant", **public(role), "description": role.get("description") or empty}


def _is_wanted(call: Call, role: Doc) -> bool:
    asked = call.query
    return (
        asked.get("name_filter", "").lower() in role["name"].lower()
        and asked.get("type") in (None, "", role.get("type", "tenant"))
        and asked.get("owner_id") in (None, "", role.get("owner_id"))
    )


def _new(call: Call) -> Doc:
    _check_owner(call, call.body)
    _check_name(call, call.body)
    return patched({"id": call.sandbox.ids.prefixed("rol")}, call.body)


def _change(call: Call, role: Doc) -> Doc:
    changed = patched(role, call.body)
    if changed["name"] != role["name"]:
        _check_name(call, changed)
    return changed


def _check_owner(call: Call, role: Doc) -> None:
    """An organization's role names it; what Auth0 says of one that doesn't is not documented."""
    owner = role.get("owner_id")
    if (role.get("type") == "organization") != (owner is not None):
        raise invalid_body("owner_id is required when type is organization, and allowed only then.")
    if owner is not None and call.sandbox.store.get(organizations.KIND, owner) is None:
        raise organizations.missing()


def _check_name(call: Call, role: Doc) -> None:
    """No two roles of the tenant, or of one organization, share a name."""
    namesakes = call.sandbox.store.where(KIND, "name", role["name"])
    if any(other.get("owner_id") == role.get("owner_id") for other in namesakes):
        raise conflict("A role with the same name already exists.", "role_conflict")


# POST answers 200, not 201, and DELETE 200 with an empty object (recorded).
ROLES = Collection(
    path="/roles",
    kind="roles",
    scope="roles",
    missing=missing,
    create=record(_PROPERTIES | _OWNED, required=("name",)),
    update=record(_PROPERTIES),
    new=_new,
    change=_change,
    view=_view,
    wanted=_is_wanted,
    created=200,
    deleted=200,
    gone={},
)
KIND = ROLES.kind


def list_permissions(call: Call) -> Answer:
    role = ROLES.find(call)
    held = permissions.listed(call.sandbox.store, role.get(_PERMISSIONS, []))
    return answer(call, "permissions", held)


def add_permissions(call: Call) -> Answer:
    role, store = ROLES.find(call), call.sandbox.store
    held = permissions.added(store, role.get(_PERMISSIONS, []), call.body["permissions"])
    store.put(KIND, role["id"], {**role, _PERMISSIONS: held})
    return Answer({}, 201)


def remove_permissions(call: Call) -> Answer:
    role = ROLES.find(call)
    held = permissions.removed(role.get(_PERMISSIONS, []), call.body["permissions"])
    call.sandbox.store.put(KIND, role["id"], {**role, _PERMISSIONS: held})
    return Answer(status=204)


def list_users(call: Call) -> Answer:
    role = ROLES.find(call)
    found = [user for user in call.sandbox.store.all("users") if role["id"] in user.get("_roles", [])]
    return answer(call, "users", [{key: user[key] for key in _SHOWN if key in user} for user in found])


def add_users(call: Call) -> Answer:
    role, store = ROLES.find(call), call.sandbox.store
    with store.atomic():
        for user_id in call.body["users"]:
            user = store.get("users", user_id)
            if user is None:
                raise users.missing()
            held = dict.fromkeys([*user.get("_roles", []), role["id"]])
            store.put("users", user_id, {**user, "_roles": list(held)})
    return Answer({})


def find_all(call: Call, identifiers: list[str]) -> list[Doc]:
    """The roles of these ids, or Auth0Error 404 for the first that isn't there."""
    store = call.sandbox.store
    roles = [store.get(KIND, identifier) for identifier in identifiers]
    if None in roles:
        raise missing()
    return [role for role in roles if role is not None]


_READ = ("read:roles",)
_UPDATE = ("update:roles",)
_ONE_S_PERMISSIONS = "/roles/{id}/permissions"

OPERATIONS = (
    *ROLES.operations(),
    Operation("GET", _ONE_S_PERMISSIONS, list_permissions, _READ),
    Operation("POST", _ONE_S_PERMISSIONS, add_permissions, _UPDATE, permissions.BODY),
    Operation("DELETE", _ONE_S_PERMISSIONS, remove_permissions, _UPDATE, permissions.BODY),
    Operation("GET", "/roles/{id}/users", list_users, ("read:users", "read:roles", "read:role_members")),
    Operation("POST", "/roles/{id}/users", add_users, ("create:role_members", "update:roles"), _USERS),
)
