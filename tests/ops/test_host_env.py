"""`auth0-phone host-env`: the host's environment in a file for its owner alone, and never in a repository."""

import io
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from infra.secret import Secret
from ops.errors import OpsError
from ops.host_env import write_host_env
from ops.real import RealStage
from tests.infra import stages

from .fake_stage import FakeStage

REDIS = "rediss://default:p&ss@redis.acme.example:6379/0"
Written = Callable[..., str]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeStage:
    root = tmp_path / "checkout"
    root.mkdir()
    extra = {"REDIS_URL": Secret(REDIS)}
    settings = stages.settings(**stages.twilio_secrets(), secrets__environment=extra)
    fake = FakeStage(root, settings)
    monkeypatch.setattr(RealStage, "at", lambda name, console: fake)
    return fake


@pytest.fixture
def written(stage: FakeStage) -> Written:
    def run(out: Path, force: bool = False) -> str:
        said = io.StringIO()
        write_host_env("dev", out, force, Console(file=said, soft_wrap=True))
        return said.getvalue()

    return run


def refused(written: Written, out: Path) -> OpsError:
    with pytest.raises(OpsError) as error:
        written(out)
    return error.value


def test_the_file_holds_what_the_service_reads_and_is_its_owners_alone(
    written: Written, stage: FakeStage, tmp_path: Path
) -> None:
    out = tmp_path / "dev.env"
    os.umask(0o022)
    said = written(out)
    assert out.stat().st_mode & 0o777 == 0o600
    head, *lines = out.read_text().splitlines()
    assert head.startswith("# auth0-phone host-env dev: secrets.")
    found = dict(line.split("=", 1) for line in lines)
    key = stage.settings_.secrets.request_key
    assert key is not None
    assert found["PHONE_REQUEST_KEY"] == key.reveal()
    assert found["PHONE_STAGE_FILE"] == "rendered/form/stage.json"
    assert found["REDIS_URL"] == f"'{REDIS}'"
    assert list(found) == sorted(found)
    assert "PHONE_REQUEST_KEY, PHONE_RESULT_KEY" in said
    assert "the host needs them" not in said
    for secret in (key.reveal(), "p&ss"):
        assert secret not in said
    assert list(tmp_path.iterdir()) in ([out, stage.root], [stage.root, out])


def test_what_the_host_needs_beside_it_is_named(written: Written, stage: FakeStage, tmp_path: Path) -> None:
    stage.settings_ = stages.settings()
    missing = "REDIS_URL, TWILIO_API_KEY, TWILIO_API_SECRET, TWILIO_VERIFY_SERVICE."
    assert f"and the host needs them: {missing}" in written(tmp_path / "dev.env")


def test_ours_is_replaced_and_anything_else_only_by_force(written: Written, tmp_path: Path) -> None:
    out = tmp_path / "dev.env"
    written(out)
    written(out)
    out.write_text("SOMEBODY=else\n")
    out.chmod(0o644)
    assert refused(written, out).what == f"{out} holds something else"
    assert out.read_text() == "SOMEBODY=else\n"
    written(out, force=True)
    assert "PHONE_REQUEST_KEY=" in out.read_text()
    assert out.stat().st_mode & 0o777 == 0o600


def test_a_link_is_replaced_and_not_followed(written: Written, tmp_path: Path) -> None:
    elsewhere, out = tmp_path / "elsewhere", tmp_path / "dev.env"
    out.symlink_to(elsewhere)
    written(out)
    assert not elsewhere.exists()
    assert not out.is_symlink()


def test_a_place_that_is_none_is_refused(written: Written, tmp_path: Path) -> None:
    assert "no place for a file" in refused(written, tmp_path).what
    assert "no place for a file" in refused(written, tmp_path / "nowhere" / "dev.env").what


def test_a_repository_takes_it_only_where_it_is_ignored(written: Written, stage: FakeStage) -> None:
    git(stage.root, "init", "--quiet")
    out = stage.root / "dev.env"
    assert "git work tree" in refused(written, out).what
    assert not out.exists()
    (stage.root / ".gitignore").write_text("*.env\n")
    written(out)
    git(stage.root, "add", "--force", "dev.env")
    assert "git work tree" in refused(written, out).what


@pytest.mark.parametrize("answers", ["echo dubious ownership >&2; exit 128", None])
def test_where_git_does_not_answer_a_repository_takes_nothing(
    written: Written,
    stage: FakeStage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answers: str | None,
) -> None:
    """A checkout of another user's, or a machine without git."""
    git(stage.root, "init", "--quiet")
    (stage.root / ".gitignore").write_text("*.env\n")
    (stage.root / "deep" / "down").mkdir(parents=True)
    programs = tmp_path / "programs"
    programs.mkdir()
    if answers:
        (programs / "git").write_text(f"#!/bin/sh\n{answers}\n")
        (programs / "git").chmod(0o700)
    monkeypatch.setenv("PATH", str(programs))
    for place in (stage.root, stage.root / "deep" / "down"):
        error = refused(written, place / "dev.env")
        assert "git work tree" in error.what
        assert "Where git fails, nothing counts as ignored" in error.why
    written(tmp_path / "dev.env")


def test_a_hooks_environment_says_nothing_of_another_folder(
    written: Written, stage: FakeStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(stage.root, "init", "--quiet")
    git(tmp_path, "init", "--quiet", "elsewhere")
    (tmp_path / "elsewhere" / ".gitignore").write_text("*\n")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "elsewhere"))
    assert "git work tree" in refused(written, stage.root / "dev.env").what


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("value", "why"),
    [("it's $HOME", "an apostrophe beside"), ("HOME\\", "ends in a backslash")],
)
def test_a_value_that_readers_differ_about_is_refused_by_name(
    written: Written, stage: FakeStage, tmp_path: Path, value: str, why: str
) -> None:
    hard = {"METRICS_TOKEN": Secret(value), "REDIS_URL": Secret(REDIS)}
    stage.settings_ = stages.settings(secrets__environment=hard)
    error = refused(written, tmp_path / "dev.env")
    assert error.what == "METRICS_TOKEN can't be written"
    assert why in error.why
    assert "HOME" not in error.what + error.why + error.mend
    assert not (tmp_path / "dev.env").exists()


def test_a_write_that_fails_leaves_nothing(
    written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        written(tmp_path / "dev.env")
    assert [entry.name for entry in tmp_path.iterdir()] == ["checkout"]
