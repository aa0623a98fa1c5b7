"""Settings of which a tenant has exactly one: read, and changed by PATCH. They are there from the start."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from ..store import Doc
from .documents import patched, public
from .routing import Answer, Call, Operation
from .schema import Schema

KIND = "settings"


def _as_it_is(call: Call, doc: Doc) -> Doc:
    return public(doc)


@dataclass(frozen=True, kw_only=True)
class Singleton:
    """What tells one from another.

    `key` is where it is stored among the settings, `scope` what follows read: and update:, `default` what a
    new tenant has. Members named in `merged` are objects that a PATCH merges into; the others it replaces.
    """

    path: str
    key: str
    scope: str
    update: Schema
    default: Callable[[], Doc]
    merged: Collection[str] = ()
    view: Callable[[Call, Doc], Doc] = _as_it_is

    def operations(self) -> tuple[Operation, ...]:
        return (
            Operation("GET", self.path, self._get, (f"read:{self.scope}",)),
            Operation("PATCH", self.path, self._update, (f"update:{self.scope}",), self.update),
        )

    def current(self, call: Call) -> Doc:
        """As stored; what a new tenant has where nobody changed it."""
        return call.sandbox.store.get(KIND, self.key) or self.default()

    def _get(self, call: Call) -> Answer:
        return Answer(self.view(call, self.current(call)))

    def _update(self, call: Call) -> Answer:
        changed = patched(self.current(call), call.body, self.merged)
        call.sandbox.store.put(KIND, self.key, changed)
        return Answer(self.view(call, changed))
