"""A trigger without redirects: its bound Actions in order, until one refuses or fails."""

from collections.abc import Callable
from dataclasses import dataclass

from ..context import Sandbox
from ..store import Doc
from .errors import RunnerError
from .execution import Execution, bound, deployed_of


@dataclass(frozen=True)
class Ended:
    """How a run ended: `refusal` is the command that ended it, `failure` what went wrong.

    `executions` are the ids that a log entry names.
    """

    executions: list[str]
    refusal: Doc | None = None
    failure: str | None = None


async def run(
    sandbox: Sandbox,
    trigger: str,
    handler: str,
    event: Callable[[], Doc],
    apply: Callable[[list[Doc]], Doc | None] = lambda commands: None,
    *,
    stops: bool = True,
) -> Ended:
    """Run all Actions of a trigger.

    `event` makes the event anew for each of them. `apply` takes what one asked for and returns the command
    that ends the run, if there is one. With `stops` an Action that fails ends the run as well; without, the
    next one is executed all the same.
    """
    execution = Execution(sandbox, trigger)
    failure: str | None = None
    for action_id in bound(sandbox, trigger):
        found = deployed_of(sandbox, action_id)
        if found is None:
            continue
        try:
            _, answer = await execution.execute(*found, handler, event())
        except RunnerError as error:
            failure = str(error)
            break
        if answer["error"] is not None:
            failure = failure or execution.reason(answer["error"])
            if stops:
                break
            continue
        refusal = apply(answer["commands"])
        if refusal is not None:
            return Ended(execution.end("canceled"), refusal)
    return Ended(execution.end("partial" if failure else "final"), failure=failure)
