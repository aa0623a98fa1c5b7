"""Scopes: which of the requested ones are granted, and what they say about a person."""

from collections.abc import Iterable

from ..context import Sandbox
from ..store import Doc
from .errors import AppError

OFFLINE = "offline_access"
_OIDC = ("openid", "profile", "email", "phone", "address", OFFLINE)
_CLAIMS = {
    "profile": ("name", "nickname", "picture", "given_name", "family_name", "updated_at"),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_verified"),
}
# The profile's name and the claim's name differ in this one attribute.
_CLAIM_NAMES = {"phone_verified": "phone_number_verified"}


def api(sandbox: Sandbox, audience: str | None) -> Doc | None:
    """The API an audience names, None without an audience; LookupError when there is none."""
    if audience is None:
        return None
    found = sandbox.store.where("resource_servers", "identifier", audience)
    if not found:
        raise LookupError(audience)
    return found[0]


def requested(sandbox: Sandbox, client: Doc, audience: str | None, given: str | None) -> list[str]:
    """The scopes a person's token will have: unknown ones disappear, as on Auth0."""
    try:
        server = api(sandbox, audience)
    except LookupError as error:
        raise AppError("access_denied", f"Service not found: {audience}") from error
    known = {*_OIDC, *(scope["value"] for scope in (server or {}).get("scopes") or [])}
    if not _offline(client, server):
        known.discard(OFFLINE)
    return [scope for scope in dict.fromkeys((given or "").split()) if scope in known]


def claims(user: Doc, scopes: Iterable[str]) -> Doc:
    """The standard claims about a user that these scopes release."""
    names = [name for scope in scopes for name in _CLAIMS.get(scope, ())]
    return {_CLAIM_NAMES.get(name, name): user[name] for name in names if user.get(name) is not None}


def _offline(client: Doc, server: Doc | None) -> bool:
    allowed = server is None or bool(server.get("allow_offline_access"))
    return allowed and "refresh_token" in client.get("grant_types", [])
