"""Lists: pages, checkpoints, the Actions service's own pages, and `fields`."""

import re
from collections.abc import Callable, Iterable

from ..errors import Auth0Error, refusal
from ..store import Doc
from .routing import Answer, Call

# What a caller sees of a document: asked of the ones that are shown only.
View = Callable[[Doc], Doc]

_USUAL = 50
_MOST = 100
# https://auth0.com/docs/manage-users/user-search/view-search-results-by-page
_REACH = 1000
_DIGITS = re.compile("[0-9]{1,15}")
# What is boolean wherever it is known; Auth0 refuses it with another value before it looks at anything.
_FLAGS = (
    "allow_any_organization",
    "deployed",
    "disabled",
    "enabled",
    "force",
    "include_fields",
    "include_totals",
    "installed",
    "is_enabled",
    "is_first_party",
    "is_global",
)


def _as_it_is(doc: Doc) -> Doc:
    return doc


def answer(
    call: Call, name: str, docs: list[Doc], view: View = _as_it_is, *, with_length: bool = False
) -> Answer:
    """A list as the query asks for it: by checkpoint (`take`), as pages with totals, or bare.

    Source: /api/v2 lists; `take` wins over `include_totals`, as recorded.
    """
    if "take" in call.query or "from" in call.query:
        return checkpoint(call, name, docs, view)
    page, size = pages(call)
    shown = [view(doc) for doc in docs[page * size : (page + 1) * size]]
    return of_page(call, name, shown, len(docs), with_length=with_length)


def of_page(call: Call, name: str, shown: list[Doc], total: int, *, with_length: bool = False) -> Answer:
    """The page the query asks for, already cut out of `total` items: with totals, or bare."""
    page, size = pages(call)
    if flag(call, "include_totals"):
        totals: Doc = {"total": total, "start": page * size, "limit": size}
        lengths = {"length": len(shown)} if with_length else {}
        return Answer({**totals, **lengths, name: shown})
    return Answer(shown)


def checkpoint(call: Call, name: str, docs: list[Doc], view: View = _as_it_is) -> Answer:
    """A list that knows checkpoints only, with or without `take`."""
    size = take(call)
    start = _position(call.query.get("from"))
    shown = [view(doc) for doc in docs[start : start + size]]
    more = {"next": f"p{start + size}"} if start + size < len(docs) else {}
    return Answer({name: shown, **more})


def actions(call: Call, name: str, docs: list[Doc], view: View = _as_it_is) -> Answer:
    """The Actions service: no start or limit, zeroes left out, and no total after the last page.

    Clients that page until `total` is 0 or absent would otherwise never end.
    """
    page, size = pages(call)
    shown = [view(doc) for doc in docs[page * size : (page + 1) * size]]
    numbers = {"total": len(docs) if shown else 0, "page": page, "per_page": size}
    return Answer({name: shown, **{key: value for key, value in numbers.items() if value}})


def take(call: Call) -> int:
    """How many items a checkpoint's list may have."""
    return _number(call, "take", _USUAL, 1, _MOST)


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if cursor[:1] == "p" and _DIGITS.fullmatch(cursor[1:]):
        return int(cursor[1:])
    raise invalid_query(f"Object didn't pass validation for format checkpoint: {cursor}", "from")


def pages(call: Call) -> tuple[int, int]:
    """The number of the page asked for, from 0, and its size."""
    return _number(call, "page", 0, 0, None), _number(call, "per_page", _USUAL, 0, _MOST)


def _number(call: Call, name: str, default: int, low: int, high: int | None) -> int:
    given = call.query.get(name)
    if given is None:
        return default
    if not _DIGITS.fullmatch(given):
        raise invalid_query("Expected type integer but found type string", name)
    number = int(given)
    if number < low:
        raise invalid_query(f"Value {number} is less than minimum {low}", name)
    if high is not None and number > high:
        raise invalid_query(f"Value {number} is greater than maximum {high}", name)
    return number


def first(call: Call) -> int:
    """The position of the first item asked for, by page."""
    page, size = pages(call)
    return page * size


def check_reach(call: Call) -> None:
    """Raise Auth0Error 400 for a page beyond the first 1,000 items."""
    if first(call) >= _REACH:
        raise refusal(
            400,
            "You can only page through the first 1000 records. See https://auth0.com/docs/users/search/v3/"
            "view-search-results-by-page#limitation",
            "invalid_paging",
        )


def invalid_query(problem: str, where: str = "") -> Auth0Error:
    """400 about the query string, in the validator's words."""
    place = f" on property {where}" if where else ""
    return refusal(400, f"Query validation error: '{problem}'{place}.", "invalid_query_string")


def selected(call: Call, doc: Doc, always: Iterable[str] = ()) -> Doc:
    """Only the members `fields` names, or all but those with include_fields=false."""
    fields = {name.strip() for name in call.query.get("fields", "").split(",") if name.strip()}
    if not fields:
        return doc
    if flag(call, "include_fields") is False:
        return {key: value for key, value in doc.items() if key not in fields}
    kept = fields.union(always)
    return {key: value for key, value in doc.items() if key in kept}


def check_flags(call: Call) -> None:
    """Raise Auth0Error 400 for a boolean of the query that is neither true nor false."""
    for name in _FLAGS:
        flag(call, name)


def flag(call: Call, name: str) -> bool | None:
    """A boolean query parameter, None when absent."""
    value = call.query.get(name)
    if value not in (None, "true", "false"):
        raise invalid_query("Expected type boolean but found type string", name)
    return None if value is None else value == "true"
