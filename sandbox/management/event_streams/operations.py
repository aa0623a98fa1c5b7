"""The operations of /event-streams, kept as data: nothing is delivered, so that there are no deliveries.

Sources: see schema.py; recorded is only that an id of the wrong form is refused as such. A webhook's secrets
are taken and never shown. Destinations that have another side (EventBridge, an Action) can't be changed.
"""

from ...errors import Auth0Error, invalid_body, not_found, refusal
from ...store import Doc
from .. import paging
from ..collection import Collection
from ..documents import patched, without
from ..path_ids import checked
from ..routing import Answer, Call, Operation
from ..schema import Schema, record, text, validate
from . import schema

_FIXED = ("eventbridge", "action")
_TRIGGER = "event-stream"


def missing() -> Auth0Error:
    return not_found("The event stream does not exist.", "inexistent_event_stream")


def _malformed(identifier: str) -> Auth0Error:
    return refusal(
        400,
        f"Path validation error: 'Object didn't pass validation for format event-stream-id: {identifier}'"
        " on property id (Unique identifier for the event stream.).",
        "invalid_uri",
    )


def _new(call: Call) -> Doc:
    now = call.sandbox.clock.iso()
    return {
        "id": call.sandbox.ids.prefixed("est"),
        "status": "enabled",
        "subscriptions": [],
        **call.body,
        "destination": _destination(call, call.body["destination"]),
        "created_at": now,
        "updated_at": now,
    }


def _change(call: Call, stream: Doc) -> Doc:
    body = {**call.body, "updated_at": call.sandbox.clock.iso()}
    if "destination" in body:
        kind = stream["destination"]["type"]
        if kind in _FIXED or body["destination"]["type"] != kind:
            raise invalid_body(f"The destination of an event stream of type {kind} can't be changed.")
        body["destination"] = _destination(call, body["destination"])
    return patched(stream, body)


def _destination(call: Call, wanted: Doc) -> Doc:
    kind, configuration = wanted["type"], wanted["configuration"]
    _validate(schema.CONFIGURATIONS[kind], configuration)
    if kind == "webhook":
        return {**wanted, "configuration": _webhook(configuration)}
    if kind == "eventbridge":
        tenant = call.sandbox.addresses.tenant_name
        source = f"aws.partner/auth0.com/{tenant}-{call.sandbox.ids.uuid()}/auth0.events"
        return {**wanted, "configuration": {**configuration, "aws_partner_event_source": source}}
    action = call.sandbox.store.get("actions", configuration["action_id"])
    if action is None or action["supported_triggers"][0]["id"] != _TRIGGER:
        raise invalid_body(f"Payload validation error: 'No {_TRIGGER} action has this id'.")
    return wanted


def _webhook(configuration: Doc) -> Doc:
    given = configuration["webhook_authorization"]
    members = schema.AUTHORIZATIONS[given["method"]]
    authorization = record({"method": text(), **{name: text(1) for name in members}}, ("method",))
    _validate(record({"webhook_authorization": authorization}, open_ended=True), configuration)
    return {**configuration, "webhook_authorization": without(given, members[-1:])}


def _validate(configuration: Schema, given: Doc) -> None:
    whole = record({"destination": record({"configuration": configuration})})
    validate({"destination": {"configuration": given}}, whole)


STREAMS = Collection(
    path="/event-streams",
    kind="event_streams",
    scope="event_streams",
    missing=missing,
    create=schema.CREATE,
    update=schema.UPDATE,
    new=_new,
    change=_change,
    listing=lambda call, name, docs, view: paging.checkpoint(call, "eventStreams", docs, view),
)


def list_deliveries(call: Call) -> Answer:
    STREAMS.find(call)
    return paging.checkpoint(call, "deliveries", [])


def get_delivery(call: Call) -> Answer:
    STREAMS.find(call)
    raise not_found("The event delivery does not exist.", "inexistent_event_delivery")


_DELIVERIES = "/event-streams/{id}/deliveries"

OPERATIONS = checked(
    (
        *STREAMS.operations(),
        Operation("GET", _DELIVERIES, list_deliveries, ("read:event_streams", "read:event_deliveries")),
        Operation("GET", f"{_DELIVERIES}/{{event}}", get_delivery, ("read:event_deliveries",)),
    ),
    r"est_[A-Za-z0-9]{16,22}",
    _malformed,
)
