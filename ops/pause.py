"""`auth0-phone pause`: stop asking people at once, change nothing else, and leave a trace of who and why."""

import unicodedata
from typing import Annotated

import typer
from rich.console import Console

from .errors import OpsError
from .leaving import LOGIN, bindings
from .real import RealStage
from .switch import ENFORCEMENT, actor, confirmed, drafted, updated

_REASON_LENGTH = 200


def command(
    stage: Annotated[str, typer.Argument(help="The stage, such as prod.")],
    reason: Annotated[str, typer.Option(help="Why, in a line: it stays in the stack's history.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't show a preview and don't ask.")] = False,
) -> None:
    """Stop asking people for their number at once; `auth0-phone enable` is the way back."""
    pause(stage, _one_line(reason), yes, Console(soft_wrap=True))


def pause(name: str, reason: str, yes: bool, console: Console) -> None:
    """Unbind our Action, and nothing else, whatever else the stage file has changed since the last update.

    The reason and the person are the update's message in `pulumi stack history`. Raises OpsError.
    """
    stage = RealStage.at(name, console)
    # Only ours is deleted; the whole list leaves the stack's state and stays as it is in the tenant. If it
    # stayed in the state, too, a later update would take it for what is live.
    bound = [each["urn"] for each in bindings(stage.resources())]
    if bound:
        stage.try_credentials(console)
    message = f"pause: {reason} (by {actor(stage.root)})"
    targets = [word for urn in bound for word in ("--target", urn)]
    with drafted(stage, ENFORCEMENT, "off") as draft:
        if bound and not yes:
            stage.shown("preview", "--config-file", str(draft.file), *targets)
            confirmed(f"Stop asking people on {name} now?", yes)
        if not bound:
            draft.keep()
            told = f"Nobody is asked on {name}: our Action is not bound. {stage.file.name} says off."
            console.print(told, markup=False)
            return
        updated(draft, lambda error: _unfinished(stage, error), "--message", message, *targets)
    console.print(
        f"Paused: nobody is asked on {name}. Commit {stage.file.name}. "
        f"What else has changed in it waits for the next `pulumi up`.\n"
        f"The way back: auth0-phone enable {name}",
        highlight=False,
        markup=False,
    )


def _unfinished(stage: RealStage, error: OpsError) -> OpsError:
    return OpsError(
        f"People on {stage.name} may still be asked",
        f"{stage.file.name} says {ENFORCEMENT}: off, but the update failed. {error.what}: {error.why}",
        f"{error.mend}. Until then, unbind the Action in Auth0's dashboard: Actions, Triggers, {LOGIN}",
    )


def _one_line(reason: str) -> str:
    text = reason.strip()
    broken = any(unicodedata.category(character).startswith("C") for character in text)
    if not text or broken or len(text) > _REASON_LENGTH:
        raise OpsError(
            "--reason won't do",
            f"It is kept in the stack's history: one line of 1 to {_REASON_LENGTH} characters.",
            "Say in a few words why nobody should be asked now",
        )
    return text
