"""`auth0-phone enable`: prove that the host is ready for people, then switch the stage on."""

import asyncio
from typing import Annotated, Literal

import typer
from rich.console import Console

from infra.render import render
from infra.settings import Settings
from infra.stage import is_production

from .errors import OpsError
from .real import RealStage
from .switch import ENFORCEMENT, actor, confirmed, drafted, updated

Level = Literal["observe", "optional", "required"]
_TO = "What to switch on. Left out: required, but in production observe, which asks nobody."
_MEANS: dict[Level, str] = {
    "observe": "Nobody is asked; a claim in the ID token says what would have happened",
    "optional": "People are asked and may skip",
    "required": "Nobody logs in without a verified number",
}
_NEXT: dict[Level, Level] = {"observe": "optional", "optional": "required"}


def command(
    stage: Annotated[str, typer.Argument(help="The stage, such as prod.")],
    to: Annotated[Level | None, typer.Option(help=_TO)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the host, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Show the preview, and don't ask.")] = False,
) -> None:
    """Check that the stage's host answers and holds its keys, then switch verification on."""
    level: Level = to or ("observe" if is_production(stage) else "required")
    enable(stage, level, dry_run, yes, Console(soft_wrap=True, highlight=False))


def enable(name: str, level: Level, dry_run: bool, yes: bool, console: Console) -> None:
    """Check the host, write `level` into the stage file, and update.

    Nothing is written unless every check passes, the preview goes well and a person agrees. Raises OpsError.
    """
    stage = RealStage.at(name, console)
    settings = stage.settings()
    if "action_id" not in stage.outputs():
        raise OpsError(
            f"{name} is not deployed yet",
            "Its Action has to be in the tenant before it can be switched on.",
            f"Run: pulumi up --stack {name}",
        )
    _check(settings, console)
    if dry_run:
        console.print(f"Nothing was changed. To switch on: auth0-phone enable {name} --to {level}")
        return
    stage.try_credentials(console)
    _switch(stage, settings.verification.enforcement, level, yes)
    console.print(f"{name}: {level}. {_MEANS[level]}. Commit {stage.file.name}.", markup=False)
    if level in _NEXT:
        console.print(f"Next: auth0-phone enable {name} --to {_NEXT[level]}")
    console.print(f"To stop at once: auth0-phone pause {name} --reason …")


def _check(settings: Settings, console: Console) -> None:
    if settings.hosting.kind == "vercel":
        console.print("The update itself deploys to Vercel, and waits until the form answers there.")
        return
    from .hosted_checks import check_host  # here, because no other command pays for what it loads

    found = asyncio.run(check_host(settings, render(settings)))
    found.tell(console)
    found.refuse(
        f"The host of {settings.stage} is not ready",
        f"Nothing was changed. Once mended: auth0-phone enable {settings.stage}",
    )


def _switch(stage: RealStage, was: str, level: Level, yes: bool) -> None:
    message = f"enable: {level} (by {actor(stage.root)})"
    with drafted(stage, ENFORCEMENT, level) as draft:
        stage.shown("preview", "--diff", "--config-file", str(draft.file))
        confirmed(f"Switch {ENFORCEMENT} of {stage.name} from {was} to {level}?", yes)
        updated(draft, lambda error: _unfinished(stage, level, error), "--message", message)


def _unfinished(stage: RealStage, level: Level, error: OpsError) -> OpsError:
    return OpsError(
        f"{stage.file.name} says {ENFORCEMENT}: {level}, but the update failed",
        f"{error.what}: {error.why}",
        f"{error.mend}: pulumi up --stack {stage.name}; "
        f"or stop asking: auth0-phone pause {stage.name} --reason …",
    )
