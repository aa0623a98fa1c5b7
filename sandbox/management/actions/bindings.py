"""Which Actions a trigger runs, and in what order: /actions/triggers/{trigger}/bindings."""

from ...context import Sandbox
from ...errors import refusal
from ...store import Doc
from .. import paging
from ..routing import Answer, Call, Operation
from . import schema, triggers, views

KIND = "bindings"
_ACTIONS = "actions"


def list_bindings(call: Call) -> Answer:
    trigger = _trigger(call)
    return paging.actions(
        call, KIND, [_shown(call.sandbox, binding) for binding in of(call.sandbox, trigger)]
    )


def replace_bindings(call: Call) -> Answer:
    """The list sent is the whole list afterwards, in its order; every binding is a new one (recorded)."""
    trigger = _trigger(call)
    made = [_new(call, trigger, wanted) for wanted in call.body["bindings"]]
    actions = [binding["action_id"] for binding in made]
    if len(set(actions)) < len(actions):
        raise refusal(400, "An action can be bound to a trigger only once.")
    call.sandbox.store.put(KIND, trigger, {"bindings": made})
    return Answer({"bindings": [_shown(call.sandbox, binding) for binding in made]})


def of(sandbox: Sandbox, trigger: str) -> list[Doc]:
    """A trigger's bindings in order."""
    stored = sandbox.store.get(KIND, trigger) or {"bindings": []}
    return list(stored["bindings"])


def is_bound(sandbox: Sandbox, action_id: str) -> bool:
    return any(
        binding["action_id"] == action_id
        for stored in sandbox.store.all(KIND)
        for binding in stored["bindings"]
    )


def unbind(sandbox: Sandbox, action_id: str) -> None:
    for trigger in triggers.TRIGGERS:
        kept = [binding for binding in of(sandbox, trigger) if binding["action_id"] != action_id]
        sandbox.store.put(KIND, trigger, {"bindings": kept})


def _trigger(call: Call) -> str:
    trigger = call.params["trigger"]
    if trigger not in triggers.TRIGGERS:
        raise triggers.missing()
    if trigger in triggers.ENTITY_BOUND:
        raise refusal(400, "cannot list action bindings for an entity-bound trigger")
    return trigger


def _new(call: Call, trigger: str, wanted: Doc) -> Doc:
    action = _referred(call, trigger, wanted["ref"])
    if trigger not in (known["id"] for known in action["supported_triggers"]):
        raise refusal(400, f"The action '{action['name']}' does not support the trigger '{trigger}'.")
    if action["_deployed"] is None:
        raise refusal(400, "Trying to create a binding for an action that has not been deployed yet.")
    now = views.timestamp(call.sandbox.clock, call.sandbox.ids)
    return {
        "id": call.sandbox.ids.uuid(),
        "trigger_id": trigger,
        "action_id": action["id"],
        "display_name": wanted.get("display_name", action["name"]),
        "created_at": now,
        "updated_at": now,
    }


def _referred(call: Call, trigger: str, ref: Doc) -> Doc:
    store, wanted = call.sandbox.store, ref["value"]
    if ref["type"] == "binding_id":
        wanted = next(
            (known["action_id"] for known in of(call.sandbox, trigger) if known["id"] == wanted), wanted
        )
    if ref["type"] == "action_name":
        wanted = next((known["id"] for known in store.all(_ACTIONS) if known["name"] == wanted), wanted)
    action = store.get(_ACTIONS, wanted)
    if action is None:
        raise refusal(400, f"The action '{ref['value']}' does not exist.")
    return action


def _shown(sandbox: Sandbox, binding: Doc) -> Doc:
    action = sandbox.store.get(_ACTIONS, binding["action_id"]) or {}
    shown = {name: value for name, value in binding.items() if name != "action_id"}
    return {**shown, "action": views.brief(action)}


OPERATIONS = (
    Operation("GET", "/actions/triggers/{trigger}/bindings", list_bindings, ("read:actions",)),
    Operation(
        "PATCH",
        "/actions/triggers/{trigger}/bindings",
        replace_bindings,
        ("update:actions",),
        schema.BINDINGS,
    ),
)
