"""One stage's engine: its log, its session, its time; and whose lock may be taken."""

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation.errors import CommandError, StackNotFoundError

from ops.fleet import journal, worker
from ops.fleet.engine import Engine
from ops.fleet.job import Job

from .samples import ROOT

LOCKED = "the stack is currently locked by 1 lock(s).\n  file:///x.json: created by root@{} (pid {}) at 2026"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path / "pulumi", "3.259.0", tmp_path / "log", 20, lambda pid: None)


def script(engine: Engine, text: str) -> None:
    Path(engine.command).write_text(f"#!/bin/sh\n{text}\n")
    Path(engine.command).chmod(0o755)


def run(engine: Engine, **env: str) -> str:
    return engine.run(["up"], str(engine.log.parent), env).stdout


def test_all_that_it_says_is_in_the_log_and_the_last_of_it_in_the_result(engine: Engine) -> None:
    script(engine, 'seq 1 9000; echo "$@ $A $PULUMI_AUTOMATION_API" >&2')
    said = run(engine, A="b")
    assert said.endswith("--non-interactive up b true\n")
    assert len(said) < 20_000
    assert len(engine.log.read_text().splitlines()) == 9001


def test_it_has_a_session_of_its_own_and_is_told_of(engine: Engine) -> None:
    began: list[int] = []
    engine.began = began.append
    script(engine, f"exec {sys.executable} -c 'import os; print(os.getpid(), os.getsid(0))'")
    assert run(engine).split() == [str(began[0])] * 2


def test_a_refusal_is_an_error_of_the_automation_api(engine: Engine) -> None:
    script(engine, "echo \"error: no stack named 'eu-1' found\" >&2; exit 1")
    with pytest.raises(StackNotFoundError):
        run(engine)


def test_who_takes_too_long_is_asked_to_save_and_end(engine: Engine) -> None:
    engine.seconds = 0.5
    script(engine, f"trap 'echo saved > {engine.log}.saved; exit 3' INT; while :; do sleep 0.05; done")
    began = time.monotonic()
    with pytest.raises(CommandError):
        run(engine)
    assert engine.is_late
    assert Path(f"{engine.log}.saved").read_text() == "saved\n"
    assert time.monotonic() - began < 15


def before(host: str, pid: int) -> dict[str, Any]:
    return {"host": host, "engine": {"pid": pid, "since": 0.0}, "worker": None}


def test_only_the_lock_of_our_own_dead_engine_is_taken() -> None:
    host = os.uname().nodename
    child = subprocess.Popen(["true"])
    child.wait()
    gone, mine = child.pid, os.getpid()
    taken = worker._is_ours_and_dead
    assert taken(LOCKED.format(host, gone), before(host, gone))
    assert not taken(LOCKED.format("elsewhere", gone), before(host, gone))
    assert not taken(LOCKED.format(host, gone + 1), before(host, gone))
    assert not taken(LOCKED.format(host, gone), {})
    assert not taken("another failure", before(host, gone))
    two = LOCKED.format(host, gone) + LOCKED.format("elsewhere", 1)
    assert not taken(two, before(host, gone))
    alive = {**before(host, mine), "engine": journal.myself()}
    assert not taken(LOCKED.format(host, mine), alive)


@pytest.fixture
def crew() -> Iterator["subprocess.Popen[str]"]:
    words = [sys.executable, "-m", "ops.fleet.crew"]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_a_crew_tells_of_each_worker_and_none_sees_more_than_its_own(
    crew: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    """The engine here is a script that writes down its environment and refuses."""
    pulumi = tmp_path / "pulumi"
    pulumi.write_text('#!/bin/sh\nenv; echo "error: no <[red]>" >&2; exit 5\n')
    pulumi.chmod(0o755)
    log = str(tmp_path / "one.log")
    one = Job("one", "up", str(tmp_path), str(pulumi), "3.259.0", log, str(tmp_path / "one.json"), "d",
              "by ada", 20, {}, {"PATH": os.environ["PATH"], "MINE": "canary"})  # fmt: skip
    lost = replace(one, stage="lost", log=str(tmp_path / "absent" / "log"))
    said, complaints = crew.communicate("".join(f"{json.dumps(asdict(job))}\n" for job in (one, lost)), 60)
    told = [json.loads(line) for line in said.splitlines()]
    assert {"stage": "lost", "ended": 1} in told
    assert {"stage": "one", "ended": 0} in told
    result = next(each["result"] for each in told if "result" in each)
    assert (result["outcome"], result["why"]) == ("failed", "no <[red]>")
    assert "absent" in complaints
    printed = (tmp_path / "one.log").read_text()
    assert "MINE=canary" in printed
    assert "HOME=" not in printed
    assert stat.S_IMODE((tmp_path / "one.log").stat().st_mode) == 0o600
    assert journal.note_of(one.entry)["outcome"] == "failed"
    assert "canary" not in said
