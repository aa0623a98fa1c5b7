"""`auth0-phone fleet preview|up`: many stages at once, each on its own tenant with its own credentials."""

import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console

from .. import toolchain
from ..errors import OpsError
from ..project import project, pulumi_home
from ..switch import actor, confirmed
from . import choice, display, journal
from .choice import Member
from .job import Job
from .journal import DONE, Journal
from .running import Fleet, Result, usual_parallel

app = typer.Typer(no_args_is_help=True, help="Many stages at once: preview or update them.")

Stages = Annotated[
    list[str], typer.Option("--stages", help="A stage's name or a pattern such as 'eu-*'; may be repeated.")
]
Parallel = Annotated[
    int | None, typer.Option(min=1, max=64, help="Stages at a time; by default what this machine can take.")
]
Minutes = Annotated[float, typer.Option(min=0.01, help="Stop a stage's engine after this time.")]
INTERRUPTED = 130
_LOG_WIDTH = 200
BEFORE = "before"


@app.command()
def preview(stages: Stages, parallel: Parallel = None, minutes: Minutes = 15) -> None:
    """Show what an update would change in each stage, and which changes are alike."""
    it = Crowd.of(stages, _console(), minutes, parallel)
    results = it.do("preview", it.members)
    it.console.print(display.preview_table(results))
    raise typer.Exit(code(results))


@app.command()
def up(
    stages: Stages,
    parallel: Parallel = None,
    yes: Annotated[bool, typer.Option("--yes", help="Show no preview, and don't ask.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Leave out what was done from the same program and settings.")
    ] = False,
    minutes: Minutes = 15,
) -> None:
    """Update each stage; one that fails leaves the others alone."""
    it = Crowd.of(stages, _console(), minutes, parallel)
    with it.journal.alone():
        members = it.left_over() if resume else it.members
        members, done = (members, {}) if yes else it.agreed(members)
        done |= {result.stage: result for result in it.do("up", members)}
        results = [done.get(each.name) or it.earlier(each) for each in it.members]
    it.console.print(display.up_table(results))
    if code(results):
        it.console.print(f"Logs: {it.journal.logs}", highlight=False)
        again = " ".join(f"--stages '{pattern}'" for pattern in stages)
        it.console.print(f"To go on: auth0-phone fleet up {again} --yes --resume", highlight=False)
    raise typer.Exit(code(results))


def _console() -> Console:
    # A job's log has no width; the tables would be cut to the usual one.
    return Console(soft_wrap=True, width=None if sys.stdout.isatty() else _LOG_WIDTH)


def code(results: Sequence[Result]) -> int:
    """0 when all went well, 130 when somebody stopped it, else 1."""
    outcomes = {result.outcome for result in results}
    if outcomes <= {DONE, BEFORE}:
        return 0
    return INTERRUPTED if outcomes & {"waiting", "interrupted"} else 1


@dataclass(frozen=True)
class Crowd:
    """The stages that were asked for, and all that their engines need."""

    root: Path
    members: Sequence[Member]
    tools: toolchain.Toolchain
    journal: Journal
    console: Console
    seconds: float
    parallel: int
    program: str

    @classmethod
    def of(cls, patterns: Sequence[str], console: Console, minutes: float, parallel: int | None) -> "Crowd":
        """Found and judged. Raises OpsError for what stands in the way of any of them."""
        root = project()
        members = choice.members(root, choice.matching(root, patterns))
        tools = toolchain.ensure(console)
        toolchain.install_plugin(tools, pulumi_home())
        program = journal.program_digest(root, tools.version, version("pulumi-auth0"))
        size = min(parallel or usual_parallel(), len(members))
        return cls(root, members, tools, Journal.of(root), console, minutes * 60, size, program)

    def do(self, operation: str, members: Sequence[Member]) -> list[Result]:
        """Preview or update them; each result in their order."""
        if not members:
            return []
        message = f"fleet up (by {actor(self.root)})"
        jobs = [self._job(operation, each, message) for each in members]
        names = f"{len(jobs)} stage{'s' if len(jobs) > 1 else ''}"
        self.console.print(f"fleet {operation}: {names}, {min(self.parallel, len(jobs))} at a time")
        with display.Display(self.console, len(jobs), operation) as shown:
            return Fleet(jobs, self.parallel, shown.told, shown.show).run()

    def agreed(self, members: Sequence[Member]) -> tuple[Sequence[Member], dict[str, Result]]:
        """Those whose preview went well, once a person has seen it and said yes; and how the others' went.

        Raises OpsError.
        """
        results = self.do("preview", members)
        self.console.print(display.preview_table(results))
        if code(results) == INTERRUPTED:
            raise KeyboardInterrupt
        bad = {result.stage: result for result in results if result.outcome != DONE}
        well = [each for each in members if each.name not in bad]
        if well:
            confirmed(f"Update {len(well)} of {len(self.members)} stages?", yes=False)
        return well, bad

    def left_over(self) -> list[Member]:
        """Those that have not been done from what they would be done from now.

        What a killed fleet has left at work is waited for.
        """
        left = []
        for each in self.members:
            self._await_remains(each)
            entry = self.journal.entry(each.name)
            if entry.get("outcome") != DONE or entry.get("digest") != self._digest(each):
                left.append(each)
        return left

    def earlier(self, member: Member) -> Result:
        """What the journal says of a stage that was left out now."""
        entry = self.journal.entry(member.name)
        done = entry.get("outcome") == DONE and entry.get("digest") == self._digest(member)
        return Result(member.name, BEFORE if done else "waiting")

    def log(self, member: Member, operation: str) -> Path:
        return self.journal.log(member.name, operation)

    def _await_remains(self, member: Member) -> None:
        processes = journal.still_runs(self.journal.entry(member.name))
        if not processes:
            return
        self.console.print(f"{member.name}: waiting for the update of before to end", highlight=False)
        gone_at = time.monotonic() + self.seconds
        _, alive = psutil.wait_procs(processes, timeout=max(0.0, gone_at - time.monotonic()))
        if alive:
            raise OpsError(
                f"An earlier update of {member.name} still runs",
                f"Process {alive[0].pid} has not ended within {self.seconds / 60:g} minutes.",
                f"See what it does: {self.log(member, 'up')}",
            )

    def _digest(self, member: Member) -> str:
        return journal.stage_digest(self.program, member.file, _backend(member.env))

    def _job(self, operation: str, member: Member, message: str) -> Job:
        beside = Path(sys.executable).parent
        path = [str(self.tools.bin_dir), str(beside), member.env.get("PATH", os.defpath)]
        here = {"PATH": os.pathsep.join(path), "PULUMI_SKIP_UPDATE_CHECK": "1"}
        return Job(
            stage=member.name,
            operation=operation,
            root=str(self.root),
            pulumi=str(self.tools.pulumi),
            version=self.tools.version,
            log=str(self.log(member, operation)),
            entry=str(self.journal.path(member.name)) if operation == "up" else "",
            digest=self._digest(member),
            message=message,
            seconds=self.seconds,
            words=member.words,
            env={**member.env, **here},
        )


def _backend(env: Mapping[str, str]) -> str:
    """Where a stage's state is, as a digest: the address may hold a password."""
    said = env.get("PULUMI_BACKEND_URL", "")
    if not said:
        try:
            said = str(json.loads((pulumi_home(env) / "credentials.json").read_text()).get("current"))
        except (OSError, ValueError, AttributeError):
            said = ""
    return hashlib.sha256(said.encode()).hexdigest()
