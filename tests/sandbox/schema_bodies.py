"""Bodies that a schema of the Management API allows, and now and then one that it doesn't."""

import string
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from sandbox.management.schema import Schema

# Few, so that names meet each other; among them what paths, queries and databases have trouble with.
_WORDS = st.sampled_from(
    ["one", "two", "a-b", "x" * 40, "ünï|ço/de", "100%", 'quo"te', "https://a.example/x", "half \ud800", "\0"]
)
_OF_FORMAT = {"email": "a@example.com", "strict-https-uri-or-null": "https://a.example"}
_NOT_ALLOWED: st.SearchStrategy[Any] = st.sampled_from([None, [], {}, 7, "", "\ud800", {"unknown": 1}])
_ANY: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), _WORDS, st.dictionaries(_WORDS, _WORDS, max_size=2)
)


def bodies(schema: Schema) -> st.SearchStrategy[Any]:
    """Mostly allowed ones."""
    return st.one_of(*[allowed(schema)] * 9, _NOT_ALLOWED)


def allowed(schema: Schema) -> st.SearchStrategy[Any]:
    """Whatever the schema allows; what else a resource wants of it, it says itself."""
    made = _OF_TYPE.get(schema["type"])
    found = made(schema) if made else _ANY
    return st.one_of(found, found, st.none()) if schema.get("nullable") else found


def _text(schema: Schema) -> st.SearchStrategy[Any]:
    low, high = schema.get("low", 0), schema.get("high", 60)
    if "choices" in schema:
        return st.sampled_from(schema["choices"])
    if "like" in schema:
        return st.just(_OF_FORMAT[schema["like"]])
    if "pattern" in schema:
        letters = st.characters(codec="ascii", exclude_characters="\n")
        return st.from_regex(schema["pattern"], fullmatch=True, alphabet=letters).filter(
            lambda text: low <= len(text) <= high
        )
    words = _WORDS.filter(lambda text: low <= len(text) <= high)
    return st.one_of(words, st.text(string.ascii_lowercase, min_size=low, max_size=max(low, min(high, 12))))


def _integer(schema: Schema) -> st.SearchStrategy[Any]:
    low = int(schema.get("low", 0))
    return st.integers(low, int(schema.get("high", low + 20)))


def _array(schema: Schema) -> st.SearchStrategy[Any]:
    low = schema.get("low", 0)
    items = st.lists(
        allowed(schema["of"]) if schema.get("of") else _ANY,
        min_size=low,
        max_size=max(low, min(schema.get("high", 3), 3)),
    )
    return items.map(_each_once) if schema.get("unique") else items


def _each_once(items: list[Any]) -> list[Any]:
    return [item for number, item in enumerate(items) if item not in items[:number]]


def _object(schema: Schema) -> st.SearchStrategy[Any]:
    members = {name: allowed(inner) for name, inner in schema["properties"].items()}
    required = {name: members.pop(name, _ANY) for name in schema["required"]}
    return st.fixed_dictionaries(required, optional=members)


_OF_TYPE: dict[str, Callable[[Schema], st.SearchStrategy[Any]]] = {
    "string": _text,
    "boolean": lambda _: st.booleans(),
    "number": _integer,
    "integer": _integer,
    "array": _array,
    "object": _object,
}
