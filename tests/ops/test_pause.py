"""`auth0-phone pause`: unbinds ours alone, with a reason, whatever else has changed."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from ops import switch
from ops.errors import OpsError
from ops.pause import command, pause
from ops.real import RealStage
from ops.switch import actor
from tests.infra import stages

from .fake_stage import BINDING, FILE, LIST, LOGIN, OTHER, FakeStage, binding

ON = FILE.replace('"off"', '"required"')


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeStage:
    fake = FakeStage(tmp_path, stages.settings())
    fake.file.write_text(ON)
    fake.state = [
        {"type": "auth0:index/action:Action", "urn": "urn:action"},
        binding(BINDING),
        binding(LIST),
        binding(LIST, external=True),
        binding(BINDING, OTHER),
        binding(LIST, OTHER),
    ]
    monkeypatch.setattr(RealStage, "at", lambda name, console: fake)
    monkeypatch.setattr(switch, "_ACTORS", ("TEST_ACTOR",))
    monkeypatch.setenv("TEST_ACTOR", "ada")
    return fake


def paused(reason: str = "people complain", yes: bool = True) -> str:
    out = io.StringIO()
    pause("dev", reason, yes, Console(file=out, soft_wrap=True))
    return out.getvalue()


def test_it_touches_our_binding_alone_and_says_who_and_why(stage: FakeStage) -> None:
    said = paused()
    targets = ("--target", f"urn:{BINDING}:{LOGIN}", "--target", f"urn:{LIST}:{LOGIN}")
    message = "pause: people complain (by ada, by CI)"
    assert stage.ran == [("up", "--yes", "--skip-preview", "--message", message, *targets)]
    assert stage.file.read_text() == FILE
    assert stage.tried_after == [0]
    assert "Paused: nobody is asked on dev." in said
    assert "The way back: auth0-phone enable dev" in said


def test_without_yes_the_preview_is_of_the_same_targets(
    stage: FakeStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(OpsError, match="Nobody is there to ask"):
        paused(yes=False)
    ((kind, _, _, *targets),) = stage.ran
    assert kind == "preview"
    assert targets.count("--target") == 2
    assert stage.previewed == [FILE]
    assert stage.file.read_text() == ON


def test_what_is_not_bound_needs_no_update(stage: FakeStage) -> None:
    stage.state = []
    assert "our Action is not bound. Pulumi.dev.yaml says off." in paused()
    assert stage.ran == []
    assert stage.file.read_text() == FILE


def test_an_update_that_fails_says_that_people_may_still_be_asked(stage: FakeStage) -> None:
    stage.fails = "up"
    with pytest.raises(OpsError) as error:
        paused()
    assert error.value.what == "People on dev may still be asked"
    assert "says verification.enforcement: off, but the update failed" in error.value.why
    assert "dashboard: Actions, Triggers, post-login" in error.value.mend
    assert stage.file.read_text() == FILE


def test_an_update_that_is_interrupted_is_told_like_one_that_fails(
    stage: FakeStage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.interrupted = "up"
    with pytest.raises(KeyboardInterrupt):
        paused()
    said = capsys.readouterr().err
    assert "✗ People on dev may still be asked" in said
    assert "The update was interrupted" in said
    assert "dashboard: Actions, Triggers, post-login" in said


def test_whom_the_tenant_does_not_let_in_changes_nothing(stage: FakeStage) -> None:
    stage.refuses = True
    with pytest.raises(OpsError, match="does not let us in"):
        paused()
    assert (stage.file.read_text(), stage.ran) == (ON, [])


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 201, "bell\x07", "turned\u202ename"])
def test_a_reason_is_one_line(stage: FakeStage, reason: str) -> None:
    with pytest.raises(OpsError, match="--reason"):
        command("dev", reason, yes=True)
    assert stage.ran == []


def test_who_it_was_is_the_jobs_person_then_gits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in switch._ACTORS:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".git").mkdir()
    for name, value in {"GIT_CONFIG_GLOBAL": tmp_path / "config", "GIT_CONFIG_NOSYSTEM": "1"}.items():
        monkeypatch.setenv(name, str(value))
    (tmp_path / "config").write_text("[user]\n\tname = Ada Example\n\temail = ada@acme.example\n")
    assert actor(tmp_path) == "Ada Example <ada@acme.example>"
    (tmp_path / "config").write_text("")
    monkeypatch.setattr("getpass.getuser", lambda: "deployer")
    assert actor(tmp_path) == "deployer"
    monkeypatch.setenv("GITHUB_ACTOR", "octocat")
    assert actor(tmp_path) == "octocat, by CI"
