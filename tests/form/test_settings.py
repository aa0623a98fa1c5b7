"""Settings: everything wrong is said at once, by name, with a remedy, and without a value."""

import json
from pathlib import Path
from typing import Any

import pytest

from form.settings import load_settings
from form.stage import parse_stage
from serving.environment import SettingsError

from . import made


@pytest.fixture
def stage_file(tmp_path: Path) -> Path:
    file = tmp_path / "stage.json"
    file.write_text(json.dumps(made.stage()))
    return file


def problems(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as error:
        load_settings(environ)
    return error.value.problems


def test_a_complete_environment_is_read(stage_file: Path) -> None:
    settings = load_settings(made.environment(stage_file, REDIS_URL="redis://localhost:6379/0"))
    assert settings.stage.public_host == made.HOST
    assert [key.get_secret_value() for key in settings.request_keys] == [made.REQUEST_KEY]
    assert settings.stage_digest.startswith("sha256:")
    assert settings.redis_url is not None


def test_the_rendered_stage_of_the_laptop_is_read() -> None:
    for file in sorted((made.ROOT / "rendered").glob("*/form/stage.json")):
        stage = parse_stage(file.read_bytes())
        assert stage.contract == made.stage()["contract"]


def test_an_empty_environment_gets_one_list_of_everything() -> None:
    with pytest.raises(SettingsError) as error:
        load_settings({})
    named = {problem.split()[0] for problem in error.value.problems}
    assert named == {
        "PHONE_STAGE_FILE",
        "PHONE_REQUEST_KEY",
        "PHONE_RESULT_KEY",
        "TWILIO_API_KEY",
        "TWILIO_API_SECRET",
        "TWILIO_VERIFY_SERVICE",
        "REDIS_URL",
    }
    assert str(error.value).startswith("The form can't start:\n- ")
    assert "secrets.token_urlsafe(32)" in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PHONE_REQUEST_KEY", "short"),
        ("PHONE_REQUEST_KEY", "x" * 42),
        ("PHONE_REQUEST_KEY", "x" * 43 + "="),
        ("PHONE_REQUEST_KEY", "x" * 40 + " yz"),
        ("PHONE_REQUEST_KEY_PREVIOUS", "x" * 31),
        ("PHONE_RESULT_KEY", "é" * 50),
        ("TWILIO_API_KEY", "XX" + "1" * 32),
        ("TWILIO_API_SECRET", "a b c d e"),
        ("TWILIO_VERIFY_SERVICE", "VA/../../x1234567"),
        ("PHONE_STAGE_FILE", "/nowhere/stage.json"),
        ("REDIS_URL", "http://localhost"),
        ("SINGLE_PROCESS", "true"),
        ("SINGLE_PROCESS", "yes"),
    ],
)
def test_t04_a_wrong_value_is_named_but_not_shown(stage_file: Path, name: str, value: str) -> None:
    found = problems(made.environment(stage_file, **{name: value}))
    assert any(problem.startswith(name) for problem in found)
    assert all(value not in problem for problem in found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PHONE_RESULT_KEY", "PHONE_REQUEST_KEY"),
        ("PHONE_REQUEST_KEY_PREVIOUS", "PHONE_REQUEST_KEY"),
        ("PHONE_REQUEST_KEY_PREVIOUS", "PHONE_RESULT_KEY"),
    ],
)
def test_t04_keys_must_differ(stage_file: Path, one: str, other: str) -> None:
    same = made.environment(stage_file)[other]
    (problem,) = problems(made.environment(stage_file, **{one: same}))
    assert one in problem
    assert other in problem


def test_without_redis_and_without_the_word_of_the_operator_it_does_not_start(stage_file: Path) -> None:
    for value in ("", "0"):
        (problem,) = problems(made.environment(stage_file, SINGLE_PROCESS=value))
        assert problem.startswith("REDIS_URL is not set")
        assert "SINGLE_PROCESS=1" in problem


def test_a_previous_key_left_empty_is_no_key(stage_file: Path) -> None:
    settings = load_settings(made.environment(stage_file) | {"PHONE_REQUEST_KEY_PREVIOUS": ""})
    assert len(settings.request_keys) == 1


def test_a_stage_of_another_contract_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "stage.json"
    file.write_text(json.dumps(made.stage(contract="sha256:" + "0" * 64)))
    (problem,) = problems(made.environment(file))
    assert "another version of the contract" in problem
    assert "render the stage again" in problem


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"null", b"[" * 100_000])
def test_a_stage_file_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "stage.json"
    file.write_bytes(content)
    assert all(problem.startswith("PHONE_STAGE_FILE:") for problem in problems(made.environment(file)))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"publicBaseUrl": "http://form.example.com"}, "publicBaseUrl"),
        ({"publicBaseUrl": "https://form.example.com/"}, "publicBaseUrl"),
        ({"publicBaseUrl": "https://form.example.com/path"}, "publicBaseUrl"),
        ({"publicBaseUrl": "https://user@form.example.com"}, "publicBaseUrl"),
        ({"publicBaseUrl": "https://form.example.com?x"}, "publicBaseUrl"),
        ({"publicBaseUrl": "https://Form.example.com"}, "publicBaseUrl"),
        ({"twilioVerifyUrl": "https://verify.twilio.com/v2"}, "twilioVerifyUrl"),
        ({"twilioVerifyUrl": "file:///etc/passwd"}, "twilioVerifyUrl"),
        ({"loginHosts": []}, "loginHosts"),
        ({"loginHosts": ["https://login.example.com"]}, "loginHosts.0"),
        ({"loginHosts": ["login.example.com", "evil.example/x"]}, "loginHosts.1"),
        ({"loginHosts": ["login.example.com?"]}, "loginHosts.0"),
        ({"loginHosts": ["login.example.com@evil.example"]}, "loginHosts.0"),
        ({"channel": "email"}, "channel"),
        ({"countries": []}, "countries"),
        ({"countries": ["UK"]}, "countries.0"),
        ({"countries": ["gb"]}, "countries.0"),
        ({"codeLength": 3}, "codeLength"),
        ({"codeLength": 11}, "codeLength"),
        ({"codeLength": "6"}, "codeLength"),
        ({"codeLength": True}, "codeLength"),
        ({"resendSeconds": 0}, "resendSeconds"),
        ({"consent": {"mode": "never"}}, "consent.mode"),
        ({"consent": {"termsUrl": "javascript:alert(1)"}}, "consent.termsUrl"),
        ({"consent": {"privacyUrl": "http://example.com"}}, "consent.privacyUrl"),
        ({"consent": {"version": ""}}, "consent.version"),
        ({"brand": {"name": "", "color": "#000000"}}, "brand.name"),
        ({"brand": {"name": "Acme", "color": "red"}}, "brand.color"),
        ({"brand": {"name": "Acme", "color": "#0b5fff;}"}}, "brand.color"),
        ({"more": 1}, "more"),
    ],
)
def test_every_constant_of_a_stage_is_judged(change: dict[str, Any], where: str) -> None:
    with pytest.raises(ValueError, match=rf"^{where}: ") as error:
        parse_stage(json.dumps(made.stage(**change)).encode())
    assert len(str(error.value).splitlines()) == 1


def test_several_faults_of_a_stage_are_listed_together(tmp_path: Path) -> None:
    file = tmp_path / "stage.json"
    file.write_text(json.dumps(made.stage(channel="email", codeLength=3, countries=["XX"])))
    found = problems(made.environment(file, TWILIO_API_KEY="nonsense"))
    assert len(found) == 4
    assert "nonsense" not in str(found)


def test_a_stage_whose_action_sends_needs_no_twilio_account_here(tmp_path: Path) -> None:
    file = tmp_path / "stage.json"
    file.write_text(json.dumps(made.stage(flow="action")))
    environment = made.environment(file)
    without = {name: value for name, value in environment.items() if not name.startswith("TWILIO")}
    assert load_settings(without).twilio is None
    assert load_settings(environment).twilio is None


def test_any_other_stage_needs_one(tmp_path: Path) -> None:
    file = tmp_path / "stage.json"
    for flow in ({}, {"flow": "form"}):
        file.write_text(json.dumps(made.stage(**flow)))
        environment = made.environment(file)
        without = {name: value for name, value in environment.items() if not name.startswith("TWILIO")}
        assert len(problems(without)) == 3


def test_settings_do_not_print_their_secrets(stage_file: Path) -> None:
    settings = load_settings(made.environment(stage_file, REDIS_URL="redis://:canary-password@localhost"))
    for text in (repr(settings), str(settings)):
        for secret in (made.REQUEST_KEY, made.RESULT_KEY, "twilio-secret-canary", "canary-password"):
            assert secret not in text
