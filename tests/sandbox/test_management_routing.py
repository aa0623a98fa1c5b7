"""Raw paths: an id stays one id, whatever is in it."""

from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.management.operations import OPERATIONS
from sandbox.management.routing import Answer, Call, Operation, Router


def nothing(call: Call) -> Answer:
    return Answer()


def operation(method: str, path: str) -> Operation:
    return Operation(method, path, nothing, ("read:things",))


ROUTER = Router(
    [
        operation("GET", "/things/{id}"),
        operation("GET", "/things/default"),
        operation("GET", "/things"),
        operation("PATCH", "/things/{id}"),
        operation("GET", "/things/{id}/parts/{part}"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "found", "params"),
    [
        ("GET", "/things", "/things", {}),
        ("GET", "/things/", "/things", {}),
        ("GET", "/things/x", "/things/{id}", {"id": "x"}),
        ("GET", "/things/default", "/things/default", {}),
        ("PATCH", "/things/default", "/things/{id}", {"id": "default"}),
        ("GET", "/things/auth0%7Cx", "/things/{id}", {"id": "auth0|x"}),
        ("GET", "/things/https:%2F%2Fa.b%2Fc", "/things/{id}", {"id": "https://a.b/c"}),
        ("GET", "/things/a%20b/parts/%2525", "/things/{id}/parts/{part}", {"id": "a b", "part": "%25"}),
    ],
)
def test_a_path_finds_its_operation(method: str, path: str, found: str, params: dict[str, str]) -> None:
    result = ROUTER.find(method, path)
    assert result is not None
    assert (result[0].path, result[1]) == (found, params)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/things"),
        ("GET", "/"),
        ("GET", "/other"),
        ("GET", "/things/a/b"),
        ("GET", "/things//parts/x"),
    ],
)
def test_what_is_not_listed_is_not_found(method: str, path: str) -> None:
    assert ROUTER.find(method, path) is None


@settings(deadline=None)
@given(identifier=st.text(min_size=1))
def test_any_id_arrives_as_it_was_sent(identifier: str) -> None:
    result = ROUTER.find("PATCH", f"/things/{quote(identifier, safe='')}")
    assert result is not None
    assert result[1] == {"id": identifier}


@pytest.mark.parametrize("listed", OPERATIONS, ids=lambda listed: f"{listed.method} {listed.path}")
def test_every_listed_operation_can_be_reached(listed: Operation) -> None:
    path = listed.path.replace("{", "").replace("}", "")
    found = Router(OPERATIONS).find(listed.method, path)
    assert found is not None
    assert found[0] is listed
