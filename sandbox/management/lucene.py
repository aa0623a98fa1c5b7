"""`q`: the part of Lucene's query syntax that Auth0 knows, for whatever is searched.

Terms joined by AND, OR and NOT (also &&, ||, ! and -), groups, phrases, wildcards and ranges; terms that
nothing joins all have to hold. Fuzziness, boosts and regular expressions are refused, as Auth0 refuses them.
Source: auth0.com/docs/manage-users/user-search/user-search-query-syntax and
auth0.com/docs/deploy-monitor/logs/log-search-query-syntax.
"""

import fnmatch
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import Auth0Error, refusal
from ..store import Doc

Test = Callable[[Doc], bool]
Fits = Callable[[Any], bool]
Values = Callable[[Doc], list[Any]]

# Within a token each letter can be read in one way only, so no text makes these go back and forth.
_FIELD = r"(?P<field>[A-Za-z_][\w.-]*):(?=\S)"
_VALUE = r"""
    (?P<range>[\[{]\s*(?:"[^"]*"|[^\s\[\]{}"]+)\s+TO\s+(?:"[^"]*"|[^\s\[\]{}"]+)\s*[\]}]) |
    "(?P<phrase>(?:[^"\\]|\\.)*)" |
    (?P<word>(?:[^\s()\[\]{}":\\]|\\.)(?:[^\s()\[\]{}"\\]|\\.)*)
"""
_OPERATOR = r"""(?P<operator>AND|OR|NOT|&&|\|\||!)(?=[\s()"]|$)"""
_TERM = re.compile(
    rf"""\s*(?:
    (?P<open>\() | (?P<close>\)) | {_OPERATOR} |
    (?P<minus>[-!])(?=[\w"(]) |
    {_FIELD} | {_VALUE})""",
    re.VERBOSE,
)
# Neither a field nor an operator is a field's value.
_AFTER_FIELD = re.compile(rf"(?P<open>\() | (?!{_FIELD}|{_OPERATOR})(?:{_VALUE})", re.VERBOSE)
_RANGE = re.compile(r"""\s*("[^"]*"|\S+)\s+TO\s+("[^"]*"|\S+)\s*""")
_JOINING = {"AND": "AND", "&&": "AND", "OR": "OR", "||": "OR", "NOT": "NOT", "!": "NOT"}
# `ada~`, `ada~0.8`, `ada^2`: fuzziness and boosts.
_VAGUE = re.compile(r"[~^][\d.]*$")
# How much of what can be nested a query may have.
_MOST_NESTED = 200

Token = tuple[str, str]


@dataclass(frozen=True)
class Fields:
    """What can be searched in one kind of document, and how.

    `usual`: where a term without a field is looked for; `folded`: whose case doesn't matter; `literal`: the
    first names of those without wildcards and ranges; `derived`: those that no member holds as they are;
    `shortest_suffix`: how many letters have to follow a leading *.
    """

    usual: tuple[str, ...]
    folded: Collection[str] = ()
    literal: Collection[str] = ()
    derived: Mapping[str, Values] = field(default_factory=dict)
    shortest_suffix: int = 0

    def values(self, doc: Doc, name: str) -> list[Any]:
        """The field's values in a document: none, one, or several where there are lists on the way."""
        return self.derived[name](doc) if name in self.derived else values(doc, name.split("."))


def test_of(query: str | None, fields: Fields) -> Test:
    """Whether a document answers the query; AND binds tighter than OR. Auth0Error 400 for other syntax."""
    return _Parser(query, fields).test() if query else lambda doc: True


def values(value: Any, path: list[str]) -> list[Any]:
    """What a document has at a path of members, whatever lists are on the way."""
    if isinstance(value, list):
        return [found for item in value for found in values(item, path)]
    if not path:
        return [] if value is None or isinstance(value, dict) else [value]
    return values(value.get(path[0]), path[1:]) if isinstance(value, dict) else []


def text(value: Any) -> str:
    """A value as a query spells it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def invalid() -> Auth0Error:
    """400 for a query that isn't understood."""
    return refusal(400, "Invalid query string. Use the latest Lucene syntax", "invalid_query_string")


class _Parser:
    """Recursive descent: either of alternatives, each of them terms that all hold."""

    def __init__(self, query: str, fields: Fields) -> None:
        self._fields = fields
        self._tokens = list(_tokens(query))
        self._next = 0
        if sum(token[0] == "open" or token == ("operator", "NOT") for token in self._tokens) > _MOST_NESTED:
            raise invalid()

    def test(self) -> Test:
        test = self._alternatives(None)
        if self._next < len(self._tokens):
            raise invalid()
        return test

    def _alternatives(self, name: str | None) -> Test:
        tests = [self._conjunction(name)]
        while self._takes("OR"):
            tests.append(self._conjunction(name))
        return lambda doc: any(test(doc) for test in tests)

    def _conjunction(self, name: str | None) -> Test:
        tests = [self._term(name)]
        while self._next < len(self._tokens) and self._peek() not in (("operator", "OR"), ("close", ")")):
            self._takes("AND")
            tests.append(self._term(name))
        return lambda doc: all(test(doc) for test in tests)

    def _term(self, name: str | None) -> Test:
        if self._takes("NOT"):
            unwanted = self._term(name)
            return lambda doc: not unwanted(doc)
        kind, content = self._take()
        if kind == "field":
            name = content
            kind, content = self._take()
        if kind == "open":
            test = self._alternatives(name)
            if self._take()[0] != "close":
                raise invalid()
            return test
        if kind in ("close", "operator"):
            raise invalid()
        return _holds(self._fields, name, kind, content)

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        if self._next >= len(self._tokens):
            raise invalid()
        self._next += 1
        return self._tokens[self._next - 1]

    def _takes(self, operator: str) -> bool:
        found = self._next < len(self._tokens) and self._peek() == ("operator", operator)
        self._next += found
        return found


def _tokens(query: str) -> Iterator[Token]:
    position, end, kind = 0, len(query.rstrip()), ""
    while position < end:
        token = (_AFTER_FIELD if kind == "field" else _TERM).match(query, position)
        if token is None or token.lastgroup is None:
            raise invalid()
        kind, content, position = token.lastgroup, token[token.lastgroup], token.end()
        if kind == "minus":
            yield "operator", "NOT"
        else:
            yield kind, _JOINING[content] if kind == "operator" else content


def _holds(fields: Fields, name: str | None, kind: str, content: str) -> Test:
    if name == "_exists_":
        return lambda doc: bool(fields.values(doc, content))
    tests = [(each, _fits(fields, each, kind, content)) for each in ((name,) if name else fields.usual)]
    return lambda doc: any(fits(value) for each, fits in tests for value in fields.values(doc, each))


def _fits(fields: Fields, name: str, kind: str, content: str) -> Fits:
    is_folded = name in fields.folded
    fold: Callable[[str], str] = str.lower if is_folded else str
    if kind == "phrase":
        return _equal(_unescaped(content), fold)
    is_literal = name.partition(".")[0] in fields.literal
    if kind == "range":
        if is_literal:
            raise invalid()
        return _within(content, fold)
    _check_word(content, fields.shortest_suffix)
    pieces = re.findall(r"\\.|.", content)
    if not {"*", "?"}.intersection(pieces):
        return _equal(_unescaped(content), fold)
    if is_literal:
        raise invalid()
    return _like(pieces, fold)


def _check_word(word: str, shortest_suffix: int) -> None:
    plain = re.sub(r"\\.", "-", word)
    if plain.endswith(":") or plain.startswith("/") or _VAGUE.search(plain):
        raise invalid()
    suffix = plain[1:]
    if plain.startswith("*") and 0 < len(suffix) < shortest_suffix and not {"*", "?"}.intersection(suffix):
        raise invalid()


def _equal(wanted: str, fold: Callable[[str], str]) -> Fits:
    folded = fold(wanted)
    return lambda value: fold(text(value)) == folded


def _like(pieces: list[str], fold: Callable[[str], str]) -> Fits:
    """* stands for any letters, ? for one. fnmatch's patterns don't go back over what they have matched."""
    glob = "".join(piece if piece in ("*", "?") else f"[{fold(piece[-1])}]" for piece in pieces)
    pattern = re.compile(fnmatch.translate(glob))
    return lambda value: pattern.match(fold(text(value))) is not None


def _within(content: str, fold: Callable[[str], str]) -> Fits:
    ends = _RANGE.fullmatch(content[1:-1])
    if ends is None:
        raise invalid()
    low, high = (end.strip('"') for end in ends.groups())
    least, most = _number(low, -math.inf), _number(high, math.inf)
    # A day or a month that ends a range is in it as a whole.
    first, last = fold(low), f"{fold(high)}\uffff" if content[-1] == "]" else fold(high)

    def fits(value: Any) -> bool:
        if isinstance(value, bool):
            return False
        if isinstance(value, int | float):
            if least is None or most is None:
                raise invalid()
            return _between(value, least, most, content)
        return _between(
            fold(str(value)), "" if low == "*" else first, "\uffff" if high == "*" else last, content
        )

    return fits


def _between(value: Any, low: Any, high: Any, content: str) -> bool:
    above = value >= low if content[0] == "[" else value > low
    return bool(above and (value <= high if content[-1] == "]" else value < high))


def _number(end: str, unbounded: float) -> float | None:
    try:
        return unbounded if end == "*" else float(end)
    except ValueError:
        return None


def _unescaped(content: str) -> str:
    return re.sub(r"\\(.)", r"\1", content, flags=re.DOTALL)
