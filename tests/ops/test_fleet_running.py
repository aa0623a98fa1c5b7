"""Many at a time, never more than asked for; one that dies is one that failed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ops.fleet import running
from ops.fleet.job import Job
from ops.fleet.running import Fleet, Result

# Answers each job as its name says, once as many are there as are asked for together.
CREW = """
import json, sys, threading
together, held = int(sys.argv[1]), []
for line in sys.stdin:
    held.append(json.loads(line))
    if len(held) < together and not held[-1]["stage"].startswith("last"):
        continue
    for job in held:
        name = job["stage"]
        say = lambda **told: print(json.dumps({"stage": name, **told}), flush=True)
        if name.startswith("over"):
            sys.exit()
        say(step="update Action phone")
        if name.startswith("slow"):
            threading.Event().wait(0.5)
        if "dies" not in name:
            say(result={"outcome": "failed" if "bad" in name else "done", "why": name * ("bad" in name)})
        say(ended=-9 if "dies" in name else 0)
    held = []
"""


@pytest.fixture
def job(tmp_path: Path) -> Job:
    log = str(tmp_path / "log")
    return Job("", "up", "", "", "", log, "", "", "", 1.0, {}, {"AUTH0_CLIENT_SECRET": "canary"})


@contextmanager
def scripted(together: int) -> Iterator["subprocess.Popen[bytes]"]:
    words = [sys.executable, "-c", CREW, str(together)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as crew:
        yield crew
        crew.communicate()


def fleet(job: Job, names: list[str], parallel: int, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.setattr(running, "_crew", lambda complaints: scripted(parallel))
    jobs = [replace(job, stage=name) for name in names]
    return Fleet(jobs, parallel, lambda result: None, lambda fleet: None)


def test_as_many_at_a_time_as_asked_for(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"eu-{number}" for number in range(12)]
    it, seen = fleet(job, names, 3, monkeypatch), set[int]()
    it.show = lambda fleet: seen.add(len(fleet.steps))
    results = it.run()
    assert [result.stage for result in results] == names
    assert {result.outcome for result in results} == {"done"}
    assert max(seen) <= 3


def test_who_fails_or_dies_leaves_the_others_alone(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    results = fleet(job, ["one", "bad", "dies", "two"], 2, monkeypatch).run()
    assert [result.outcome for result in results] == ["done", "failed", "failed", "done"]
    assert results[1].why == "bad"
    assert "-9" in results[2].why


def test_without_its_crew_nothing_is_left_waiting_for(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    results = fleet(job, ["one", "over", "three"], 1, monkeypatch).run()
    assert [result.outcome for result in results] == ["done", "failed", "waiting"]
    assert "was killed" in results[1].why


def test_after_an_interruption_no_other_begins(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGINT)
    it = fleet(job, ["one", "slow", "three"], 1, monkeypatch)
    it.parallel = 2
    it.tell = lambda result: os.kill(os.getpid(), signal.SIGINT) if result.stage == "one" else None
    assert [result.outcome for result in it.run()] == ["done", "done", "waiting"]
    assert signal.getsignal(signal.SIGINT) is before


def test_the_second_one_reaches_the_engines(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    it = fleet(job, [], 1, monkeypatch)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as engine:
        it.engines["one"] = engine.pid
        it._interrupted()
        assert engine.poll() is None
        it._interrupted()
        assert engine.wait(60) == -signal.SIGINT
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as late:
        it._hear({"stage": "two", "engine": late.pid})
        assert late.wait(60) == -signal.SIGINT
    it._hear({"stage": "one", "result": {"outcome": "failed"}})
    assert it.results["one"] == Result("one", "interrupted")


def test_lines_come_whole_however_they_are_cut() -> None:
    cut = [b'{"stage": "a", "st', b'ep": "x"}\n{"stage": "b"}\n{"sta', b'ge": "c"}\n']
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
        lines, found = running.Lines(cat), []
        assert cat.stdin
        for piece in cut:
            cat.stdin.write(piece)
            cat.stdin.flush()
            found.append([message["stage"] for message in lines.new()])
        cat.stdin.close()
        assert list(lines.new()) == []
        assert lines.is_over
    assert found == [[], ["a", "b"], ["c"]]


def test_a_job_keeps_its_secrets_to_itself(job: Job) -> None:
    assert "canary" not in repr(job)
    assert "canary" in json.dumps(dict(job.env))


def test_small_machines_do_fewer_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: range(8), raising=False)
    for free, most in ((64 * 2**30, 24), (2 * 2**30, 5), (1, 1)):
        monkeypatch.setattr(running, "_free_bytes", lambda free=free: free)
        assert running.usual_parallel() == most
