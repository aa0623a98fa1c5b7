"""What would change: property by property, and inside maps key by key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .checks import at
from .kinds import Kind, Properties
from .wire import without_secrets

_ABSENT = object()


@dataclass(frozen=True)
class Change:
    """One property's: `how` is add, delete or update; `declared` if the declaration itself changed."""

    path: str
    name: str
    how: str
    replaces: bool
    declared: bool


def changes(
    kind: Kind, id_: str, state: Properties, old_inputs: Properties, inputs: Properties
) -> list[Change]:
    """From what is there to what is declared. What isn't known yet counts as changed."""
    found = [
        Change(path, name, how, name in kind.replacing, _differs(old_inputs.get(name), inputs.get(name)))
        for name in kind.inputs
        for path, how in _paths(name, state.get(name, _ABSENT), inputs.get(name, _ABSENT))
    ]
    return found + [Change(name, name, "update", False, False) for name in kind.drift(id_, state)]


def _paths(name: str, old: Any, new: Any) -> Iterator[tuple[str, str]]:
    old, new = without_secrets(old), without_secrets(new)
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            for _, how in _paths("", old.get(key, _ABSENT), new.get(key, _ABSENT)):
                yield at(name, key), how
    elif old is _ABSENT or new is _ABSENT:
        if old is not new:
            yield name, "add" if old is _ABSENT else "delete"
    elif _differs(old, new):
        yield name, "update"


def _differs(old: Any, new: Any) -> bool:
    # UNKNOWN equals no old value: a state never holds one.
    return bool(without_secrets(old) != without_secrets(new))
