"""Canaries: no secret and no whole phone number where people or machines may read it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.canaries import leaks, logs_of, secrets_of
from tests.journey.passwordless import Application, code_after
from tests.journey.people import Person, fresh_number
from tests.journey.stage import JourneyStage


@pytest.fixture
def secrets(stage: JourneyStage) -> dict[str, str]:
    return secrets_of(stage)


def state_files(folder: Path) -> Iterator[Path]:
    return (path for path in (folder / "state").rglob("*") if path.is_file())


def test_the_canaries_would_be_seen(secrets: dict[str, str]) -> None:
    assert {"sms_gateway_secret", "CLICKATELL_API_KEY"} < secrets.keys()
    assert all(len(value) >= 16 for value in secrets.values())
    assert leaks(f"… {secrets['request_key']} …", secrets) == ["request_key"]


@pytest.mark.parametrize(
    "command",
    [
        ("preview", "--json"),
        ("stack", "export"),
        ("stack", "output", "--json"),
        ("config", "--json"),
    ],
    ids=" ".join,
)
def test_no_secret_and_nobodys_number_in_what_pulumi_prints(
    stage: JourneyStage, secrets: dict[str, str], command: tuple[str, ...]
) -> None:
    done = stage.pulumi(*command)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 20
    assert leaks(done.stdout + done.stderr, secrets) == []
    assert not re.search(r"55501\d\d", done.stdout + done.stderr)


def test_a_changed_secret_shows_that_it_changes_and_not_what_it_is(
    stage: JourneyStage, secrets: dict[str, str]
) -> None:
    fresh = "-canary-" + "A1b2C3d4" * 6  # like one key in 64 it begins as a flag does
    with stage.stage_file_kept():
        put = stage.pulumi("config", "set", "--secret", "--path", "secrets.resultKey", input=fresh)
        assert put.returncode == 0, put.stderr
        shown = stage.pulumi("preview", "--diff")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "~ secrets" in shown.stdout
    # The Action, the host's variables, and a deployment that has them.
    assert re.search(r"~ 2 to update\s+\+-1 to replace\s+3 changes", shown.stdout)
    assert leaks(shown.stdout + shown.stderr, {**secrets, "fresh": fresh}) == []


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


def test_no_phone_number_or_code_in_logs_addresses_and_state(ada: Person, stage: JourneyStage) -> None:
    addresses: list[str] = []
    ada.page.on("request", lambda request: addresses.append(request.url))
    ada.sign_up()
    ada.consent()
    code = ada.code()
    ada.enter(code)
    ada.arrive()
    logs = logs_of(stage)
    assert ada.number[1:] not in logs
    assert ada.email not in logs
    assert not re.search(rf"\b{code}\b", logs)
    assert [url for url in addresses if ada.number[1:] in url or code in url or "phone_result" in url] == []
    assert "phone_request" not in ada.page.url
    state = "".join(path.read_text(errors="replace") for path in state_files(stage.folder))
    assert "phone-verification" in state
    assert ada.number[1:] not in state


def test_no_number_code_or_message_of_a_login_by_sms_in_any_log(stage: JourneyStage) -> None:
    """Accepted, refused by the carrier, or for a country where nothing is sent."""
    number, abroad = fresh_number(), "+4915123456789"
    application = Application(stage)
    application.log_in(number)
    stage.control("POST", "/carriers", {"answer": "opted_out", "to": number})
    assert [application.start(each).status_code for each in (number, abroad)] == [400, 400]
    logs = logs_of(stage)
    assert re.search('"event": ?"sms"', logs)
    assert re.search(f'"number_end": ?"{number[-2:]}"', logs)
    assert not re.search(rf"\b{code_after(stage, number)}\b", logs)
    assert [each for each in (number, abroad) if each[1:] in logs] == []
    assert re.findall(r"\+\d{7,15}", logs) == []
    assert "Your code" not in logs


def test_what_up_prints_holds_no_secret(stage: JourneyStage, secrets: dict[str, str]) -> None:
    assert any("Smoke login" in text for text in stage.printed)
    assert leaks("".join(stage.printed), secrets) == []


def test_private_files_are_private(stage: JourneyStage) -> None:
    for name in ("passphrase", "secrets.json", "sandbox-ready.json", "stack/Pulumi.local.yaml"):
        assert (stage.folder / name).stat().st_mode & 0o077 == 0, name
