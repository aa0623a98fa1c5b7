"""The operations of /logs: by page with a search, or by checkpoint from an entry on.

Source: auth0.com/docs/deploy-monitor/logs/retrieve-log-events-using-mgmt-api: pages reach 1,000 entries, the
newest first; a checkpoint goes forwards from the entry with the id `from` and knows nothing else.
"""

from ...errors import Auth0Error, not_found
from ...store import Doc
from ...tenant_log import KIND
from .. import paging
from ..routing import Answer, Call, Operation
from . import query

_REACH = 1000
_SCOPES = ("read:logs", "read:logs_users")


def missing() -> Auth0Error:
    return not_found("The log event does not exist.", "inexistent_log_event")


def list_logs(call: Call) -> Answer:
    entries = [_shown(entry) for entry in call.sandbox.store.all(KIND)]
    if "from" in call.query or "take" in call.query:
        return _onwards(call, entries)
    paging.check_reach(call)
    asked = call.query.get("q") or call.query.get("search")
    wanted = query.parse(asked) if asked else None
    found = [entry for entry in entries if wanted is None or wanted(entry)]
    answer = paging.answer(call, "logs", _sorted(call, found)[:_REACH], with_length=True)
    return Answer(_selected(call, answer.body))


def get_log(call: Call) -> Answer:
    for entry in call.sandbox.store.where(KIND, "log_id", call.params["id"]):
        return Answer(_shown(entry))
    raise missing()


def _shown(entry: Doc) -> Doc:
    return {**entry, "isMobile": "Mobi" in entry.get("user_agent", "")}


def _sorted(call: Call, entries: list[Doc]) -> list[Doc]:
    field, _, direction = call.query.get("sort", "date:-1").rpartition(":")
    if not field or direction not in ("1", "-1"):
        raise paging.invalid_query(f"Object didn't pass validation for format sort: {direction}", "sort")
    # Reversed first, so that of entries with the same value the later one comes first as well.
    newest = entries[::-1] if direction == "-1" else entries
    return sorted(newest, key=lambda entry: str(entry.get(field, "")), reverse=direction == "-1")


def _onwards(call: Call, entries: list[Doc]) -> Answer:
    start = call.query.get("from")
    position = next((at + 1 for at, entry in enumerate(entries) if entry["log_id"] == start), 0)
    if start is not None and position == 0:
        # Ids begin with the time, so one that is no longer kept still has its place.
        entries = [entry for entry in entries if entry["log_id"] > start]
    take = paging.take(call)
    shown = entries[position : position + take]
    return Answer(_selected(call, shown), headers=_next(call, shown, take))


def _next(call: Call, shown: list[Doc], take: int) -> dict[str, str]:
    if not shown:
        return {}
    address = f"{call.sandbox.addresses.issuer}api/v2/logs?from={shown[-1]['log_id']}&take={take}"
    return {"link": f'<{address}>; rel="next"'}


def _selected(call: Call, body: Doc | list[Doc]) -> Doc | list[Doc]:
    if isinstance(body, dict):
        return {**body, "logs": _selected(call, body["logs"])}
    return [paging.selected(call, entry) for entry in body]


OPERATIONS = (
    Operation("GET", "/logs", list_logs, _SCOPES),
    Operation("GET", "/logs/{id}", get_log, _SCOPES),
)
