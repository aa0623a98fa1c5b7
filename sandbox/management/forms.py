"""Forms for Actions: /forms.

Sources: recorded answers; auth0.com/docs/api/management/v2/forms. `nodes`, `start`, `ending` and `style` are
kept as they come: what the editor draws with them is its own affair. Recorded: messages without content are
not kept. `hydrate` is accepted and adds nothing.
"""

from ..errors import Auth0Error, not_found
from ..store import Doc
from . import paging
from .collection import Collection
from .documents import patched
from .routing import Answer, Call
from .schema import array, nullable, record, text

_SUMMARY = ("id", "name", "created_at", "updated_at", "embedded_at", "submitted_at")
_LANGUAGE = nullable(text(1))
_MEMBERS = {
    "name": text(1, 150),
    "messages": nullable(record({"errors": nullable(record()), "custom": nullable(record())})),
    "languages": nullable(record({"primary": _LANGUAGE, "default": _LANGUAGE})),
    "translations": nullable(record()),
    "nodes": nullable(array(record())),
    "start": nullable(record()),
    "ending": nullable(record()),
    "style": nullable(record({"css": text()}, open_ended=True)),
}


def missing() -> Auth0Error:
    return not_found("Form not found")


def _new(call: Call) -> Doc:
    now = call.sandbox.clock.iso()
    made = {"id": call.sandbox.ids.prefixed("ap", 22), **call.body, "created_at": now, "updated_at": now}
    return _kept(patched({}, made))


def _change(call: Call, form: Doc) -> Doc:
    return _kept(patched(form, {**call.body, "updated_at": call.sandbox.clock.iso()}))


def _kept(form: Doc) -> Doc:
    messages = {name: texts for name, texts in (form.get("messages") or {}).items() if texts}
    return patched(form, {"messages": messages or None})


def _summaries(call: Call, name: str, docs: list[Doc], view: paging.View) -> Answer:
    """A list shows which forms there are, not what is in them."""
    return paging.answer(call, name, docs, lambda doc: _summary(view(doc)))


def _summary(doc: Doc) -> Doc:
    return {key: doc[key] for key in _SUMMARY if key in doc}


OPERATIONS = Collection(
    path="/forms",
    kind="forms",
    scope="forms",
    missing=missing,
    create=record(_MEMBERS, required=("name",)),
    update=record(_MEMBERS),
    new=_new,
    change=_change,
    listing=_summaries,
).operations()
