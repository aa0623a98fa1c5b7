"""The body validator: what it lets through and the words it refuses with."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import Auth0Error
from sandbox.management.operations import OPERATIONS
from sandbox.management.schema import (
    Schema,
    anything,
    array,
    flag,
    integer,
    nullable,
    number,
    record,
    text,
    validate,
)

THING = record(
    {
        "name": text(1, 5, pattern="^[^<>]+$", about="Its name."),
        "kind": text(choices=("a", "b")),
        "on": flag(),
        "size": integer(1, 9),
        "share": number(0, 1),
        "tags": array(text(1), 1, 3, unique=True),
        "inner": record({"deep": array(record({"x": integer()}, ("x",)))}, about="Inner things."),
        "open": record(),
        "free": anything(),
        "maybe": nullable(text()),
    },
    required=("name",),
)


NAME = "on property name (Its name)"


def refusal(body: object, schema: Schema = THING) -> str:
    with pytest.raises(Auth0Error) as refused:
        validate(body, schema)
    assert (refused.value.status, refused.value.error_code) == (400, "invalid_body")
    return refused.value.message


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x"},
        {"name": "x", "kind": "b", "on": False, "size": 9, "share": 0.5, "tags": ["a", "b"]},
        {"name": "x", "share": 1, "inner": {"deep": [{"x": 1}, {"x": 2}]}, "open": {"any": [None]}},
        {"name": "x", "maybe": None, "free": None},
        {"name": "x", "free": [1, {"a": 2}], "maybe": ""},
    ],
)
def test_what_fits_passes(body: object) -> None:
    validate(body, THING)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Payload validation error: 'Missing required property: name'."),
        (
            {"name": "x", "b": 1, "a": 2},
            "Payload validation error: 'Additional properties not allowed: b,a'.",
        ),
        (
            {"name": "x", "inner": {"other": 1}},
            "Payload validation error: 'Additional properties not allowed: other' on property inner "
            "(Inner things).",
        ),
        (
            {"name": 1},
            f"Payload validation error: 'Expected type string but found type integer' {NAME}.",
        ),
        (
            {"name": ""},
            f"Payload validation error: 'String is too short (0 chars), minimum 1' {NAME}.",
        ),
        (
            {"name": "x" * 6},
            f"Payload validation error: 'String is too long (6 chars), maximum 5' {NAME}.",
        ),
        (
            {"name": "<x>"},
            f"Payload validation error: 'String does not match pattern ^[^<>]+$: <x>' {NAME}.",
        ),
        (
            {"name": "x", "kind": "c"},
            "Payload validation error: 'No enum match for: c' on property kind.",
        ),
        (
            {"name": "x", "on": 1},
            "Payload validation error: 'Expected type boolean but found type integer' on property on.",
        ),
        (
            {"name": "x", "size": 0},
            "Payload validation error: 'Value 0 is less than minimum 1' on property size.",
        ),
        (
            {"name": "x", "size": 10},
            "Payload validation error: 'Value 10 is greater than maximum 9' on property size.",
        ),
        (
            {"name": "x", "size": 1.5},
            "Payload validation error: 'Expected type integer but found type number' on property size.",
        ),
        (
            {"name": "x", "size": True},
            "Payload validation error: 'Expected type integer but found type boolean' on property size.",
        ),
        (
            {"name": "x", "tags": []},
            "Payload validation error: 'Array is too short (0), minimum 1' on property tags.",
        ),
        (
            {"name": "x", "tags": ["a", "b", "c", "d"]},
            "Payload validation error: 'Array is too long (4), maximum 3' on property tags.",
        ),
        (
            {"name": "x", "tags": ["a", "b", "a"]},
            "Payload validation error: 'Array items are not unique (indexes 0 and 2)' on property tags.",
        ),
        (
            {"name": "x", "tags": ["a", 2]},
            "Payload validation error: 'Expected type string but found type integer' on property tags[1].",
        ),
        (
            {"name": "x", "inner": {"deep": [{"x": 1}, {}]}},
            "Payload validation error: 'Missing required property: x' on property inner.deep[1].",
        ),
        (
            {"name": "x", "maybe": 1},
            "Payload validation error: 'Expected type string but found type integer' on property maybe.",
        ),
        (None, "Payload validation error: 'Expected type object but found type null'."),
        ([], "Payload validation error: 'Expected type object but found type array'."),
    ],
)
def test_what_does_not_fit_is_refused_in_auth0_s_words(body: object, message: str) -> None:
    assert refusal(body) == message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SCHEMAS = [operation.body for operation in OPERATIONS if operation.body is not None]


@settings(deadline=None)
@given(body=JSON, schema=st.sampled_from(SCHEMAS))
def test_any_json_is_either_accepted_or_refused_as_a_bad_request(body: object, schema: Schema) -> None:
    with suppress(Auth0Error):
        validate(body, schema)
        return
    assert refusal(body, schema).startswith("Payload validation error: '")


@settings(deadline=None)
@given(body=st.dictionaries(st.text(), JSON, max_size=4).filter(lambda body: body.keys() - {"name"}))
def test_no_unknown_member_slips_in(body: dict[str, object]) -> None:
    with pytest.raises(Auth0Error):
        validate({"name": "x", "surely-unknown": 1, **body}, record({"name": anything()}))
