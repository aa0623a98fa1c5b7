"""/flows and their executions.

Sources: recorded answers; auth0.com/docs/api/management/v2/flows. The sandbox runs no flow, so that there
are no executions. `actions` are kept as they come.
"""

from ...errors import Auth0Error, not_found
from ...store import Doc
from .. import paging
from ..collection import Collection
from ..documents import patched
from ..routing import Answer, Call, Operation
from ..schema import array, nullable, record, text

_SUMMARY = ("id", "name", "created_at", "updated_at", "executed_at")
_MEMBERS = {"name": text(1, 150), "actions": nullable(array(record()))}


def missing() -> Auth0Error:
    return not_found("Flow not found")


def _new(call: Call) -> Doc:
    now = call.sandbox.clock.iso()
    made = {"id": call.sandbox.ids.prefixed("af", 22), **call.body, "created_at": now, "updated_at": now}
    return patched({}, made)


def _change(call: Call, flow: Doc) -> Doc:
    return patched(flow, {**call.body, "updated_at": call.sandbox.clock.iso()})


def _summaries(call: Call, name: str, docs: list[Doc], view: paging.View) -> Answer:
    return paging.answer(call, name, docs, lambda doc: _summary(view(doc)))


def _summary(doc: Doc) -> Doc:
    return {key: doc[key] for key in _SUMMARY if key in doc}


FLOWS = Collection(
    path="/flows",
    kind="flows",
    scope="flows",
    missing=missing,
    create=record(_MEMBERS, required=("name",)),
    update=record(_MEMBERS),
    new=_new,
    change=_change,
    listing=_summaries,
)


def list_executions(call: Call) -> Answer:
    FLOWS.find(call)
    return paging.checkpoint(call, "executions", [])


def no_execution(call: Call) -> Answer:
    FLOWS.find(call)
    raise not_found("Execution not found")


_EXECUTIONS = "/flows/{id}/executions"

OPERATIONS = (
    *FLOWS.operations(),
    Operation("GET", _EXECUTIONS, list_executions, ("read:flows_executions",)),
    Operation("GET", f"{_EXECUTIONS}/{{execution}}", no_execution, ("read:flows_executions",)),
    Operation("DELETE", f"{_EXECUTIONS}/{{execution}}", no_execution, ("delete:flows_executions",)),
)
