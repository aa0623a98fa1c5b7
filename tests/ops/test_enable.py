"""`auth0-phone enable`: nothing is written before every check, the preview and a person say yes."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console

from ops import enable as module
from ops import hosted_checks, switch
from ops.enable import command, enable
from ops.errors import OpsError
from ops.findings import Findings
from ops.real import RealStage
from tests.infra import stages

from .fake_stage import FILE, FakeStage

Enabled = Callable[..., str]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeStage:
    fake = FakeStage(tmp_path, stages.settings(verification__enforcement="off"))
    monkeypatch.setattr(RealStage, "at", lambda name, console: fake)
    monkeypatch.setattr(switch, "_ACTORS", ("TEST_ACTOR",))
    monkeypatch.setenv("TEST_ACTOR", "ada")
    return fake


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> Findings:
    found = Findings(fine=["the host is fine"])

    async def check_host(*_: Any) -> Findings:
        return found

    monkeypatch.setattr(hosted_checks, "check_host", check_host)
    return found


@pytest.fixture
def enabled(stage: FakeStage, findings: Findings) -> Enabled:
    def run(level: module.Level = "required", dry_run: bool = False, yes: bool = True) -> str:
        out = io.StringIO()
        enable("dev", level, dry_run, yes, Console(file=out, soft_wrap=True))
        return out.getvalue()

    return run


def refused(run: Callable[[], str]) -> OpsError:
    with pytest.raises(OpsError) as error:
        run()
    return error.value


def test_a_ready_host_is_switched_on(enabled: Enabled, stage: FakeStage) -> None:
    said = enabled()
    assert stage.file.read_text() == FILE.replace('"off"', '"required"')
    assert stage.file.stat().st_mode & 0o777 == 0o640
    assert stage.previewed == [stage.file.read_text()]
    assert stage.ran[1] == ("up", "--yes", "--skip-preview", "--message", "enable: required (by ada, by CI)")
    assert "✓ the host is fine" in said
    assert "dev: required. Nobody logs in without a verified number. Commit Pulumi.dev.yaml." in said
    assert list(stage.root.iterdir()) == [stage.file]
    assert stage.tried_after == [0]


def test_whom_the_tenant_does_not_let_in_changes_nothing(enabled: Enabled, stage: FakeStage) -> None:
    stage.refuses = True
    assert refused(enabled).what == "The tenant does not let us in"
    assert (stage.file.read_text(), stage.ran) == (FILE, [])


def test_each_level_names_the_next(enabled: Enabled) -> None:
    assert "Next: auth0-phone enable dev --to optional" in enabled("observe")
    assert "Next: auth0-phone enable dev --to required" in enabled("optional")
    assert "Next:" not in enabled("required")


def test_every_complaint_is_told_and_nothing_is_written(
    enabled: Enabled, stage: FakeStage, findings: Findings
) -> None:
    findings.complain("the name leads nowhere", "Point it there")
    findings.complain("the key is another", "host-env")
    error = refused(enabled)
    assert error.what == "The host of dev is not ready: 2 problems"
    assert error.why == "the name leads nowhere.\n    Point it there.\n  the key is another.\n    host-env."
    assert stage.file.read_text() == FILE
    assert stage.ran == []


def test_notices_stop_nothing(enabled: Enabled, findings: Findings) -> None:
    findings.notices.append("finish the rotation")
    assert "! finish the rotation" in enabled()


def test_a_dry_run_changes_nothing(enabled: Enabled, stage: FakeStage) -> None:
    assert "Nothing was changed. To switch on: auth0-phone enable dev --to required" in enabled(dry_run=True)
    assert (stage.file.read_text(), stage.ran) == (FILE, [])
    assert stage.tried_after == []


def test_a_stage_that_was_never_deployed_is_refused(enabled: Enabled, stage: FakeStage) -> None:
    stage.made.clear()
    assert refused(enabled).mend == "Run: pulumi up --stack dev"


def test_a_preview_that_fails_leaves_the_file(enabled: Enabled, stage: FakeStage) -> None:
    stage.fails = "preview"
    refused(enabled)
    assert (stage.file.read_text(), stage.commands) == (FILE, ["preview"])


def test_who_says_no_or_is_not_there_leaves_the_file(
    enabled: Enabled, stage: FakeStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert refused(lambda: enabled(yes=False)).mend == "Look at the preview, then add --yes"
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(typer, "confirm", lambda question: "from off to required" not in question)
    assert refused(lambda: enabled(yes=False)).what == "Not confirmed"
    assert (stage.file.read_text(), stage.commands) == (FILE, ["preview", "preview"])
    monkeypatch.setattr(typer, "confirm", lambda question: True)
    enabled(yes=False)
    assert stage.commands[2:] == ["preview", "up"]


def test_a_file_that_somebody_changed_meanwhile_is_not_overwritten(
    enabled: Enabled, stage: FakeStage
) -> None:
    stage.while_shown = lambda: stage.file.write_text("theirs")
    assert refused(enabled).what == "Pulumi.dev.yaml has changed meanwhile"
    assert stage.file.read_text() == "theirs"
    assert stage.commands == ["preview"]


def test_an_update_that_fails_is_told_with_both_ways_out(enabled: Enabled, stage: FakeStage) -> None:
    stage.fails = "up"
    error = refused(enabled)
    assert error.what == "Pulumi.dev.yaml says verification.enforcement: required, but the update failed"
    assert "pulumi up --stack dev; or stop asking: auth0-phone pause dev" in error.mend
    assert '"required"' in stage.file.read_text()


def test_an_update_that_is_interrupted_is_told_like_one_that_fails(
    enabled: Enabled, stage: FakeStage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.interrupted = "up"
    with pytest.raises(KeyboardInterrupt):
        enabled()
    said = capsys.readouterr().err
    assert "✗ Pulumi.dev.yaml says verification.enforcement: required, but the update failed" in said
    assert "The update was interrupted" in said
    assert "pulumi up --stack dev; or stop asking: auth0-phone pause dev" in said
    assert '"required"' in stage.file.read_text()


def test_what_is_printed_is_not_taken_for_markup(
    enabled: Enabled, stage: FakeStage, findings: Findings
) -> None:
    findings.fine.append("a folder x[/b]/y")
    findings.notices.append("[red]")
    assert "✓ a folder x[/b]/y" in enabled()
    assert "! [red]" in enabled()


def test_vercel_is_asked_by_the_update_itself(enabled: Enabled, stage: FakeStage, findings: Findings) -> None:
    hosting = stage.settings_.hosting.model_copy(update={"kind": "vercel"})
    stage.settings_ = stage.settings_.model_copy(update={"hosting": hosting})
    findings.complain("not asked", "so not told")
    assert "waits until the form answers there" in enabled()
    assert stage.commands == ["preview", "up"]


@pytest.mark.parametrize(
    ("name", "given", "level"),
    [("dev", None, "required"), ("prod", None, "observe"), ("prod", "required", "required")],
)
def test_production_begins_with_observing(
    monkeypatch: pytest.MonkeyPatch, name: str, given: module.Level | None, level: str
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(module, "enable", lambda *arguments: asked.append(arguments[:4]))
    command(name, given)
    assert asked == [(name, level, False, False)]
