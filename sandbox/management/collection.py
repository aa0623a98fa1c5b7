"""Resources that are made, listed, read, changed and removed alike: declared here instead of written out."""

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import Auth0Error
from ..store import Doc
from . import paging
from .documents import find, patched, public
from .routing import Answer, Call, Operation
from .schema import Schema


def _changed(call: Call, current: Doc) -> Doc:
    return patched(current, call.body)


def _shown(call: Call, doc: Doc) -> Doc:
    return paging.selected(call, public(doc))


def _every(call: Call, doc: Doc) -> bool:
    return True


def _nothing(call: Call, doc: Doc) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Collection:
    """What tells one resource from another.

    `kind` is where its documents are stored and what a list of them is called; `scope` is what follows
    read:, create:, update: and delete:. `new` makes a whole document from a POST, `change` one from a PATCH
    and the current one; both may raise Auth0Error, and nothing is stored then. `view` is what a caller sees,
    `wanted` what a list's query asks for, `forget` what else goes with a removed document; `listing` makes
    the answer of a list from what is wanted and from how it is seen. `created` and `deleted` are the answers'
    statuses, `gone` the body of the latter.
    """

    path: str
    kind: str
    scope: str
    missing: Callable[[], Auth0Error]
    create: Schema
    update: Schema
    new: Callable[[Call], Doc]
    change: Callable[[Call, Doc], Doc] = _changed
    view: Callable[[Call, Doc], Doc] = _shown
    wanted: Callable[[Call, Doc], bool] = _every
    listing: Callable[[Call, str, list[Doc], paging.View], Answer] = paging.answer
    forget: Callable[[Call, Doc], None] = _nothing
    key: str = "id"
    created: int = 201
    deleted: int = 204
    gone: Doc | None = None

    def operations(self) -> tuple[Operation, ...]:
        """The five operations of the resource."""
        one = f"{self.path}/{{id}}"
        return (
            Operation("GET", self.path, self._list, (f"read:{self.scope}",)),
            Operation("POST", self.path, self._create, (f"create:{self.scope}",), self.create),
            Operation("GET", one, self._get, (f"read:{self.scope}",)),
            Operation("PATCH", one, self._update, (f"update:{self.scope}",), self.update),
            Operation("DELETE", one, self._delete, (f"delete:{self.scope}",)),
        )

    def find(self, call: Call) -> Doc:
        """The document the path names, or what is said of a missing one."""
        return find(call, self.kind, self.missing())

    def _list(self, call: Call) -> Answer:
        docs = [doc for doc in call.sandbox.store.all(self.kind) if self.wanted(call, doc)]
        return self.listing(call, self.kind, docs, lambda doc: self.view(call, doc))

    def _get(self, call: Call) -> Answer:
        return Answer(self.view(call, self.find(call)))

    def _create(self, call: Call) -> Answer:
        return Answer(self._kept(call, self.new(call)), self.created)

    def _update(self, call: Call) -> Answer:
        return Answer(self._kept(call, self.change(call, self.find(call))))

    def _delete(self, call: Call) -> Answer:
        doc = self.find(call)
        with call.sandbox.store.atomic():
            call.sandbox.store.delete(self.kind, doc[self.key])
            self.forget(call, doc)
        return Answer(self.gone, self.deleted)

    def _kept(self, call: Call, doc: Doc) -> Doc:
        call.sandbox.store.put(self.kind, doc[self.key], doc)
        return self.view(call, doc)
