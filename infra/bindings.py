"""Where our Action goes in a trigger's list, which it shares with other teams' Actions. Pure.

The resource that writes the list owns the whole of it, so whoever is not in it is unbound: the live list is
the truth, foreign Actions keep their order, and ours stands between those that the stage names on its sides.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import mending
from .errors import BindingsError

# auth0.com/docs/troubleshoot/customer-support/operational-policies/entity-limit-policy
TRIGGER_LIMIT = 20


@dataclass(frozen=True)
class Binding:
    """One Action in a trigger's list. `id` is None for an Action that is yet to be created."""

    id: str | None
    name: str


@dataclass(frozen=True)
class Neighbours:
    """The names of other teams' Actions, on either side of ours."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def arrange(live: Sequence[Binding], ours: Binding, neighbours: Neighbours, stage: str) -> list[Binding]:
    """The list with ours in its place, once.

    Raises BindingsError, with all there is to decide and how, when a live Action is not named, a named one is
    not live, their order contradicts the names, or the trigger is full.
    """
    turn = next((place for place, binding in enumerate(live) if binding.id == ours.id), None)
    foreign = [binding for binding in live if binding.id != ours.id]
    problems = [
        *_namesake(foreign, ours, stage),
        *_unnamed(
            [binding for binding in foreign if not _is_namesake(binding, ours)], turn, neighbours, stage
        ),
        *_missing(foreign, neighbours, stage),
        *_contradiction(foreign, neighbours),
        *_full(foreign),
    ]
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise BindingsError(f"Our Action cannot take its place in the tenant's post-login flow:\n{listed}")
    before = [binding for binding in foreign if binding.name in neighbours.before]
    after = [binding for binding in foreign if binding.name in neighbours.after]
    return [*before, ours, *after]


def _is_namesake(binding: Binding, ours: Binding) -> bool:
    """Bound under our name before ours exists."""
    return ours.id is None and binding.name == ours.name


def _namesake(foreign: Sequence[Binding], ours: Binding, stage: str) -> Iterator[str]:
    if any(_is_namesake(binding, ours) for binding in foreign):
        mend = mending.setting("action.name", f"{ours.name} {stage}", stage)
        yield f"'{ours.name}' runs there and is not this stack's; delete it, or rename ours:\n    {mend}"


def _unnamed(
    foreign: Sequence[Binding], turn: int | None, neighbours: Neighbours, stage: str
) -> Iterator[str]:
    named = {*neighbours.before, *neighbours.after}
    unnamed = [f"'{binding.name}'" for binding in foreign if binding.name not in named]
    if unnamed:
        proposed = _as_they_run(foreign, turn, neighbours)
        yield (
            f"the stage does not say on which side of ours {', '.join(unnamed)} should run; as they run now, "
            f"auth0-phone:bindings in Pulumi.{stage}.yaml is:"
            f"\n    before: {json.dumps(proposed.before, ensure_ascii=False)}"
            f"\n    after: {json.dumps(proposed.after, ensure_ascii=False)}"
        )


def _as_they_run(foreign: Sequence[Binding], turn: int | None, neighbours: Neighbours) -> Neighbours:
    """Everybody named: as the stage says, else by where they run now, else before ours."""
    ours = len(foreign) if turn is None else turn
    sides = {binding.name: place < ours for place, binding in enumerate(foreign)}
    sides |= dict.fromkeys(neighbours.before, True) | dict.fromkeys(neighbours.after, False)
    early = tuple(name for name, is_before in sides.items() if is_before)
    return Neighbours(early, tuple(name for name in sides if name not in early))


def _missing(foreign: Sequence[Binding], neighbours: Neighbours, stage: str) -> Iterator[str]:
    live = {binding.name for binding in foreign}
    for key, names in (("bindings.before", neighbours.before), ("bindings.after", neighbours.after)):
        for position, name in enumerate(names):
            if name not in live:
                mend = mending.removing(f"{key}[{position}]", stage)
                yield f"{key} names '{name}', which does not run there; bind it there, or:\n    {mend}"


def _contradiction(foreign: Sequence[Binding], neighbours: Neighbours) -> Iterator[str]:
    early = next((place for place, binding in enumerate(foreign) if binding.name in neighbours.after), None)
    if early is None:
        return
    late = [binding.name for binding in foreign[early:] if binding.name in neighbours.before]
    if late:
        yield (
            f"'{late[0]}' is in bindings.before, but runs after '{foreign[early].name}', which is in "
            "bindings.after; change their order in the tenant, or the stage's lists"
        )


def _full(foreign: Sequence[Binding]) -> Iterator[str]:
    if len(foreign) >= TRIGGER_LIMIT:
        yield f"{len(foreign)} Actions run there, and Auth0 takes {TRIGGER_LIMIT}; unbind one"
