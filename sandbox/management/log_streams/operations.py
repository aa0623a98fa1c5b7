"""The operations of /log-streams. Nothing is delivered anywhere: streams are kept as what they are set to.

Recorded: POST answers 200; credentials come back as they were sent; empty `filters` are left out; a PATCH
without `pii_config` removes it. Not recorded: what a PATCH without `filters` does (here they stay), and
whether Mixpanel's password comes back (here it does, as the SDKs' types have it).
"""

from ...errors import Auth0Error, not_found, refusal
from ...store import Doc
from .. import paging
from ..collection import Collection
from ..documents import patched, without
from ..routing import Answer, Call
from ..schema import record, validate
from . import schema

_PII_DEFAULTS = {"method": "hash", "algorithm": "xxhash"}
_SECRET_KEPT = {"mixpanel": ("mixpanelServiceAccountPassword",)}


def missing() -> Auth0Error:
    return not_found("The log stream does not exist.", "inexistent_log_stream")


def _new(call: Call) -> Doc:
    body = call.body
    validate(body, schema.creation(schema.SINKS[body["type"]]))
    return _settled(
        {
            "id": f"lst_{call.sandbox.ids.digits(8):0>16}",
            "status": "active",
            "isPriority": False,
            **without(body, ("startFrom", "sink")),
            "sink": {**body["sink"], **_partner(call, body["type"], body["sink"])},
        }
    )


def _partner(call: Call, kind: str, sink: Doc) -> Doc:
    """What Auth0 makes at the partner for the stream; its name is the tenant's and unique."""
    tenant = call.sandbox.addresses.tenant_name
    if kind == "eventbridge":
        source = f"aws.partner/auth0.com/{tenant}-{call.sandbox.ids.uuid()}/auth0.logs"
        return {"awsPartnerEventSource": source}
    if kind == "eventgrid":
        topic = f"azure.partner/auth0.com/{tenant}-{sink['azureSubscriptionId']}/auth0.logs"
        return {"azurePartnerTopic": topic}
    return {}


def _change(call: Call, current: Doc) -> Doc:
    body, kind = call.body, current["type"]
    if "sink" in body:
        if kind in schema.FIXED:
            raise refusal(400, f"The sink of a log stream of type {kind} can't be updated.", "invalid_body")
        validate(body, record({"sink": schema.SINKS[kind]}, open_ended=True))
        kept = {name: current["sink"][name] for name in _SECRET_KEPT.get(kind, ()) if name in current["sink"]}
        body = {**body, "sink": {**kept, **body["sink"]}}
    return _settled(patched(without(current, ("pii_config",)), body))


def _settled(stream: Doc) -> Doc:
    if "pii_config" in stream and stream["pii_config"] is not None:
        stream["pii_config"] = {**_PII_DEFAULTS, **stream["pii_config"]}
    stream["isPriority"] = bool(stream.get("isPriority"))
    empty = [name for name in ("filters", "pii_config") if not stream.get(name)]
    return without(stream, empty)


def _listed(call: Call, name: str, docs: list[Doc], view: paging.View) -> Answer:
    return Answer([view(doc) for doc in docs])


OPERATIONS = Collection(
    path="/log-streams",
    kind="log_streams",
    scope="log_streams",
    missing=missing,
    create=schema.CREATE,
    update=schema.UPDATE,
    new=_new,
    change=_change,
    listing=_listed,
    created=200,
).operations()
