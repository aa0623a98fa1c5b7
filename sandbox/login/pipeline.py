"""The post-login trigger: the bound Actions, in order, with Auth0's rules about what each may do.

Documented behaviour: auth0.com/docs/customize/actions/redirect-with-actions and /actions/limitations.
Auth0 does not document the following; here
- an Action that fails (throws, or runs out of time) loses what it asked for, and so do the Actions before
  it in the same leg: none of their metadata is saved;
- `sendUserTo` in a grant without a browser fails with access_denied;
- the Actions bound when a sign-in began are the ones it runs; what is deployed of each counts when its turn
  comes.
"""

from ..actions import RunnerError, execution
from ..actions.execution import Execution, Status, deployed_of
from ..context import Sandbox
from ..store import Doc
from . import event as events
from . import factors
from .commands import Leg
from .incoming import Incoming
from .outcome import DONE, Outcome, RefusedError
from .sign_in import SignIn

TRIGGER = "post-login"
# For all Actions of a leg together; a redirect starts a new leg.
LEG_SECONDS = 20.0
EXECUTE, CONTINUE = "onExecutePostLogin", "onContinuePostLogin"
_STATUS: dict[str, Status] = {
    "done": "final",
    "redirect": "suspended",
    "challenge": "suspended",
    "failed": "partial",
}


def bound(sandbox: Sandbox) -> list[str]:
    """The ids of the Actions bound to the trigger, in binding order."""
    return execution.bound(sandbox, TRIGGER)


async def run(sandbox: Sandbox, sign_in: SignIn, incoming: Incoming, *, resume: bool = False) -> Outcome:
    """Run Actions from `sign_in.position` on, until all are done or one ends the leg.

    `incoming` becomes `event.request`. With `resume` the Action at the position is continued; the ones after
    it are executed as usual. Raises GoneError when client, user or connection were deleted meanwhile.
    """
    again = sign_in.position > 0 or resume
    pipeline = _Pipeline(sandbox, sign_in, incoming, "resumed" if again else "")
    try:
        outcome = await pipeline.run(CONTINUE if resume else EXECUTE)
    except BaseException:
        pipeline.end("partial")
        raise
    pipeline.end(_STATUS.get(outcome.kind, "canceled"))
    return outcome


class _Pipeline:
    """One leg."""

    def __init__(self, sandbox: Sandbox, sign_in: SignIn, incoming: Incoming, instance: str) -> None:
        self._sandbox = sandbox
        self._sign_in = sign_in
        self._incoming = incoming
        # Documented: what comes after a suspension may find another cache; nobody should count on the same.
        self._instance = "" if sandbox.switches.action_cache_outlives_redirect else instance
        self._leg = Leg(sandbox, sign_in)
        self._execution = Execution(sandbox, TRIGGER, LEG_SECONDS)

    def end(self, status: Status) -> None:
        self._sign_in.executions += self._execution.end(status)

    async def run(self, handler: str) -> Outcome:
        sign_in = self._sign_in
        while sign_in.position < len(sign_in.actions):
            outcome = await self._step(handler)
            if outcome and outcome.kind == "failed":
                return outcome
            if outcome:
                self._leg.flush()
                return self._suspended(outcome)
            sign_in.position += 1
            handler = EXECUTE
        self._leg.flush()
        return self._challenged_at_the_end()

    async def _step(self, handler: str) -> Outcome | None:
        """Execute the Action at the position; None when the next one's turn has come."""
        found = deployed_of(self._sandbox, self._sign_in.actions[self._sign_in.position])
        if found is None:
            # Deleted since the sign-in began. A gate that has vanished in mid-air must not become an open
            # door.
            gone = Outcome("failed", "An Action of this login no longer exists.")
            return gone if handler == CONTINUE else None
        event = events.build(self._sandbox, self._sign_in, self._incoming)
        event["user"] |= self._leg.pending(event["user"])
        try:
            run, answer = await self._execution.execute(*found, handler, event, **self._options())
        except RunnerError as error:
            return Outcome("failed", str(error))
        if answer["error"] is not None:
            return Outcome("failed", self._execution.reason(answer["error"]))
        try:
            return self._leg.apply(answer["commands"], handler)
        except RefusedError as error:
            run["error"] = {"kind": "refused", "name": "Error", "message": str(error), "stack": ""}
            return Outcome("failed", str(error))

    def _options(self) -> Doc:
        switches = self._sandbox.switches
        return {
            "validateToken": {
                "minimumLife": switches.validate_token_min_life_seconds,
                "checksIssuer": switches.validate_token_checks_issuer,
            },
            "redirects": self._sign_in.has_browser,
            "instance": self._instance,
            "roles": events.roles(self._sandbox, self._sign_in),
        }

    def _suspended(self, outcome: Outcome) -> Outcome:
        if outcome.kind == "challenge":
            # The Action that asked is not run again: the next one's turn comes after the challenge.
            self._sign_in.position += 1
        return outcome

    def _challenged_at_the_end(self) -> Outcome:
        """`multifactor.enable` defers its challenge to the end of the flow."""
        return factors.deferred(self._sandbox, self._sign_in) or DONE
