"""The part of the user search syntax (Lucene, engine v3) that tools use: terms joined by AND or OR."""

import re
from typing import Any

from ...errors import refusal
from ...store import Doc

_TERM = re.compile(r'\s*(?P<no>NOT\s+|-)?(?P<field>[\w.]+):(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s()]+))\s*')
_JOIN = re.compile(r"(AND|OR)\s+")


def matches(user: Doc, query: str) -> bool:
    """Whether a user answers the query; AND binds tighter than OR. Raises Auth0Error 400 for other syntax."""
    return any(all(_holds(user, term) for term in terms) for terms in _parse(query))


def _parse(query: str) -> list[list[re.Match[str]]]:
    groups: list[list[re.Match[str]]] = [[]]
    position = 0
    while True:
        term = _TERM.match(query, position)
        if term is None:
            raise refusal(400, "Invalid query string. Use the latest Lucene syntax", "invalid_query_string")
        groups[-1].append(term)
        position = term.end()
        if position >= len(query):
            return groups
        join = _JOIN.match(query, position)
        if join and join[1] == "OR":
            groups.append([])
        position = join.end() if join else position


def _holds(user: Doc, term: re.Match[str]) -> bool:
    pattern = term["quoted"] if term["quoted"] is not None else _unescaped(term["plain"])
    found = any(_like(value, pattern) for value in _values(user, term["field"].split(".")))
    return found != bool(term["no"])


def _unescaped(plain: str) -> str:
    return re.sub(r"\\(.)", r"\1", plain)


def _like(value: Any, pattern: str) -> bool:
    text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    if pattern.endswith("*"):
        return text.lower().startswith(pattern[:-1].lower())
    return text.lower() == pattern.lower()


def _values(value: Any, path: list[str]) -> list[Any]:
    if isinstance(value, list):
        return [found for item in value for found in _values(item, path)]
    if not path:
        return [] if value is None or isinstance(value, dict) else [value]
    return _values(value.get(path[0]), path[1:]) if isinstance(value, dict) else []
