"""/token-exchange-profiles: which Action handles which type of subject token.

Sources: the provider's schema and the SDKs' types; auth0.com/docs/authenticate/custom-token-exchange. Kept as
data: the token endpoint knows no such exchange. Not recorded: the words of the refusals.
"""

from dataclasses import replace

from ..errors import Auth0Error, conflict, invalid_body, not_found
from ..store import Doc
from . import paging
from .collection import Collection
from .documents import patched
from .routing import Answer, Call
from .schema import record, text

_TRIGGER = "custom-token-exchange"
_MEMBERS = {
    "name": text(1, 50),
    "subject_token_type": text(8, 100),
    "action_id": text(1),
    "type": text(choices=("custom_authentication",)),
}


def missing() -> Auth0Error:
    return not_found("The token exchange profile does not exist.", "inexistent_token_exchange_profile")


def _new(call: Call) -> Doc:
    _check(call, "")
    now = call.sandbox.clock.iso()
    return {"id": call.sandbox.ids.prefixed("tep"), **call.body, "created_at": now, "updated_at": now}


def update_profile(call: Call) -> Answer:
    """Documented: answered without a body."""
    profile = PROFILES.find(call)
    _check(call, profile["id"])
    changed = patched(profile, {**call.body, "updated_at": call.sandbox.clock.iso()})
    call.sandbox.store.put(PROFILES.kind, changed["id"], changed)
    return Answer(status=204)


def _check(call: Call, own: str) -> None:
    wanted = call.body.get("subject_token_type")
    others = [known for known in call.sandbox.store.all(PROFILES.kind) if known["id"] != own]
    if any(known["subject_token_type"] == wanted for known in others):
        raise conflict(
            f"A token exchange profile with the subject token type '{wanted}' already exists.",
            "token_exchange_profile_conflict",
        )
    if "action_id" not in call.body:
        return
    action = call.sandbox.store.get("actions", call.body["action_id"])
    if action is None or action["supported_triggers"][0]["id"] != _TRIGGER:
        raise invalid_body(
            f"Payload validation error: 'No {_TRIGGER} action has this id' on property action_id."
        )


PROFILES = Collection(
    path="/token-exchange-profiles",
    kind="token_exchange_profiles",
    scope="token_exchange_profiles",
    missing=missing,
    create=record(_MEMBERS, required=("name", "subject_token_type", "action_id", "type")),
    update=record(_MEMBERS),
    new=_new,
    listing=paging.checkpoint,
)
OPERATIONS = tuple(
    replace(operation, handler=update_profile) if operation.method == "PATCH" else operation
    for operation in PROFILES.operations()
)
