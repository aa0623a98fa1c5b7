"""The command around a fleet: what is left to do, what was done before, and who has to agree."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from ops import toolchain
from ops.errors import OpsError
from ops.fleet import command, journal
from ops.fleet.choice import Member
from ops.fleet.command import Crowd
from ops.fleet.journal import Journal
from ops.fleet.running import Result
from ops.toolchain import Toolchain

from .samples import ROOT


@pytest.fixture
def crowd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    members = []
    for name in ("eu-1", "eu-2"):
        file = tmp_path / f"Pulumi.{name}.yaml"
        file.write_text("config: {}\n")
        members.append(Member(name, file, {"PULUMI_BACKEND_URL": "s3://state", "SECRET": "canary"}, {}))
    tools = Toolchain(tmp_path / "bin" / "pulumi", tmp_path / "bin", None, "3.259.0", "path")
    console = Console(file=io.StringIO(), width=200)
    return Crowd(tmp_path, members, tools, Journal.of(tmp_path), console, 20.0, 2, "program")


def said(crowd: Crowd) -> str:
    assert isinstance(crowd.console.file, io.StringIO)
    return crowd.console.file.getvalue()


def noted(crowd: Crowd, stage: str, outcome: str, **facts: object) -> None:
    member = next(each for each in crowd.members if each.name == stage)
    facts = {"digest": crowd._digest(member), **facts}
    journal.note(crowd.journal.path(stage), outcome=outcome, **facts)


def names(members: object) -> list[str]:
    assert isinstance(members, list)
    return [each.name for each in members]


def test_what_was_done_from_the_same_is_left_out(crowd: Crowd) -> None:
    assert names(crowd.left_over()) == ["eu-1", "eu-2"]
    noted(crowd, "eu-1", "done")
    noted(crowd, "eu-2", "failed")
    assert names(crowd.left_over()) == ["eu-2"]
    assert [crowd.earlier(each).outcome for each in crowd.members] == ["before", "waiting"]


@pytest.mark.parametrize("changed", ["file", "program", "backend"])
def test_what_has_changed_since_is_done_again(crowd: Crowd, changed: str) -> None:
    noted(crowd, "eu-1", "done")
    first = crowd.members[0]
    if changed == "file":
        first.file.write_text("config: {a: b}\n")
    elif changed == "program":
        crowd = replace(crowd, program="another")
    else:
        crowd = replace(crowd, members=[replace(first, env={}), crowd.members[1]])
    assert names(crowd.left_over()) == ["eu-1", "eu-2"]


def test_the_backend_that_somebody_is_logged_in_to_counts_too(tmp_path: Path) -> None:
    seen = set()
    for current in ("s3://one", "s3://two"):
        (tmp_path / "credentials.json").write_text(json.dumps({"current": current}))
        seen.add(command._backend({"PULUMI_HOME": str(tmp_path)}))
    (tmp_path / "credentials.json").write_text("[]")
    seen |= {
        command._backend({"PULUMI_HOME": str(tmp_path)}),
        command._backend({"PULUMI_BACKEND_URL": "s3://u"}),
    }
    assert len(seen) == 4


def test_an_update_that_a_killed_fleet_left_at_work_is_waited_for(crowd: Crowd) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as worker:
        noted(crowd, "eu-1", "started", worker=journal.identified(worker.pid))
        with pytest.raises(OpsError) as error:
            replace(crowd, seconds=0.1).left_over()
        assert "eu-1 still runs" in error.value.what
        assert worker.stdin
        worker.stdin.close()
        assert names(crowd.left_over()) == ["eu-1", "eu-2"]
    assert "eu-1: waiting for the update of before" in said(crowd)


def previews(crowd: Crowd, monkeypatch: pytest.MonkeyPatch, *outcomes: str) -> None:
    results = [Result(each.name, how) for each, how in zip(crowd.members, outcomes, strict=True)]
    monkeypatch.setattr(Crowd, "do", lambda self, operation, members: results)


def test_only_what_could_be_previewed_is_agreed_to(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(command, "confirmed", lambda question, yes: asked.append(question))
    previews(crowd, monkeypatch, "done", "failed")
    members, bad = crowd.agreed(crowd.members)
    assert [each.name for each in members] == ["eu-1"]
    assert bad["eu-2"].outcome == "failed"
    assert asked == ["Update 1 of 2 stages?"]


def test_nobody_is_asked_about_nothing_or_after_an_interruption(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "confirmed", lambda question, yes: pytest.fail("asked"))
    previews(crowd, monkeypatch, "failed", "failed")
    assert crowd.agreed(crowd.members)[0] == []
    previews(crowd, monkeypatch, "done", "waiting")
    with pytest.raises(KeyboardInterrupt):
        crowd.agreed(crowd.members)


def test_a_job_says_all_that_a_worker_needs(crowd: Crowd) -> None:
    preview, up = (crowd._job(operation, crowd.members[0], "by ada") for operation in ("preview", "up"))
    assert (preview.entry, up.entry) == ("", str(crowd.journal.path("eu-1")))
    assert preview.log != up.log
    assert up.env["PATH"].split(":")[0] == str(crowd.tools.bin_dir)
    assert up.env["SECRET"] == "canary"
    assert "canary" not in repr(crowd) + repr(up)


def test_another_checkouts_program_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Pulumi.yaml").write_bytes((ROOT / "Pulumi.yaml").read_bytes())
    (tmp_path / "infra").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(toolchain, "ensure", lambda console: pytest.fail("looked for"))
    with pytest.raises(OpsError) as error:
        Crowd.of(["eu-*"], Console(), 15, None)
    assert str(ROOT) in error.value.what
