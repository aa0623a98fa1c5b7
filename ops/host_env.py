"""`auth0-phone host-env`: what your own host starts form and gateway with, secrets included, as a file."""

import os
import subprocess
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from infra import contract
from infra.hosting import host_environment
from infra.secret import Secret
from infra.settings import Settings

from . import files
from .dotenv import UnwritableError, dotenv
from .errors import OpsError
from .real import RealStage

_MARK = "# auth0-phone host-env"


def command(
    stage: Annotated[str, typer.Argument(help="The stage, such as prod.")],
    out: Annotated[Path, typer.Option(help="The file to write; nobody but you may read it.")],
    force: Annotated[bool, typer.Option("--force", help="Also over a file that isn't ours.")] = False,
) -> None:
    """Write the environment of the stage's host, secrets included, into a dotenv file."""
    write_host_env(stage, out, force, Console(soft_wrap=True, highlight=False, markup=False))


def write_host_env(name: str, out: Path, force: bool, console: Console) -> None:
    """Write the file in one step, with mode 600. Raises OpsError; for its place before all else."""
    _refuse_place(out, force)
    settings = RealStage.at(name, console).settings()
    variables = {key: _text(value) for key, value in host_environment(settings).items()}
    head = f"{_MARK} {name}: secrets. Keep it out of the repository; delete it once the host has it.\n"
    try:
        text = head + dotenv(variables)
    except UnwritableError as error:
        raise OpsError(
            f"{', '.join(error.names)} can't be written",
            "Readers of such a file differ about a value with a line break, a tab or another character that "
            "can't be printed, one that ends in a backslash, and one with an apostrophe beside any of "
            '" $ ` \\ !.',
            "Give the host these in another way, or change the values where they come from",
        ) from error
    files.replace(out, text.encode())
    console.print(f"{out}: {', '.join(sorted(variables))}.")
    if missing := _left_to_the_host(settings, variables):
        console.print(f"The stage doesn't hold these, and the host needs them: {', '.join(missing)}.")


def _text(value: Secret | str) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _left_to_the_host(settings: Settings, given: dict[str, str]) -> list[str]:
    """What the service doesn't start without, and the stage has no value for."""
    names = contract.load()["environment"]
    needed = [] if names["singleProcess"] in given else [names["redisUrl"]]
    if settings.verification.flow == "form":
        needed += [names["twilioApiKey"], names["twilioApiSecret"], names["twilioVerifyService"]]
    return sorted(name for name in needed if name not in given)


def _refuse_place(out: Path, force: bool) -> None:
    if out.is_dir() or not out.absolute().parent.is_dir():
        why = "It is a folder, or its folder is missing."
        raise OpsError(f"{out} is no place for a file", why, "Name another")
    if out.exists() and not force and not _is_ours(out):
        why = "This command didn't write it."
        raise OpsError(f"{out} holds something else", why, "Name another file, or add --force")
    if _would_be_committed(out):
        raise OpsError(
            f"{out} lies in a git work tree that doesn't ignore it",
            "Secrets in a repository stay in its history. Where git fails, nothing counts as ignored.",
            "Name a file outside of it, or one that .gitignore lists",
        )


def _is_ours(out: Path) -> bool:
    with out.open(encoding="utf-8", errors="replace") as file:
        return file.readline().startswith(_MARK)


def _would_be_committed(out: Path) -> bool:
    # A link is replaced by the file, so that it is the link's own place that counts.
    folder = out.absolute().parent.resolve()
    code, said = _git(folder, "rev-parse", "--is-inside-work-tree")
    if code != 0:
        # No git, none that answers (a checkout of another user's), or no work tree.
        return any((above / ".git").exists() for above in (folder, *folder.parents))
    # What git tracks already it never calls ignored.
    return said == "true" and _git(folder, "check-ignore", "--quiet", out.name)[0] != 0


def _git(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output; 127 where there is no git."""
    # In one of git's hooks its environment names a repository, whichever the folder.
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        command = ["git", "-C", str(folder), *arguments]
        ran = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    except OSError:
        return 127, ""
    return ran.returncode, ran.stdout.strip()
