"""Making a stage: the undoing is not interrupted, and nobody else's stack is taken for the new one."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.stages import command
from ops.stages.engine import Engine
from ops.stages.making import _undisturbed

from .samples import ROOT


@pytest.fixture
def interruptible() -> Iterator[None]:
    """As in the command: each of these raises KeyboardInterrupt."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.default_int_handler) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nobody_interrupts_the_undoing(interruptible: None, number: signal.Signals) -> None:
    with _undisturbed():
        os.kill(os.getpid(), number)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)


def test_another_organisations_stack_is_not_ours(tmp_path: Path) -> None:
    listed = [{"name": "acme/mine", "resourceCount": 3}, {"name": "acme/auth0-phone/yours"}, {"name": "dev"}]
    pulumi = tmp_path / "pulumi"
    pulumi.write_text(f"#!/bin/sh\necho '{json.dumps(listed)}'\n")
    pulumi.chmod(0o700)
    found = Engine(pulumi, tmp_path, {"PATH": os.defpath}).stacks()
    assert found == {"acme/mine": 3, "acme/auth0-phone/yours": 0, "dev": 0}


def test_a_stage_is_made_in_its_own_checkout_alone(
    interruptible: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(OpsError, match="There is no auth0-phone project here"):
        command.new("mine", yes=True)
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    shutil.copytree(ROOT / "infra", tmp_path / "infra")
    with pytest.raises(OpsError, match=f"This command belongs to {ROOT}"):
        command.new("mine", yes=True)
    assert not (tmp_path / "cache").exists()
