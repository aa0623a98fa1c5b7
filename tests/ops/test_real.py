"""A real stage: found from where a person stands, asked through Pulumi, explained when that fails."""

import io
import os
import shutil
import signal
import stat
import sys
import threading
from pathlib import Path

import pytest
from rich.console import Console

from infra.secret import Secret
from ops import passphrase, toolchain
from ops.credentials import Answer, Credentials
from ops.errors import OpsError
from ops.real import RealStage
from tests.form.waiting import until

from .samples import ROOT

SALTED = "encryptionsalt: v1:abc\nconfig: {}\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the stage dev, where the person stands in a folder of it; no Pulumi is looked for."""
    (tmp_path / "Pulumi.yaml").write_bytes((ROOT / "Pulumi.yaml").read_bytes())
    (tmp_path / "Pulumi.dev.yaml").write_bytes((ROOT / "tests/journey/stages/Pulumi.dev.yaml").read_bytes())
    (tmp_path / "Pulumi.local.yaml").write_bytes((ROOT / "Pulumi.local.yaml").read_bytes())
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path / "docs")
    monkeypatch.setattr(toolchain, "ensure", lambda console: _Tools(tmp_path))
    monkeypatch.setattr(toolchain, "install_plugin", lambda tools, home: None)
    (tmp_path / "infra").symlink_to(ROOT / "infra")
    for name in passphrase.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


class _Tools:
    def __init__(self, folder: Path) -> None:
        self.pulumi = folder / "pulumi"
        self.bin_dir = folder


def at(name: str = "dev") -> RealStage:
    return RealStage.at(name, Console(file=io.StringIO()))


def refused(name: str = "dev") -> OpsError:
    with pytest.raises(OpsError) as error:
        at(name)
    return error.value


def pulumi(stage: RealStage, script: str) -> RealStage:
    """A stage whose Pulumi is a shell script."""
    stage.pulumi.write_text(f"#!/bin/sh\n{script}\n")
    stage.pulumi.chmod(stage.pulumi.stat().st_mode | stat.S_IXUSR)
    return stage


def test_it_is_found_from_any_folder_of_the_checkout(checkout: Path) -> None:
    stage = at()
    assert (stage.root, stage.file) == (checkout, checkout / "Pulumi.dev.yaml")
    assert stage.env["PATH"].split(os.pathsep)[:2] == [str(checkout), str(Path(sys.executable).parent)]


def test_who_stands_elsewhere_is_told(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert refused().what == "There is no auth0-phone project here"
    (checkout / "docs" / "Pulumi.yaml").write_text("name: another\n")
    monkeypatch.chdir(checkout / "docs")
    assert at().root == checkout


def test_another_checkouts_stage_is_left_to_its_own_command(checkout: Path) -> None:
    (checkout / "infra").unlink()
    shutil.copytree(ROOT / "infra", checkout / "infra")
    assert refused().what == f"This command belongs to {ROOT}"
    assert refused().mend == "Run the command of this checkout: .venv/bin/auth0-phone"


def test_an_unknown_stage_is_told_with_the_known_ones(checkout: Path) -> None:
    error = refused("prod")
    assert error.what == "There is no stage prod"
    assert "stages here: dev." in error.why
    assert error.mend == "Make it: auth0-phone stage new prod"
    assert "make up" in refused("local").mend


def test_a_passphrase_is_asked_for_once_by_us(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "Pulumi.dev.yaml").write_text(SALTED)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert refused().mend == "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "made up")
    stage = at()
    assert stage.env["PULUMI_CONFIG_PASSPHRASE"] == "made up"
    assert "made up" not in repr(stage)
    file = checkout / "passphrase"
    file.write_text("made up")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(file))
    assert "PULUMI_CONFIG_PASSPHRASE" not in at().env


def test_secrets_are_decrypted_into_settings(checkout: Path) -> None:
    request, result = "a" * 43, "b" * 43
    held = {
        "requestKey": request,
        "resultKey": result,
        "environment": {"REDIS_URL": "redis://h"},
        "twilioApiKey": "",
    }
    document = f'{{"auth0-phone:secrets": {{"objectValue": {held}}}}}'.replace("'", '"')
    settings = pulumi(at(), f"echo '{document}'").settings()
    assert settings.secrets.request_key == Secret(request)
    assert settings.secrets.environment["REDIS_URL"] == Secret("redis://h")
    assert settings.secrets.twilio_api_key is None
    assert settings.auth0.domain == "acme-dev.eu.auth0.com"


def test_settings_that_will_not_do_are_told_whole(checkout: Path) -> None:
    with pytest.raises(OpsError) as error:
        pulumi(at(), "echo '{}'").settings()
    assert error.value.what == "Pulumi.dev.yaml cannot be used"
    assert "secrets.requestKey" in error.value.why
    assert "secrets.resultKey" in error.value.why


@pytest.mark.parametrize(
    ("said", "mend"),
    [
        ("error: no stack named 'dev' found", "auth0-phone stage new dev"),
        ("error: getting secrets manager: incorrect passphrase", "PULUMI_CONFIG_PASSPHRASE"),
        (
            "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
            "pulumi login",
        ),
        ("error: the stack is currently locked by 1 lock(s)", "pulumi cancel --stack dev"),
        ("error: something else", "Mend what it names"),
        ("", "Mend what it names"),
    ],
)
def test_what_pulumi_refuses_is_told_in_a_sentence(checkout: Path, said: str, mend: str) -> None:
    stage = pulumi(at(), f'echo "{said}" >&2; exit 3')
    with pytest.raises(OpsError) as error:
        stage.asked("stack", "export")
    assert error.value.what == "`pulumi stack` failed"
    assert error.value.why == (said.removeprefix("error: ") or "It ended with code 3.")
    assert mend in error.value.mend


def test_it_is_asked_about_its_own_stack_and_asks_nobody(checkout: Path) -> None:
    said = pulumi(at(), 'echo "$@"; cat').asked("stack", "export")
    assert said == f"stack export --stack dev -C {checkout} --non-interactive\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_lets_pulumi_finish_its_step(checkout: Path, number: signal.Signals) -> None:
    """Once told, Pulumi ends the step it is in and saves its state; we wait for that."""
    told = checkout / "told"
    script = f"trap 'sleep 0.2; echo saved > {told}; exit 0' INT; touch {checkout}/on"
    stage = pulumi(at(), f"{script}; while :; do sleep 0.05; done")

    def interrupt() -> None:
        until((checkout / "on").exists)
        os.kill(os.getpid(), number)

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        stage.shown("up")
    thread.join()
    assert told.read_text() == "saved\n"
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_key_at_the_terminal_interrupts_pulumi_once(checkout: Path) -> None:
    """A terminal tells its whole group, and the second time ends Pulumi in the middle of a step."""
    leads = "import os, sys; sys.exit(os.getsid(0) != os.getpid())"
    pulumi(at(), f"exec {sys.executable} -c '{leads}'").shown("up")


def test_what_does_not_end_is_stopped(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenant that answers 429 for ever must not keep `enable` and `pause` for ever."""
    monkeypatch.setattr(Credentials, "try_on", lambda *_: Answer(429, {}, 0.0))
    with pytest.raises(OpsError) as error:
        pulumi(at(), "exec sleep 60").shown("up", minutes=0.005)
    assert error.value.what == "`pulumi up` was stopped"
    assert "answers 429: its rate limit has been reached" in error.value.why
