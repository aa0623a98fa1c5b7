"""Guardian's settings, each read by GET and written by PUT."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from ...store import Doc
from ..routing import Answer, Call, Operation
from ..schema import Schema
from ..singleton import KIND

_READ, _UPDATE = ("read:guardian_factors",), ("update:guardian_factors",)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One thing that is set up as a whole.

    `members` is everything it has, with what a new tenant answers; members of `secret` are kept and answered
    as null. Where `patch` is set it can be changed by PATCH too; where `readable` isn't, there is no GET.
    `settled` adds what follows from what was sent.
    """

    path: str
    body: Schema
    members: Callable[[], Doc]
    secret: Collection[str] = ()
    patch: bool = False
    readable: bool = True
    settled: Callable[[Doc], Doc] = dict

    @property
    def key(self) -> str:
        return f"guardian:{self.path}"

    def operations(self) -> tuple[Operation, ...]:
        path = f"/guardian/{self.path}"
        table = [Operation("PUT", path, self._put, _UPDATE, self.body)]
        if self.readable:
            table.append(Operation("GET", path, self._get, _READ))
        if self.patch:
            table.append(Operation("PATCH", path, self._patch, _UPDATE, self.body))
        return tuple(table)

    def _get(self, call: Call) -> Answer:
        return Answer(self._shown(self._stored(call)))

    def _put(self, call: Call) -> Answer:
        return Answer(self._kept(call, {**self.members(), **call.body}))

    def _patch(self, call: Call) -> Answer:
        return Answer(self._kept(call, {**self._stored(call), **call.body}))

    def _stored(self, call: Call) -> Doc:
        return call.sandbox.store.get(KIND, self.key) or self.members()

    def _kept(self, call: Call, doc: Doc) -> Doc:
        doc = self.settled(doc)
        call.sandbox.store.put(KIND, self.key, doc)
        return self._shown(doc)

    def _shown(self, doc: Doc) -> Doc:
        return {**doc, **dict.fromkeys(set(self.secret).intersection(doc))} if self.readable else {}
