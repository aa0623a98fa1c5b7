"""Scopes: which of the requested ones are granted, and what they say about a person."""

from collections.abc import Iterable

from ..context import Sandbox
from ..store import Doc
from .errors import AppError, GoneError

OFFLINE = "offline_access"
OIDC = ("openid", "profile", "email", "phone", "address", OFFLINE)
_CLAIMS = {
    "profile": ("name", "nickname", "picture", "given_name", "family_name", "updated_at"),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_verified"),
}
# The profile's name and the claim's name differ in this one attribute.
_CLAIM_NAMES = {"phone_verified": "phone_number_verified"}


def api(sandbox: Sandbox, audience: str | None) -> Doc | None:
    """The API an audience names, None without an audience; GoneError when there is none."""
    if audience is None:
        return None
    found = sandbox.store.where("resource_servers", "identifier", audience)
    if not found:
        raise GoneError(f"Service not found: {audience}")
    return found[0]


def default_audience(sandbox: Sandbox) -> str | None:
    """The tenant's default audience, for requests that name none (…/get-started/tenant-settings)."""
    settings = sandbox.store.get("settings", "tenant") or {}
    return str(settings["default_audience"]) if settings.get("default_audience") else None


def requested(sandbox: Sandbox, client: Doc, audience: str | None, given: str | None) -> list[str]:
    """The scopes a person's token will have: unknown ones disappear, as on Auth0."""
    try:
        server = api(sandbox, audience or default_audience(sandbox))
    except LookupError as error:
        raise AppError("access_denied", f"Service not found: {audience}") from error
    known = {*OIDC, *_open_to(sandbox, client, server)}
    if not _offline(client, server):
        known.discard(OFFLINE)
    return [scope for scope in dict.fromkeys((given or "").split()) if scope in known]


def _open_to(sandbox: Sandbox, client: Doc, server: Doc | None) -> list[str]:
    """The API's scopes that an application may ask for on a person's behalf.

    Source: auth0.com/docs/get-started/apis/api-access-policies-for-applications. AppError where the policy
    keeps the application out; its words are not documented.
    """
    if server is None:
        return []
    values = [scope["value"] for scope in server.get("scopes") or []]
    policy = ((server.get("subject_type_authorization") or {}).get("user") or {}).get("policy", "allow_all")
    if policy == "allow_all":
        return values
    grants = sandbox.store.where("client_grants", "client_id", client["client_id"])
    for grant in grants if policy == "require_client_grant" else []:
        if grant["audience"] == server["identifier"] and grant.get("subject_type") == "user":
            return [value for value in values if value in (grant.get("scope") or [])]
    raise AppError(
        "access_denied",
        f'Client "{client["client_id"]}" is not authorized to access resource server '
        f'"{server["identifier"]}".',
    )


def claims(user: Doc, scopes: Iterable[str]) -> Doc:
    """The standard claims about a user that these scopes release."""
    names = [name for scope in scopes for name in _CLAIMS.get(scope, ())]
    return {_CLAIM_NAMES.get(name, name): user[name] for name in names if user.get(name) is not None}


def _offline(client: Doc, server: Doc | None) -> bool:
    allowed = server is None or bool(server.get("allow_offline_access"))
    return allowed and "refresh_token" in client.get("grant_types", [])
