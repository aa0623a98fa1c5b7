"""/actions/actions/{id}/test: run the draft of one Action once, with an event that the caller makes up.

Documented: that it is the draft, before it is deployed, and that the payload is the trigger's event
(auth0.com/docs/customize/actions/test-actions). Only the names of the answer's outermost member and of the
request's are documented; what stands in it is the sandbox's own: the console's lines, the time it took, what
the Action asked for, and its error. Nothing of what it asks for is done.
"""

from typing import Any

from ...actions import RunnerError
from ...errors import refusal
from ...store import Doc
from ..documents import find, without
from ..routing import Answer, Call, Operation
from ..schema import record
from . import module_versions, secrets, triggers, versions

# One trigger's budget: auth0.com/docs/customize/actions/limitations
_SECONDS = 20.0
# What every event has; the rest is the payload's.
_EMPTY: Doc = {
    "client": {},
    "connection": {},
    "request": {"body": {}, "method": "POST", "query": {}},
    "transaction": {},
    "user": {"app_metadata": {}, "user_metadata": {}},
}
_BODY = record({"payload": record()}, required=("payload",))


async def test_action(call: Call) -> Answer:
    action = find(call, "actions", versions.missing_action())
    if action["status"] == "failed":
        raise refusal(400, "A draft must be in the 'built' state before it can be tested.")
    try:
        answer = await call.sandbox.runner.execute(_request(call, action))
    except RunnerError as error:
        raise refusal(500, str(error)) from error
    return Answer({"payload": _result(action, answer)})


def _request(call: Call, action: Doc) -> Doc:
    sandbox, payload = call.sandbox, call.body["payload"]
    trigger = action["supported_triggers"][0]["id"]
    given = payload["event"] if isinstance(payload.get("event"), dict) else payload
    return {
        "action": {
            "key": f"test {action['id']}",
            "version": sandbox.ids.uuid(),
            "trigger": trigger,
            "code": action["code"],
            "dependencies": action["dependencies"],
            "modules": module_versions.code(sandbox, action),
        },
        "handler": triggers.HANDLERS[trigger],
        "event": {**_EMPTY, **given, "secrets": secrets.values(action["_secrets"])},
        "milliseconds": _SECONDS * 1000,
        "clockOffset": sandbox.clock.offset * 1000,
        "validateToken": {
            "minimumLife": sandbox.switches.validate_token_min_life_seconds,
            "checksIssuer": sandbox.switches.validate_token_checks_issuer,
        },
        "redirects": True,
    }


def _result(action: Doc, answer: Doc) -> dict[str, Any]:
    error = answer["error"]
    return {
        "action_name": action["name"],
        "logs": "\n".join(line["text"] for line in answer["console"]),
        "stats": {"action_duration_ms": round(answer["milliseconds"], 3)},
        "commands": answer["commands"],
        "error": without(error, ("kind",)) if error else None,
    }


OPERATIONS = (Operation("POST", "/actions/actions/{id}/test", test_action, ("create:actions",), _BODY),)
