"""Role-based access control: what a person may do at an API, and what of it a token says.

Source: auth0.com/docs/get-started/apis/enable-role-based-access-control-for-apis
"""

from collections.abc import Iterable

from ..context import Sandbox
from ..management.organizations.links import MEMBERS
from ..store import Doc
from . import scopes


def admitted(
    sandbox: Sandbox, user: Doc, audience: str | None, wanted: list[str], organization: str | None = None
) -> list[str]:
    """The scopes a person gets of those asked for: all, or the permitted ones where the API enforces that."""
    server = scopes.api(sandbox, audience)
    if server is None or not server.get("enforce_policies"):
        return wanted
    permitted = {*scopes.OIDC, *of(sandbox, user, server, organization)}
    return [scope for scope in wanted if scope in permitted]


def of(sandbox: Sandbox, user: Doc, server: Doc, organization: str | None = None) -> list[str]:
    """The names of a person's permissions at an API, of their own and by their roles, in the API's order."""
    held = set(_names(user.get("_permissions"), server))
    for role_id in role_ids(sandbox, user, organization):
        role = sandbox.store.get("roles", role_id) or {}
        held.update(_names(role.get("_permissions"), server))
    return [scope["value"] for scope in server.get("scopes") or [] if scope["value"] in held]


def role_ids(sandbox: Sandbox, user: Doc, organization: str | None) -> list[str]:
    """The roles a person has: their own, and in an organization those they have as its member.

    Source: auth0.com/docs/manage-users/organizations/configure-organizations/add-member-roles
    """
    link = MEMBERS.get(sandbox.store, organization, user["user_id"]) if organization else None
    return list(dict.fromkeys([*user.get("_roles", []), *(link or {}).get("roles", [])]))


def claim(sandbox: Sandbox, user: Doc, server: Doc, organization: str | None) -> Doc:
    """{"permissions": […]} where the API's token dialect has it."""
    return {"permissions": of(sandbox, user, server, organization)} if is_told(server) else {}


def is_told(server: Doc) -> bool:
    """Whether tokens of this API say the permissions."""
    return bool(server.get("enforce_policies")) and str(server.get("token_dialect", "")).endswith("_authz")


def _names(permissions: Iterable[Doc] | None, server: Doc) -> list[str]:
    identifier = server["identifier"]
    return [
        one["permission_name"] for one in permissions or [] if one["resource_server_identifier"] == identifier
    ]
