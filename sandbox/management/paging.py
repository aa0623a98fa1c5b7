"""Lists: pages, checkpoints, the Actions service's own pages, and `fields`."""

from collections.abc import Iterable
from typing import Any

from ..errors import Auth0Error, refusal
from ..store import Doc
from .routing import Answer, Call

_USUAL = 50
_MOST = 100


def answer(call: Call, name: str, docs: list[Doc], *, with_length: bool = False) -> Answer:
    """A list as the query asks for it: by checkpoint (`take`), as pages with totals, or bare.

    Source: /api/v2 lists; `take` wins over `include_totals`, as recorded.
    """
    if "take" in call.query or "from" in call.query:
        return Answer(_checkpoint(call, name, docs))
    page, size = _pages(call)
    shown = docs[page * size : (page + 1) * size]
    if call.query.get("include_totals") == "true":
        totals: Doc = {"total": len(docs), "start": page * size, "limit": size}
        lengths = {"length": len(shown)} if with_length else {}
        return Answer({**totals, **lengths, name: shown})
    return Answer(shown)


def checkpoint(call: Call, name: str, docs: list[Doc]) -> Answer:
    """A list that knows checkpoints only, with or without `take`."""
    return Answer(_checkpoint(call, name, docs))


def actions(call: Call, name: str, docs: list[Doc]) -> Answer:
    """The Actions service: no start or limit, zeroes left out, and no total after the last page.

    Clients that page until `total` is 0 or absent would otherwise never end.
    """
    page, size = _pages(call)
    shown = docs[page * size : (page + 1) * size]
    numbers = {"total": len(docs) if shown else 0, "page": page, "per_page": size}
    return Answer({name: shown, **{key: value for key, value in numbers.items() if value}})


def _checkpoint(call: Call, name: str, docs: list[Doc]) -> Doc:
    take = _number(call, "take", _USUAL, 1, _MOST)
    start = _position(call.query.get("from"))
    shown = docs[start : start + take]
    more = {"next": f"p{start + take}"} if start + take < len(docs) else {}
    return {name: shown, **more}


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if cursor[:1] == "p" and cursor[1:].isdigit():
        return int(cursor[1:])
    raise invalid_query(f"Object didn't pass validation for format checkpoint: {cursor}", "from")


def _pages(call: Call) -> tuple[int, int]:
    return _number(call, "page", 0, 0, None), _number(call, "per_page", _USUAL, 1, _MOST)


def _number(call: Call, name: str, default: int, low: int, high: int | None) -> int:
    given = call.query.get(name)
    if given is None:
        return default
    if not given.isdigit():
        raise invalid_query("Expected type integer but found type string", name)
    number = int(given)
    if number < low:
        raise invalid_query(f"Value {number} is less than minimum {low}", name)
    if high is not None and number > high:
        raise invalid_query(f"Value {number} is greater than maximum {high}", name)
    return number


def first(call: Call) -> int:
    """The position of the first item asked for, by page."""
    page, size = _pages(call)
    return page * size


def invalid_query(problem: str, where: str = "") -> Auth0Error:
    """400 about the query string, in the validator's words."""
    place = f" on property {where}" if where else ""
    return refusal(400, f"Query validation error: '{problem}'{place}.", "invalid_query_string")


def selected(call: Call, doc: Doc, always: Iterable[str] = ()) -> Doc:
    """Only the members `fields` names, or all but those with include_fields=false."""
    fields = {name.strip() for name in call.query.get("fields", "").split(",") if name.strip()}
    if not fields:
        return doc
    if call.query.get("include_fields", "true") == "false":
        return {key: value for key, value in doc.items() if key not in fields}
    kept = fields.union(always)
    return {key: value for key, value in doc.items() if key in kept}


def flag(call: Call, name: str) -> bool | None:
    """A boolean query parameter, None when absent."""
    value: Any = call.query.get(name)
    return None if value is None else value == "true"
