"""Request bodies: what is allowed, and Auth0's words for what isn't.

A schema is a JSON-Schema-like dict built by the functions below. The messages are those Auth0's validator
prints, for example
"Payload validation error: 'Additional properties not allowed: enabled' on property error_page (Tenant error
page customization)." (github.com/auth0-samples/github-source-control-integration/issues/8).
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import Auth0Error, invalid_body

Schema = Mapping[str, Any]

_FORMATS = {
    "email": re.compile(r"^[^@\s]+@[^@\s]+\Z"),
    "strict-https-uri-or-null": re.compile(r"^https://[^/\s]+"),
}


def text(
    low: int = 0,
    high: int | None = None,
    *,
    pattern: str | None = None,
    choices: Iterable[str] | None = None,
    like: str | None = None,
    about: str = "",
) -> Schema:
    """A string of `low` to `high` characters; `about` is Auth0's description of the property.

    `like` names one of the validator's formats: email, strict-https-uri-or-null.
    """
    return _schema("string", low=low, high=high, pattern=pattern, choices=choices, like=like, about=about)


def flag(about: str = "") -> Schema:
    return _schema("boolean", about=about)


def number(low: float | None = None, high: float | None = None, about: str = "") -> Schema:
    return _schema("number", low=low, high=high, about=about)


def integer(low: int | None = None, high: int | None = None, about: str = "") -> Schema:
    return _schema("integer", low=low, high=high, about=about)


def array(
    of: Schema | None = None, low: int = 0, high: int | None = None, *, unique: bool = False, about: str = ""
) -> Schema:
    return _schema("array", of=of, low=low, high=high, unique=unique, about=about)


def record(
    properties: Mapping[str, Schema] | None = None,
    required: Iterable[str] = (),
    *,
    open_ended: bool = False,
    about: str = "",
) -> Schema:
    """An object; without `properties`, or with `open_ended`, it may hold anything else too."""
    return _schema(
        "object",
        properties=properties or {},
        required=tuple(required),
        open_ended=open_ended or properties is None,
        about=about,
    )


def nullable(schema: Schema) -> Schema:
    return {**schema, "nullable": True}


def anything() -> Schema:
    return {"type": "any"}


def form() -> Schema:
    """Not JSON but multipart/form-data: a mapping of its fields (text) and files (bytes)."""
    return {"type": "form"}


def _schema(kind: str, **members: Any) -> Schema:
    if members.get("choices") is not None:
        members["choices"] = tuple(members["choices"])
    return {"type": kind, **{name: value for name, value in members.items() if value not in (None, "")}}


def validate(body: Any, schema: Schema, source: str = "Payload") -> None:
    """Raise Auth0Error 400 invalid_body for the first thing that isn't allowed."""
    _check(body, schema, "", source)


def _check(value: Any, schema: Schema, path: str, source: str) -> None:
    if schema["type"] == "any" or (value is None and schema.get("nullable")):
        return
    actual = type_of(value)
    wanted = schema["type"]
    if actual != wanted and not (wanted == "number" and actual == "integer"):
        raise _error(f"Expected type {wanted} but found type {actual}", schema, path, source)
    match value:
        case str():
            _check_string(value, schema, path, source)
        case list():
            _check_array(value, schema, path, source)
        case dict():
            _check_object(value, schema, path, source)
        case int() | float() if not isinstance(value, bool):
            _check_number(value, schema, path, source)


def _check_string(value: str, schema: Schema, path: str, source: str) -> None:
    low, high, pattern = schema.get("low", 0), schema.get("high"), schema.get("pattern")
    if len(value) < low:
        raise _error(f"String is too short ({len(value)} chars), minimum {low}", schema, path, source)
    if high is not None and len(value) > high:
        raise _error(f"String is too long ({len(value)} chars), maximum {high}", schema, path, source)
    if "choices" in schema and value not in schema["choices"]:
        raise _error(f"No enum match for: {value}", schema, path, source)
    if "like" in schema and not _FORMATS[schema["like"]].search(value):
        problem = f"Object didn't pass validation for format {schema['like']}: {value}"
        raise _error(problem, schema, path, source)
    # Without the m flag, $ is the very end in JavaScript; in Python a line break may follow.
    if pattern and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
        raise _error(f"String does not match pattern {pattern}: {value}", schema, path, source)


def _check_number(value: float, schema: Schema, path: str, source: str) -> None:
    low, high = schema.get("low"), schema.get("high")
    if low is not None and value < low:
        raise _error(f"Value {value} is less than minimum {low}", schema, path, source)
    if high is not None and value > high:
        raise _error(f"Value {value} is greater than maximum {high}", schema, path, source)


def _check_array(value: list[Any], schema: Schema, path: str, source: str) -> None:
    low, high = schema.get("low", 0), schema.get("high")
    if len(value) < low:
        raise _error(f"Array is too short ({len(value)}), minimum {low}", schema, path, source)
    if high is not None and len(value) > high:
        raise _error(f"Array is too long ({len(value)}), maximum {high}", schema, path, source)
    if schema.get("unique"):
        _check_unique(value, schema, path, source)
    if of := schema.get("of"):
        for index, item in enumerate(value):
            _check(item, of, f"{path}[{index}]", source)


def _check_unique(value: list[Any], schema: Schema, path: str, source: str) -> None:
    seen: dict[str, int] = {}
    for later, item in enumerate(value):
        earlier = seen.setdefault(json.dumps(item, sort_keys=True), later)
        if earlier < later:
            raise _error(f"Array items are not unique (indexes {earlier} and {later})", schema, path, source)


def _check_object(value: Mapping[str, Any], schema: Schema, path: str, source: str) -> None:
    properties = schema["properties"]
    for name in schema["required"]:
        if name not in value:
            raise _error(f"Missing required property: {name}", schema, path, source)
    if not schema["open_ended"]:
        extra = [name for name in value if name not in properties]
        if extra:
            raise _error(f"Additional properties not allowed: {','.join(extra)}", schema, path, source)
    for name, inner in properties.items():
        if name in value:
            _check(value[name], inner, f"{path}.{name}" if path else name, source)


def type_of(value: Any) -> str:
    """What the validator calls the type of a JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def lacking(name: str) -> Auth0Error:
    """400 for a body without a property that others make necessary, in the validator's words."""
    return invalid_body(f"Payload validation error: 'Missing required property: {name}'.")


def _error(problem: str, schema: Schema, path: str, source: str) -> Auth0Error:
    about = f" ({schema['about'].rstrip('.')})" if schema.get("about") else ""
    where = f" on property {path}{about}" if path else ""
    return invalid_body(f"{source} validation error: '{problem}'{where}.")
