"""Organizations at login: which one a request means, who may log in there, and what tokens say of it.

Sources: auth0.com/docs/manage-users/organizations/using-tokens, /login-flows-for-organizations and
/configure-organizations/use-org-name-authentication-api. The words of the refusals are those people quote of
Auth0; where none could be found they are guessed.
"""

from ..context import Sandbox
from ..management.organizations.links import CONNECTIONS, GRANTS, MEMBERS
from ..store import Doc
from .errors import AppError

_KIND = "organizations"


def requested(sandbox: Sandbox, client: Doc, given: str | None) -> Doc | None:
    """The organization a login is to happen in, by the id or name that was asked for; AppError otherwise."""
    usage = client.get("organization_usage") or "deny"
    if given is None:
        if usage == "require" and (client.get("organization_require_behavior") or "no_prompt") == "no_prompt":
            raise AppError("invalid_request", "parameter organization is required for this client")
        return None
    if usage == "deny":
        raise AppError("invalid_request", "parameter organization is not allowed for this client")
    organization = _find(sandbox, given)
    if organization is None:
        raise AppError("invalid_request", f"parameter organization is invalid: {given}")
    return organization


def named(sandbox: Sandbox, name: str) -> Doc | None:
    """The organization of this name, as a person types it."""
    found = sandbox.store.where(_KIND, "name", name.strip().lower())
    return found[0] if found else None


def find(sandbox: Sandbox, organization_id: str | None) -> Doc | None:
    return sandbox.store.get(_KIND, organization_id) if organization_id else None


def of_member(sandbox: Sandbox, user: Doc) -> list[Doc]:
    """The organizations a person is a member of."""
    links = MEMBERS.to(sandbox.store, user["user_id"])
    return [one for one in (find(sandbox, link["organization_id"]) for link in links) if one is not None]


def offers(sandbox: Sandbox, organization_id: str | None, connection: Doc) -> bool:
    """Whether people may log in with a connection: always without an organization, else with its own ones."""
    if organization_id is None:
        return True
    link = CONNECTIONS.get(sandbox.store, organization_id, connection["id"])
    return link is not None and bool(link.get("is_enabled", True))


def enter(sandbox: Sandbox, organization_id: str | None, user: Doc, connection: Doc) -> None:
    """Let a person in, as a new member where the organization's connection says so; AppError otherwise."""
    if organization_id is None:
        return
    if MEMBERS.get(sandbox.store, organization_id, user["user_id"]) is not None:
        return
    link = CONNECTIONS.get(sandbox.store, organization_id, connection["id"])
    if link is None or not link.get("assign_membership_on_login"):
        raise AppError(
            "access_denied", f"user {user['user_id']} is not part of the {organization_id} organization"
        )
    MEMBERS.put(sandbox.store, organization_id, user["user_id"], {})


def for_machine(sandbox: Sandbox, client: Doc, grant: Doc, given: str | None) -> Doc | None:
    """The organization of a client_credentials request; AppError where the grant doesn't have it so.

    Source: auth0.com/docs/manage-users/organizations/organizations-for-m2m-applications
    """
    usage = grant.get("organization_usage") or "deny"
    default = client.get("default_organization") or {}
    if given is None and usage == "require" and "client_credentials" in default.get("flows", []):
        given = default.get("organization_id")
    if given is None:
        if usage == "require":
            raise AppError("invalid_request", "An organization is required")
        return None
    if usage == "deny":
        raise AppError("invalid_request", "Organizations are not allowed for this client grant")
    organization = _find(sandbox, given)
    if organization is None:
        raise AppError("invalid_request", f"parameter organization is invalid: {given}")
    explicit = GRANTS.get(sandbox.store, organization["id"], grant["id"]) is not None
    if not explicit and not grant.get("allow_any_organization"):
        raise AppError(
            "access_denied", f"Client is not authorized to access organization {organization['id']}"
        )
    return organization


def claims(sandbox: Sandbox, organization_id: str | None) -> Doc:
    """org_id, and org_name where the tenant takes names too."""
    organization = find(sandbox, organization_id)
    if organization is None:
        return {}
    name = {"org_name": organization["name"]} if _takes_names(sandbox) else {}
    return {"org_id": organization["id"], **name}


def _find(sandbox: Sandbox, given: str) -> Doc | None:
    if given.startswith("org_"):
        return find(sandbox, given)
    if not _takes_names(sandbox):
        raise AppError(
            "invalid_request", "authorization request parameter organization must be an organization id"
        )
    return named(sandbox, given)


def _takes_names(sandbox: Sandbox) -> bool:
    settings = sandbox.store.get("settings", "tenant") or {}
    return bool(settings.get("allow_organization_name_in_authentication_api"))
