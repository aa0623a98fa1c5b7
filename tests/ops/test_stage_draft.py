"""Where a stage is made before it is there: one at a time, never over a file, found again after a kill."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.stages import draft, engine, salvage
from ops.stages.draft import Draft, held
from ops.stages.engine import Engine

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "Pulumi.yaml").write_text("name: auth0-phone\n")
    return tmp_path / "root"


def test_a_stage_is_published_whole_and_noted_until_it_is_cleared(cache: Path) -> None:
    with held(cache, "dev") as it:
        it.prepare()
        it.begin("file:///x")
        assert it.begun_on == "file:///x"
        it.publish("config: {}\n")
        assert it.is_published
        assert it.begun_on == "file:///x"
    with held(cache, "dev") as again:
        seen = [again.is_published]
        again.target.write_text("config: {a: b}\n")
        seen.append(again.is_published)
        assert seen == [True, False]
        again.clear()
        assert again.begun_on is None
    assert sorted(path.name for path in cache.iterdir()) == ["Pulumi.dev.yaml", "Pulumi.yaml"]


@pytest.mark.parametrize("without_links", [False, True])
def test_a_file_that_is_there_is_never_written_over(
    cache: Path, monkeypatch: pytest.MonkeyPatch, without_links: bool
) -> None:
    if without_links:
        monkeypatch.setattr(os, "link", _no_links)
    with held(cache, "dev") as it:
        it.begin("file:///x")
        it.publish("first\n")
        with pytest.raises(OpsError, match=r"There is a Pulumi\.dev\.yaml already"):
            it.publish("second\n")
        assert it.target.read_text() == "first\n"
    assert not list(cache.glob(".Pulumi*"))


def _no_links(*_: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_a_full_disk_leaves_no_file(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    with held(cache, "dev") as it:
        it.begin("file:///x")
        with pytest.raises(OSError, match="No space left"):
            it.publish("text\n")
    assert [path.name for path in cache.iterdir()] == ["Pulumi.yaml"]


def test_a_command_that_outlives_its_run_keeps_the_stage(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill: the run's own lock is gone, its Pulumi still works on the stack."""
    monkeypatch.setattr(draft, "_PATIENCE", 0.0)
    with held(cache, "dev") as it:
        outliving = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(it.lock.fileno(),)
        )
    try:
        with pytest.raises(OpsError, match="Another process"), held(cache, "dev"):
            pass
        with held(cache, "prod"):
            pass
    finally:
        outliving.communicate(b"\n")
    with held(cache, "dev"):
        pass


def test_a_cache_that_cannot_be_written_is_a_clear_error(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    with pytest.raises(OpsError, match="Cannot write"), held(cache, "dev"):
        pass


def fake_pulumi(folder: Path, script: str) -> Engine:
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    return Engine(program, folder, {"PATH": os.defpath})


def test_a_backend_that_never_answers_is_given_up(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_SECONDS", 0.2)
    with pytest.raises(OpsError, match="no answer within"):
        fake_pulumi(cache, "exec tail -f /dev/null").on("s3://x").stacks()


def test_pulumis_own_error_is_told_without_a_clouds_ids(cache: Path) -> None:
    said = "SDK noise\nerror: could not list: StatusCode: 404, RequestID: 42, HostID: x=, NoSuchBucket: none"
    with pytest.raises(OpsError) as refused:
        fake_pulumi(cache, f"echo '{said}' >&2; exit 1").on("s3://x").stacks()
    assert refused.value.why == "could not list: StatusCode: 404, NoSuchBucket: none."
    assert refused.value.what == "`pulumi stack ls` failed on s3://x"


@pytest.mark.parametrize(
    ("provider", "backend", "fits"),
    [
        ("passphrase", "s3://x", True),
        ("default", "s3://x", False),
        ("default", "https://api.pulumi.com", True),
        ("passphrase", "https://api.pulumi.com", True),
        ("awskms://alias/x", "file:///x", True),
        ("gcpkms://x", "gs://x", True),
        ("azurekeyvault://x", "azblob://x", True),
        ("hashivault://x", "file:///x", True),
        ("aws", "file:///x", False),
        ("", "file:///x", False),
    ],
)
def test_which_secrets_provider_fits_which_backend(provider: str, backend: str, fits: bool) -> None:
    assert (engine.wrong_provider(provider, backend) is None) is fits


def test_a_relative_folder_is_meant_from_here() -> None:
    assert engine.absolute("file://./x", Path("/a")) == "file:///a/x"
    for kept in ("file:///x", "file://~", "s3://x"):
        assert engine.absolute(kept, Path("/a")) == kept


def test_what_is_salvaged_of_a_state_holds_no_secret() -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}
    state = {
        "version": 3,
        "deployment": {
            "secrets_providers": {"type": "passphrase"},
            "resources": [
                {
                    "inputs": {"a": secret, "b": [secret, 1], "c": {"d": "e"}},
                    "outputs": {"__pulumi_raw_state_delta": {}},
                }
            ],
        },
    }
    assert salvage.without_secrets(state) == {
        "version": 3,
        "deployment": {"resources": [{"inputs": {"b": [1], "c": {"d": "e"}}, "outputs": {}}]},
    }
    others: tuple[object, ...] = ({}, [], {"deployment": None})
    for other in others:
        with pytest.raises(OpsError, match="no exported state"):
            salvage.without_secrets(other)


@pytest.mark.parametrize("named", ["kept.json", "lost.json"])
def test_what_is_salvaged_is_written_over_nothing(tmp_path: Path, named: str) -> None:
    lost, kept = tmp_path / "lost.json", tmp_path / "kept.json"
    for file in (lost, kept):
        file.write_text('{"deployment": {}, "only": "copy"}')
    with pytest.raises(OpsError, match=f"There is a .*{named} already"):
        salvage.command(lost, tmp_path / named)
    for file in (lost, kept):
        assert file.read_text() == '{"deployment": {}, "only": "copy"}'
    with pytest.raises(OpsError, match="cannot be written"):
        salvage.command(lost, tmp_path / "nowhere" / "kept.json")
    kept.unlink()
    salvage.command(lost, kept)
    assert json.loads(kept.read_text()) == {"deployment": {}, "only": "copy"}
    assert kept.stat().st_mode & 0o077 == 0


def test_what_a_killed_run_left_of_the_stages_file_is_cleared(cache: Path) -> None:
    (cache / ".Pulumi.dev.yaml.0011223344556677.new").touch()
    with held(cache, "dev") as it:
        it.clear()
    assert [path.name for path in cache.iterdir()] == ["Pulumi.yaml"]


def test_the_draft_is_its_owners_alone(cache: Path) -> None:
    with held(cache, "dev") as it:
        assert isinstance(it, Draft)
        assert it.folder.stat().st_mode & 0o077 == 0
        it.begin("file:///x")
        assert all(path.stat().st_mode & 0o077 == 0 for path in it.folder.glob("*.json"))
