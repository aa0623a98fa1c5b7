"""The post-login trigger: the bound Actions, in order, with Auth0's rules about what each may do.

Documented behaviour: auth0.com/docs/customize/actions/redirect-with-actions and /actions/limitations.
Auth0 does not document the following; here
- an Action that fails (throws, or runs out of time) loses what it asked for, and so do the Actions before
  it in the same leg: none of their metadata is saved;
- an Action doesn't see the metadata that an earlier one in the same leg has set;
- `sendUserTo` in a grant without a browser fails with access_denied;
- the Actions bound when a sign-in began are the ones it runs; what is deployed of each counts when its turn
  comes.
"""

import time

from ..actions import RunnerError
from ..context import Sandbox
from ..store import Doc
from . import event as events
from .commands import Leg
from .incoming import Incoming
from .outcome import DONE, Outcome, RefusedError
from .sign_in import SignIn

TRIGGER = "post-login"
# For all Actions of a leg together; a redirect starts a new leg.
LEG_SECONDS = 20.0
EXECUTE, CONTINUE = "onExecutePostLogin", "onContinuePostLogin"


def bound(sandbox: Sandbox) -> list[str]:
    """The ids of the Actions bound to the trigger, in binding order."""
    doc = sandbox.store.get("bindings", TRIGGER) or {}
    return [binding["action_id"] for binding in doc.get("bindings", [])]


async def run(sandbox: Sandbox, sign_in: SignIn, incoming: Incoming, *, resume: bool = False) -> Outcome:
    """Run Actions from `sign_in.position` on, until all are done or one ends the leg.

    `incoming` becomes `event.request`. With `resume` the Action at the position is continued; the ones after
    it are executed as usual. Raises GoneError when client, user or connection were deleted meanwhile.
    """
    leg, deadline = Leg(sandbox, sign_in), time.monotonic() + LEG_SECONDS
    handler = CONTINUE if resume else EXECUTE
    while sign_in.position < len(sign_in.actions):
        outcome = await _step(sandbox, sign_in, incoming, leg, handler, deadline)
        if outcome and outcome.kind == "failed":
            return outcome
        if outcome:
            leg.flush()
            return outcome
        sign_in.position += 1
        handler = EXECUTE
    leg.flush()
    return DONE


async def _step(
    sandbox: Sandbox, sign_in: SignIn, incoming: Incoming, leg: Leg, handler: str, deadline: float
) -> Outcome | None:
    """Execute the Action at the position; None when the next one's turn has come."""
    action = sandbox.store.get("actions", sign_in.actions[sign_in.position])
    deployed = (action or {}).get("_deployed")
    if action is None or deployed is None:
        # Deleted since the sign-in began. A gate that has vanished in mid-air must not become an open door.
        return Outcome("failed", "An Action of this login no longer exists.") if handler == CONTINUE else None
    try:
        answer = await _execute(sandbox, sign_in, incoming, action, deployed, handler, deadline)
    except RunnerError as error:
        return Outcome("failed", str(error))
    record = _record(action, deployed, handler, answer)
    sign_in.executions.append(record)
    if answer["error"] is not None:
        return Outcome("failed", _reason(answer["error"]))
    try:
        return leg.apply(answer["commands"], handler)
    except RefusedError as error:
        record["error"] = {"kind": "refused", "name": "Error", "message": str(error), "stack": ""}
        return Outcome("failed", str(error))


async def _execute(
    sandbox: Sandbox,
    sign_in: SignIn,
    incoming: Incoming,
    action: Doc,
    deployed: Doc,
    handler: str,
    deadline: float,
) -> Doc:
    event = events.build(sandbox, sign_in, incoming)
    event["secrets"] = {secret["name"]: secret["value"] for secret in deployed.get("secrets", [])}
    request = {
        "action": {
            "key": action["id"],
            "version": deployed["id"],
            "trigger": TRIGGER,
            "code": deployed["code"],
        },
        "handler": handler,
        "event": event,
        "milliseconds": max(0.0, (deadline - time.monotonic()) * 1000),
        "clockOffset": sandbox.clock.offset * 1000,
        "validateToken": {
            "minimumLife": sandbox.switches.validate_token_min_life_seconds,
            "checksIssuer": sandbox.switches.validate_token_checks_issuer,
        },
        "redirects": sign_in.has_browser,
    }
    return await sandbox.runner.execute(request)


def _record(action: Doc, deployed: Doc, handler: str, answer: Doc) -> Doc:
    """One line of the execution log, with everything the Action wrote to its console."""
    unsupported = [command["name"] for command in answer["commands"] if command["type"] == "unsupported"]
    return {
        "action_id": action["id"],
        "action_name": action["name"],
        "version_id": deployed["id"],
        "handler": handler,
        "milliseconds": round(answer["milliseconds"], 3),
        "console": answer["console"],
        "error": answer["error"],
        **({"unsupported": unsupported} if unsupported else {}),
    }


def _reason(error: Doc) -> str:
    """The runtime's message, which Auth0 shows to the application: an Action should catch its own errors."""
    if error["kind"] == "timeout":
        return f"The Actions of this login did not complete within {LEG_SECONDS:g} seconds."
    return str(error["message"])
