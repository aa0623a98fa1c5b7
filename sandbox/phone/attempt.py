"""One try to send one message: the custom provider's Action, or Twilio."""

from dataclasses import dataclass
from typing import Literal

from ..actions import RunnerError
from ..actions.execution import Execution
from ..context import Sandbox
from ..liquid import TemplateError
from ..store import Doc
from . import event, provider, templates
from .notification import Notification
from .templates import Rendered

HANDLER = "onExecuteCustomPhoneProvider"
# One trigger's budget: auth0.com/docs/customize/actions/limitations
SECONDS = 20.0
_LONGEST_REASON = 1024

State = Literal["delivered", "dropped", "waiting"]


@dataclass(frozen=True)
class Result:
    """What a try led to; `execution` is the Action's line in the log."""

    state: State
    reason: str | None = None
    execution: Doc | None = None

    def to_doc(self) -> Doc:
        return {"state": self.state, "reason": self.reason, "execution": self.execution}


async def make(sandbox: Sandbox, governing: Doc, notification: Notification) -> Result:
    """Try once, with the provider as it is configured now."""
    if notification.delivery_method not in governing["configuration"]["delivery_methods"]:
        return Result("dropped", f"The phone provider does not deliver {notification.delivery_method}.")
    try:
        rendered = templates.render(sandbox, notification, governing)
    except TemplateError as error:
        return Result("dropped", f"The template can't be rendered: {error}")
    if governing["name"] == "custom":
        return await _by_action(sandbox, notification, rendered)
    return _by_twilio(sandbox, governing, notification, rendered)


async def _by_action(sandbox: Sandbox, notification: Notification, rendered: Rendered) -> Result:
    action = provider.deployed_action(sandbox)
    if action is None:
        return Result("dropped", "There is no deployed Action for the custom phone provider.")
    execution = Execution(sandbox, provider.TRIGGER, SECONDS)
    built = event.build(sandbox, notification, rendered)
    try:
        run, answer = await execution.execute(action, action["_deployed"], HANDLER, built)
    except RunnerError as error:
        return Result("dropped", str(error))
    execution.end("partial" if answer["error"] else "final")
    return _judged(sandbox, answer, run)


def _judged(sandbox: Sandbox, answer: Doc, execution: Doc) -> Result:
    """What the Action decided: its last word counts, silence means that the message is on its way."""
    if answer["error"] is not None:
        again = sandbox.switches.phone_action_error == "retry"
        return Result("waiting" if again else "dropped", _failure(answer["error"]), execution)
    wishes = [command for command in answer["commands"] if command["type"] in ("drop", "retry")]
    if not wishes:
        return Result("delivered", None, execution)
    last = wishes[-1]
    reason = str(last.get("reason", ""))[:_LONGEST_REASON]
    return Result("dropped" if last["type"] == "drop" else "waiting", reason, execution)


def _failure(error: Doc) -> str:
    if error["kind"] == "timeout":
        return f"The Action did not complete within {SECONDS:g} seconds."
    return str(error["message"])[:_LONGEST_REASON]


def _by_twilio(sandbox: Sandbox, governing: Doc, notification: Notification, rendered: Rendered) -> Result:
    """Auth0's own Twilio integration; the account has to be the sandbox's."""
    account = sandbox.store.get("seed", "twilio") or {}
    given = (governing["configuration"]["sid"], governing.get("_credentials", {}).get("auth_token"))
    if given != (account.get("api_key"), account.get("api_secret")):
        return Result("dropped", "Authenticate")
    spoken = notification.delivery_method == "voice"
    message = {
        "to": notification.recipient,
        "from": rendered.sender or "Twilio",
        "body": rendered.voice if spoken else rendered.text,
        "channel": "call" if spoken else "sms",
        "at": sandbox.clock.iso(),
    }
    sandbox.store.append("messages", message | ({"code": notification.code} if notification.code else {}))
    return Result("delivered")
