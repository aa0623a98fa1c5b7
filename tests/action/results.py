"""A form's answer on its way back to the Action."""

from typing import Any

from . import made
from .made import DENY
from .runner import ActionRunner, Run

INVALID = DENY["resultInvalid"]


def resumed(node: ActionRunner, token: str | None, *, flow: str = "form", **changes: Any) -> Run:
    event = made.hinted(made.PHONE, secrets=made.TWILIO_SECRETS)
    return node.run(made.code(flow=flow), made.CONTINUE, made.returning(event, token, **changes), warm=True)


def refused(run: Run) -> None:
    """Denied as no result of the form's, with nothing written and nothing sent."""
    assert run.denial == INVALID
    assert run.app_metadata == {}
    assert run.fetches == []
    assert run.threw is None
