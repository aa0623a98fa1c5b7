"""Pulumi's command line for the Automation API: with a log, in its own session, ended after a time."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from pulumi.automation import CommandResult, OnOutput, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from .. import engine

_TAIL_BYTES = 16_384


class Engine(PulumiCommand):
    """Runs Pulumi with this process's environment. `began` is told the engine's pid.

    PulumiCommand itself gives every child all of this process's output to keep in memory, and none a time.
    """

    def __init__(
        self, pulumi: Path, version: str, log: Path, seconds: float, began: Callable[[int], None]
    ) -> None:
        # The base class would ask the CLI for its version, which is known.
        self.command = str(pulumi)
        self.version = VersionInfo.parse(version)
        self.log, self.seconds, self.began = log, seconds, began
        self.is_late = False

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> CommandResult:
        """The result, with the last of what it printed; all of it is in the log. Raises CommandError."""
        env = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        words = [self.command, "--non-interactive", *args]
        with self.log.open("ab") as log:
            # What interrupts the fleet reaches an engine only from the fleet.
            ran = engine.run(words, env, cwd=cwd, output=log, seconds=self.seconds, began=self.began)
        self.is_late = ran.is_late
        said = tail(self.log)
        result = CommandResult(said, said, ran.code)
        if ran.code != 0:
            raise create_command_error(result)
        return result


def tail(log: Path) -> str:
    """The last of a log."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        return file.read().decode(errors="replace")
