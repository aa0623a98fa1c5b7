"""User search (engine v3): what can be searched in a user, and in which order the found ones come.

Source: auth0.com/docs/manage-users/user-search/user-search-query-syntax. Not documented is what becomes of a
wildcard or a range on user_metadata, or of a suffix that is too short: refused here.
"""

import re
from dataclasses import replace
from functools import partial
from typing import Any

from ...store import Doc, Store
from .. import lucene
from ..organizations import links

# Members whose stored value is found as it is asked for, so that the store can look for it.
_EXACT = re.compile(
    r'(?P<member>email|phone_number|user_id):(?:"(?P<quoted>[^"*?\\]+)"|(?P<plain>[^\s"*?\\()\[{~^/]+))$'
)
_FIELDS = lucene.Fields(
    usual=(
        "email",
        "name",
        "nickname",
        "given_name",
        "family_name",
        "username",
        "phone_number",
        "user_id",
    ),
    folded=("email", "email.domain", "name", "given_name", "family_name", "nickname"),
    literal=("user_metadata",),
    shortest_suffix=3,
)


def candidates(store: Store, query: str | None) -> list[Doc]:
    """Everybody who may answer a query: one person where it names somebody's address, number or id alone."""
    exact = _EXACT.match(query.strip()) if query else None
    if exact is None:
        return store.all("users")
    value = exact["quoted"] or exact["plain"]
    return store.where("users", exact["member"], value.lower() if exact["member"] == "email" else value)


def test_of(store: Store, query: str | None) -> lucene.Test:
    """Whether a user answers the query. Raises Auth0Error 400 for other syntax."""
    derived: dict[str, lucene.Values] = {
        "email.domain": _domain,
        "organization_id": partial(_organizations, store),
    }
    return lucene.test_of(query, replace(_FIELDS, derived=derived))


def _domain(user: Doc) -> list[Any]:
    _, at, domain = str(user.get("email") or "").rpartition("@")
    return [domain] if at else []


def _organizations(store: Store, user: Doc) -> list[Any]:
    return [link["organization_id"] for link in links.MEMBERS.to(store, user["user_id"])]
