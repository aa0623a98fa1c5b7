"""Canaries: no secret and no whole phone number where people or machines may read it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.people import Person
from tests.journey.stage import BASE, JourneyStage


@pytest.fixture(scope="module")
def secrets(stage: JourneyStage) -> dict[str, str]:
    """Everything in this stage that nobody may read, by name."""
    keys = json.loads((stage.folder / "secrets.json").read_text())
    account = stage.ready["twilio_account"]
    return {
        **keys,
        "client_secret": stage.ready["auth0"]["client_secret"],
        "twilio": account["api_secret"],
        "passphrase": (stage.folder / "passphrase").read_text(),
    }


def leaks(text: str, secrets: dict[str, str]) -> list[str]:
    return [name for name, value in secrets.items() if value in text]


def state_files(folder: Path) -> Iterator[Path]:
    return (path for path in (folder / "state").rglob("*") if path.is_file())


def test_the_canaries_would_be_seen(secrets: dict[str, str]) -> None:
    assert all(len(value) >= 16 for value in secrets.values())
    assert leaks(f"… {secrets['request_key']} …", secrets) == ["request_key"]


@pytest.mark.parametrize(
    "command",
    [
        ("preview", "--diff"),
        ("preview", "--json"),
        ("stack", "export"),
        ("stack", "output", "--json"),
        ("config", "--json"),
    ],
    ids=" ".join,
)
def test_no_secret_in_what_pulumi_prints(
    stage: JourneyStage, secrets: dict[str, str], command: tuple[str, ...]
) -> None:
    done = stage.pulumi(*command)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 20
    assert leaks(done.stdout + done.stderr, secrets) == []


def test_a_changed_secret_shows_that_it_changes_and_not_what_it_is(
    stage: JourneyStage, secrets: dict[str, str]
) -> None:
    fresh = "canary-" + "A1b2C3d4" * 6
    kept = stage.pulumi("config", "get", "--path", "secrets.resultKey").stdout.strip()
    assert stage.pulumi("config", "set", "--secret", "--path", "secrets.resultKey", fresh).returncode == 0
    try:
        shown = stage.pulumi("preview", "--diff")
        assert "secrets" in shown.stdout
        assert leaks(shown.stdout + shown.stderr, {**secrets, "fresh": fresh}) == []
    finally:
        stage.pulumi("config", "set", "--secret", "--path", "secrets.resultKey", kept)


def test_no_secret_in_the_state_the_logs_and_the_stage_file(
    stage: JourneyStage, secrets: dict[str, str]
) -> None:
    files = [
        *state_files(stage.folder),
        *(stage.folder / "logs").iterdir(),
        *(stage.folder / "stack").iterdir(),
    ]
    assert len(files) > 4
    found = {str(path): leaks(path.read_text(errors="replace"), secrets) for path in files}
    assert {path: names for path, names in found.items() if names} == {}


def test_no_phone_number_or_code_in_logs_addresses_previews_and_state(
    ada: Person, stage: JourneyStage
) -> None:
    addresses: list[str] = []
    ada.page.on("request", lambda request: addresses.append(request.url))
    ada.sign_up()
    ada.consent()
    code = ada.code()
    ada.enter(code)
    ada.arrive()
    logs = "".join(path.read_text(errors="replace") for path in (stage.folder / "logs").iterdir())
    assert ada.number[1:] not in logs
    assert ada.email not in logs
    assert not re.search(rf"\b{code}\b", logs)
    assert [url for url in addresses if ada.number[1:] in url or code in url or "phone_result" in url] == []
    assert "phone_request" not in ada.page.url
    printed = [stage.pulumi(*command) for command in (("preview", "--json"), ("stack", "export"))]
    shown = "".join(done.stdout + done.stderr for done in printed)
    shown += "".join(path.read_text(errors="replace") for path in state_files(stage.folder))
    assert "phone-verification" in shown
    assert ada.number[1:] not in shown


def test_what_up_prints_holds_no_secret(stage: JourneyStage, secrets: dict[str, str]) -> None:
    assert leaks(stage.up(*BASE), secrets) == []


def test_private_files_are_private(stage: JourneyStage) -> None:
    for name in ("passphrase", "secrets.json", "sandbox-ready.json", "stack/Pulumi.local.yaml"):
        assert (stage.folder / name).stat().st_mode & 0o077 == 0, name
