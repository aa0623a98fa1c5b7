"""Changing one setting of a real stage: tried on a copy; the stage file is written when that went well."""

import getpass
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from . import files
from .errors import OpsError
from .project import PROJECT
from .real import RealStage

ENFORCEMENT = "verification.enforcement"
# Who started a job, where the machine's own user says nothing.
_ACTORS = (
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILD_REQUESTEDFOR",
    "CIRCLE_USERNAME",
    "BITBUCKET_STEP_TRIGGERER_UUID",
)


@dataclass(frozen=True)
class Draft:
    """A copy of a stage file with one setting changed: `file`. The stage file itself is as it was."""

    stage: RealStage
    file: Path
    before: bytes

    def keep(self) -> None:
        """Make the draft the stage file, in one step; raises OpsError when that has changed meanwhile."""
        place = self.stage.file.resolve()
        if place.read_bytes() != self.before:
            raise OpsError(
                f"{self.stage.file.name} has changed meanwhile",
                "Somebody else has written it; nothing was changed here.",
                "Run the command again",
            )
        files.replace(place, self.file.read_bytes(), place.stat().st_mode & 0o777)


@contextmanager
def drafted(stage: RealStage, key: str, value: str) -> Iterator[Draft]:
    """The stage file with `key` set to `value`, by Pulumi itself, which keeps comments and order."""
    with tempfile.TemporaryDirectory(prefix="auth0-phone-") as folder:
        draft = Draft(stage, Path(folder) / stage.file.name, stage.file.read_bytes())
        draft.file.write_bytes(draft.before)
        stage.asked("config", "set", "--path", f"{PROJECT}:{key}", value, "--config-file", str(draft.file))
        yield draft


def confirmed(question: str, yes: bool) -> None:
    """Raises OpsError unless a person says yes, or said so by --yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise OpsError(
            "Nobody is there to ask", "Nothing was changed.", "Look at the preview, then add --yes"
        )
    if not typer.confirm(question):
        raise OpsError("Not confirmed", "Nothing was changed.", "Run it again when it is time")


def updated(draft: Draft, explained: Callable[[OpsError], OpsError], *options: str) -> None:
    """Keep the draft and run the update; `explained` makes what a person has to know of why that failed.

    Raises OpsError; for an interruption, which is told in the same words, KeyboardInterrupt.
    """
    draft.keep()
    try:
        draft.stage.shown("up", "--yes", "--skip-preview", *options)
    except OpsError as error:
        raise explained(error) from error
    except KeyboardInterrupt:
        how = OpsError("The update was interrupted", "It may have done a part of its work.", "Run it again")
        explained(how).show()
        raise


def actor(root: Path) -> str:
    """Who does this, for the stack's history: who started the CI job, else git's user, or the machine's."""
    started = next((os.environ[name] for name in _ACTORS if os.environ.get(name)), None)
    if started:
        return f"{started}, by CI"
    found = [_git_config(root, key) for key in ("user.name", "user.email")]
    named = " ".join([found[0], f"<{found[1]}>" if found[1] else ""]).strip()
    return named or getpass.getuser()


def _git_config(root: Path, key: str) -> str:
    try:
        ran = subprocess.run(
            ["git", "-C", str(root), "config", "--get", key], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return ran.stdout.strip()
