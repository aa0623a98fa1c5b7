"""`auth0-phone on STAGE …`: Pulumi on a stage of a team's own, at the right tenant alone and not for ever."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from infra import mending

from .errors import OpsError
from .leaving import destroys, refuse_while_bound
from .real import MINUTES, RealStage

# For typer: all that follows the stage's name is Pulumi's.
PASSED_ON = {"allow_extra_args": True, "allow_interspersed_args": False}


def command(
    context: typer.Context,
    stage: Annotated[str, typer.Argument(help="The stage, such as prod.")],
    minutes: Annotated[float, typer.Option(min=0.01, help="Stop it after this time.")] = MINUTES,
) -> None:
    """Run a Pulumi command on a stage, such as `on prod up`: checked beforehand, and with an end."""
    on(stage, context.args, minutes, Console(soft_wrap=True))


def on(name: str, arguments: Sequence[str], minutes: float, console: Console) -> None:
    """Run `arguments` with Pulumi once the stage's tenant has let us in. Raises OpsError."""
    if not arguments:
        raise OpsError("There is nothing to run", "A command of Pulumi's is missing.", f"Write: on {name} up")
    if arguments[0].startswith("--minutes"):
        raise OpsError(
            "--minutes is misplaced",
            "All that follows the stage's name is Pulumi's.",
            f"Write: on --minutes {minutes:g} {name} up",
        )
    stage = RealStage.at(name, console)
    stage.try_credentials(console)
    if destroys(arguments):
        unbind = (
            mending.setting("verification.enforcement", "off", name) + f" && auth0-phone on {name} up --yes"
        )
        refuse_while_bound({"deployment": {"resources": stage.resources()}}, unbind)
    stage.shown(*arguments, minutes=minutes, is_asking=True)
