"""One stage's preview or update, in a process of its own: the Automation API with our program inline.

Inline, since starting Python and importing the plugin's package is half of an update without changes; in a
process of its own, since the SDK's server for hooks belongs to one event loop of a process, and the guards of
the program read the environment.
"""

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pulumi
from pulumi import automation
from pulumi.automation.errors import CommandError

from infra.declaration import program as declare_stage
from infra.errors import BundleError, RenderError, SettingsError

from . import journal
from .engine import Engine, tail
from .events import Watch, one_line
from .job import Job

Emit = Callable[[Mapping[str, Any]], None]
# pulumi/pkg/backend/diy/lock.go: who holds a stack of a file, S3, GCS or Azure backend.
_OWNER = re.compile(r"created by \S+@(\S+) \(pid (\d+)\)")
_LINK = re.compile(r"View [^\n]*?(https://\S{1,300})")


class _Stack(automation.Stack):
    """A stack that is named at each command, so that nobody's selected stack changes.

    The base class asks three more commands of the engine after an update, one of them for decrypted secrets.
    """

    def __init__(self, name: str, workspace: automation.Workspace) -> None:
        self.name, self.workspace = name, workspace

    def outputs(self) -> automation.OutputMap:
        return {}

    def info(self, show_secrets: bool = False) -> automation.UpdateSummary:
        return automation.UpdateSummary("update", datetime.now(UTC), "", {}, {}, "succeeded")


def work(job: Job, emit: Emit) -> None:
    """Do it, and tell its steps and its end. This process's environment becomes the stage's."""
    os.environ.clear()
    os.environ.update(job.env)
    began = datetime.now(UTC)
    before = journal.note_of(job.entry)
    watch = Watch(job.words)
    _note(job, journal.STARTED)
    outcome, why = _tried(job, watch, emit)
    if outcome == "failed" and _is_ours_and_dead(why, before):
        _forget_lock(job)
        watch.error = ""
        outcome, why = _tried(job, watch, emit)
    said = tail(Path(job.log))
    link = _LINK.search(said)
    result = {
        "outcome": outcome,
        "why": one_line(watch.error or why) if outcome != journal.DONE else "",
        "changes": watch.changes,
        "seconds": round((datetime.now(UTC) - began).total_seconds(), 2),
        "link": link.group(1) if link else "",
    }
    _note(job, outcome, **{name: result[name] for name in ("changes", "seconds")})
    emit({"stage": job.stage, "result": result | {"fingerprint": watch.fingerprint}})


def _tried(job: Job, watch: Watch, emit: Emit) -> tuple[str, str]:
    """Done or failed; and what the engine said last when it failed."""

    def began(pid: int) -> None:
        _note(job, journal.STARTED, engine=journal.identified(pid))
        emit({"stage": job.stage, "engine": pid})

    def see(event: automation.EngineEvent) -> None:
        if step := watch.see(event):
            emit({"stage": job.stage, "step": step})

    engine = Engine(Path(job.pulumi), job.version, Path(job.log), job.seconds, began)
    workspace = automation.LocalWorkspace(job.root, program=program, pulumi_command=engine)
    stack = _Stack(job.stage, workspace)
    try:
        if job.operation == "preview":
            stack.preview(on_event=see, color="never", suppress_progress=True)
        else:
            stack.up(on_event=see, color="never", suppress_progress=True, message=job.message)
    except CommandError:
        if engine.is_late:
            return "failed", f"It had not ended after {job.seconds / 60:g} minutes, and was stopped"
        return "failed", _last_error(tail(Path(job.log)))
    return journal.DONE, ""


def program() -> None:
    """The declaration, as infra/__main__ makes it for an engine that starts Python itself.

    Unknown keys are listed for that one alone; a fleet has looked for them before it begins.
    """
    try:
        declare_stage()
    except (SettingsError, RenderError, BundleError) as error:
        raise pulumi.RunError(str(error)) from error


def _is_ours_and_dead(why: str, before: Mapping[str, Any]) -> bool:
    """Whether the engine that holds the stack is this fleet's, of before, and is no more."""
    owners = _OWNER.findall(why)
    engine = before.get("engine") or {}
    ours = (str(before.get("host")), str(engine.get("pid")))
    return bool(owners) and all(owner == ours for owner in owners) and not journal.still_runs(dict(before))


def _forget_lock(job: Job) -> None:
    command = [job.pulumi, "cancel", job.stage, "--yes", "--non-interactive", "-C", job.root]
    with Path(job.log).open("ab") as log:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)


def _last_error(said: str) -> str:
    """The engine's own error, with the lines that belong to it."""
    _, found, text = said.rpartition("error: ")
    return text.strip() if found else said.strip().rpartition("\n")[2]


def _note(job: Job, outcome: str, **facts: Any) -> None:
    if job.entry:
        journal.note(Path(job.entry), outcome=outcome, digest=job.digest, worker=journal.myself(), **facts)
