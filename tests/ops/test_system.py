"""Programs of the operating system: installed only when missing, only with leave, otherwise named."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from ops import system
from ops.errors import OpsError


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have run."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        commands.append(command)
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(Path, "exists", lambda _: True)
    return commands


def test_nothing_happens_when_all_is_there(asked: list[list[str]]) -> None:
    system.ensure(["sh"], Console(quiet=True))
    assert asked == []


def test_ci_on_debian_installs_what_is_missing_alone(
    asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    system.ensure(["sh", "no-such-program"], Console(quiet=True))
    assert asked == [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "no-such-program"]]


def test_without_leave_the_package_is_named(asked: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(OpsError) as refused:
        system.ensure(["no-such-program"], Console(quiet=True))
    assert "sudo apt-get install no-such-program" in refused.value.mend
    assert asked == []


def test_nobody_but_root_installs(asked: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "1")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(OpsError):
        system.ensure(["no-such-program"], Console(quiet=True))
    assert asked == []


def test_a_failed_installation_tells_apts_last_words(
    asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "1")
    failed = SimpleNamespace(returncode=100, stderr="E: first\nE: Unable to locate package no-such-program\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(OpsError, match="Unable to locate package"):
        system.ensure(["no-such-program"], Console(quiet=True))
