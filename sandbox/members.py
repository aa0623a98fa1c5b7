"""Whether JSON fits a dataclass: the members it has, of the types they are annotated with."""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


class MembersError(ValueError):
    """A member that isn't known or has the wrong type; the text says which and what fits."""


def check(owner: type, given: Mapping[str, Any]) -> None:
    """Raise MembersError unless every member given belongs to the dataclass and fits its annotation."""
    hints = {name: hint for name, hint in get_type_hints(owner).items() if not name.startswith("_")}
    for name, value in given.items():
        if name not in hints:
            raise MembersError(f"Unknown member: {name}. Known are {', '.join(hints)}.")
        if not _fits(value, hints[name]):
            raise MembersError(f"{name} must be {_told(hints[name])}.")


def _fits(value: Any, hint: Any) -> bool:
    origin = get_origin(hint)
    if hint is Any:
        return True
    if origin is Literal:
        return value in get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, choice) for choice in get_args(hint))
    if origin is dict:
        return isinstance(value, dict) and all(_fits(item, get_args(hint)[1]) for item in value.values())
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    # type() and not isinstance(): True is an int to Python, and not to whoever wrote the JSON.
    return type(value) is hint


def _told(hint: Any) -> str:
    origin = get_origin(hint)
    if origin is Literal:
        return f"one of {', '.join(map(str, get_args(hint)))}"
    if origin in (Union, UnionType):
        return " or ".join(_told(choice) for choice in get_args(hint))
    if hint is NoneType:
        return "null"
    names = {str: "a string", bool: "true or false", int: "a whole number", float: "a number"}
    return names.get(hint, "an object of strings")
