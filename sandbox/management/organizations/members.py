"""Members of an organization and the roles they have in it; the organizations of a user.

Source: recorded (members, their roles); effective roles, a role's members and a user's organizations as
documented (auth0.com/docs/api/management/v2/organizations). Unknown is what is said of roles for somebody who
is no member (404 here).
"""

from ...store import Doc
from .. import paging
from ..documents import find, public
from ..roles import operations as roles
from ..routing import Answer, Call, Operation
from ..users.existing import missing
from . import schema
from .cursors import page
from .existing import KIND, organization
from .links import MEMBERS, join

_SHOWN = ("user_id", "email", "picture", "name")
_ROLE_SHOWN = ("id", "name")


def list_members(call: Call) -> Answer:
    """Pages, or checkpoints that go on after a member; roles only where `fields` names them."""
    links = MEMBERS.of(call.sandbox.store, found := organization(call)["id"])
    if "take" not in call.query and "from" not in call.query:
        return paging.answer(call, "members", [_view(call, link) for link in links])
    shown, following = page(call, links, str(found))
    more = {"next": following} if following else {}
    return Answer({"members": [_view(call, link) for link in shown], **more})


def _view(call: Call, link: Doc) -> Doc:
    user = MEMBERS.other(call.sandbox.store, link) or {}
    shown = {name: user[name] for name in _SHOWN if name in user}
    if "fields" not in call.query:
        return shown
    held = [{name: role[name] for name in _ROLE_SHOWN} for role in _roles(call, link)]
    return paging.selected(call, {**shown, "roles": held})


def add_members(call: Call) -> Answer:
    store, identifier = call.sandbox.store, organization(call)["id"]
    with store.atomic():
        for user in call.body["members"]:
            if store.get("users", user) is None:
                raise missing()
            join(call.sandbox, identifier, user)
    return Answer(status=204)


def remove_members(call: Call) -> Answer:
    """204 for those who were none, too (recorded)."""
    identifier = organization(call)["id"]
    with call.sandbox.store.atomic():
        for user in call.body["members"]:
            MEMBERS.remove(call.sandbox.store, identifier, user)
    return Answer(status=204)


def list_roles(call: Call) -> Answer:
    return paging.answer(call, "roles", [roles.view(role) for role in _roles(call, _member(call))])


def add_roles(call: Call) -> Answer:
    link = _member(call)
    roles.find_all(call, call.body["roles"])
    _keep(call, link, list(dict.fromkeys([*link.get("roles", []), *call.body["roles"]])))
    return Answer(status=204)


def remove_roles(call: Call) -> Answer:
    """204 for roles that were not held, and for somebody who is no member any more (recorded)."""
    link = MEMBERS.get(call.sandbox.store, organization(call)["id"], call.params["user"])
    if link is not None:
        _keep(call, link, [role for role in link.get("roles", []) if role not in call.body["roles"]])
    return Answer(status=204)


def list_effective_roles(call: Call) -> Answer:
    """Without groups every role is held directly."""
    held = [{**roles.view(role), "sources": ["direct"]} for role in _roles(call, _member(call))]
    return paging.checkpoint(call, "roles", held)


def list_role_members(call: Call) -> Answer:
    store, identifier = call.sandbox.store, organization(call)["id"]
    role = find(call, roles.KIND, roles.missing(), "role")
    holders = [link for link in MEMBERS.of(store, identifier) if role["id"] in link.get("roles", [])]
    return paging.checkpoint(call, "members", [_view(call, link) for link in holders])


def list_role_groups(call: Call) -> Answer:
    """No groups are provisioned here, so no role has any."""
    organization(call)
    find(call, roles.KIND, roles.missing(), "role")
    return paging.checkpoint(call, "groups", [])


def list_organizations(call: Call) -> Answer:
    """Those of a user."""
    user, store = find(call, "users", missing()), call.sandbox.store
    found = [store.get(KIND, link["organization_id"]) for link in MEMBERS.to(store, user["user_id"])]
    return paging.answer(call, KIND, [public(doc) for doc in found if doc is not None])


def _member(call: Call) -> Doc:
    link = MEMBERS.get(call.sandbox.store, organization(call)["id"], call.params["user"])
    if link is None:
        raise missing()
    return link


def _roles(call: Call, link: Doc) -> list[Doc]:
    known = (call.sandbox.store.get(roles.KIND, role) for role in link.get("roles", []))
    return [role for role in known if role is not None]


def _keep(call: Call, link: Doc, held: list[str]) -> None:
    values = {**link, "roles": held}
    MEMBERS.put(call.sandbox.store, link["organization_id"], link["user_id"], values)


_MEMBERS = "/organizations/{id}/members"
_ROLES = f"{_MEMBERS}/{{user}}/roles"

OPERATIONS = (
    Operation("GET", _MEMBERS, list_members, ("read:organization_members",)),
    Operation("POST", _MEMBERS, add_members, ("create:organization_members",), schema.MEMBERS),
    Operation("DELETE", _MEMBERS, remove_members, ("delete:organization_members",), schema.MEMBERS),
    Operation("GET", _ROLES, list_roles, ("read:organization_member_roles",)),
    Operation("POST", _ROLES, add_roles, ("create:organization_member_roles",), schema.ROLES),
    Operation("DELETE", _ROLES, remove_roles, ("delete:organization_member_roles",), schema.ROLES),
    Operation(
        "GET",
        f"{_MEMBERS}/{{user}}/effective-roles",
        list_effective_roles,
        ("read:organization_member_effective_roles",),
    ),
    Operation(
        "GET",
        "/organizations/{id}/roles/{role}/members",
        list_role_members,
        ("read:organization_member_roles",),
    ),
    # Its scope is not documented: likely the one of its members, or a group's own.
    Operation(
        "GET",
        "/organizations/{id}/roles/{role}/groups",
        list_role_groups,
        ("read:organization_member_roles", "read:organization_group_roles"),
    ),
    Operation(
        "GET",
        "/users/{id}/organizations",
        list_organizations,
        ("read:organizations",),
        self_scopes=("read:current_user",),
    ),
)
