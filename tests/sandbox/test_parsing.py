"""JSON as a JavaScript server reads and writes it: its numbers, and what no number is."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.parsing import parsed
from sandbox.seed import CONNECTION
from sandbox.store import Store

from .tenant_driver import Tenant

NUMBERS = st.from_regex(
    re.compile(r"-?(0|[1-9][0-9]{0,400})([.][0-9]{1,20})?([eE][+-]?[0-9]{1,4})?"), fullmatch=True
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("86400.0", 86400),
        ("8.64e4", 86400),
        ("-0.0", 0),
        ("0.5", 0.5),
        ("1e999", None),
        ("[-1e999]", [None]),
        ("9" * 5000, None),
        ("9007199254740993", 9007199254740992),
        ("123456789012345", 123456789012345),
        ("1e21", 1e21),
    ],
)
def test_numbers_are_doubles(text: str, value: object) -> None:
    read = parsed(text.encode())
    assert (read, type(read)) == (value, type(value))


@given(text=NUMBERS)
def test_every_number_can_be_written_again(text: str) -> None:
    read = parsed(text.encode())
    assert parsed(json.dumps(read, allow_nan=False).encode()) == read
    assert read is None or float(read) == float(text)


def test_a_number_that_is_none_spoils_no_list() -> None:
    tenant = Tenant()
    metadata = parsed(b'{"n": 1e999, "m": [2.0, -1e999]}')
    user = {"connection": CONNECTION, "email": "a@x.test", "password": "Correct-horse-9"}
    made = tenant.post("/users", {**user, "user_metadata": metadata})
    assert made["user_metadata"] == {"m": [2, None]}
    assert tenant.get("/users") == [made]


def test_the_store_takes_no_number_that_json_lacks() -> None:
    with pytest.raises(ValueError, match="JSON"):
        Store(None).put("users", "one", {"n": float("inf")})
