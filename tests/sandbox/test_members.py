"""JSON against a dataclass's annotations."""

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from sandbox.members import MembersError, check


@dataclass
class Thing:
    word: str = ""
    on: bool = False
    whole: int = 0
    share: float = 0.0
    maybe: int | None = None
    pick: Literal["a", "b"] = "a"
    names: dict[str, str] = field(default_factory=dict)
    free: Any = None


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"word": "x", "on": True, "whole": -1, "share": 0.5, "maybe": None, "pick": "b"},
        {"share": 1, "maybe": 2, "names": {"a": "b"}, "free": [1]},
    ],
)
def test_what_fits_passes(given: dict[str, Any]) -> None:
    check(Thing, given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"other": 1}, "Unknown member: other. Known are word, on, whole, share, maybe, pick, names, free."),
        ({"word": 1}, "word must be a string."),
        ({"on": 1}, "on must be true or false."),
        ({"whole": True}, "whole must be a whole number."),
        ({"whole": 1.0}, "whole must be a whole number."),
        ({"share": True}, "share must be a number."),
        ({"maybe": "x"}, "maybe must be a whole number or null."),
        ({"pick": "c"}, "pick must be one of a, b."),
        ({"names": {"a": 1}}, "names must be an object of strings."),
        ({"names": []}, "names must be an object of strings."),
    ],
)
def test_what_does_not_fit_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(MembersError) as refused:
        check(Thing, given)
    assert str(refused.value) == message
