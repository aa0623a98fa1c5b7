"""Permissions: scopes of APIs, held by a role or by a user directly."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import not_found
from ..store import Doc, Store
from .schema import array, record, text

BODY = record(
    {
        "permissions": array(
            record(
                {"resource_server_identifier": text(1), "permission_name": text(1)},
                required=("resource_server_identifier", "permission_name"),
            ),
            1,
        )
    },
    required=("permissions",),
)
_NAMED_BY = ("resource_server_identifier", "permission_name")
_Names = tuple[str, str]


def added(store: Store, held: list[Doc], wanted: Iterable[Mapping[str, Any]]) -> list[Doc]:
    """What is held after granting `wanted`; Auth0Error 404 for a scope no API has."""
    granted = list(wanted)
    known = _described(store, granted)
    if any(_names(permission) not in known for permission in granted):
        raise not_found("The permission does not exist.", "inexistent_permission")
    both = dict.fromkeys(map(_names, [*held, *granted]))
    return [dict(zip(_NAMED_BY, names, strict=True)) for names in both]


def removed(held: list[Doc], unwanted: Iterable[Mapping[str, Any]]) -> list[Doc]:
    gone = set(map(_names, unwanted))
    return [permission for permission in held if _names(permission) not in gone]


def listed(store: Store, held: Iterable[Mapping[str, Any]]) -> list[Doc]:
    """As lists show them: sorted, and without those whose API or scope is gone."""
    permissions = list(held)
    known = _described(store, permissions)
    return [known[names] for names in sorted(map(_names, permissions)) if names in known]


def _described(store: Store, wanted: Iterable[Mapping[str, Any]]) -> dict[_Names, Doc]:
    """Every scope of the APIs that are named here, with its description and its API's name.

    Each API is read once: the Management API alone has hundreds of scopes.
    """
    identifiers = {permission["resource_server_identifier"] for permission in wanted}
    return {
        (api["identifier"], scope["value"]): {
            "permission_name": scope["value"],
            "description": scope.get("description"),
            "resource_server_name": api.get("name"),
            "resource_server_identifier": api["identifier"],
        }
        for identifier in identifiers
        for api in store.where("resource_servers", "identifier", identifier)
        # Of two scopes of one name the first one counts.
        for scope in reversed(api.get("scopes", []))
    }


def _names(permission: Mapping[str, Any]) -> _Names:
    return permission["resource_server_identifier"], permission["permission_name"]
