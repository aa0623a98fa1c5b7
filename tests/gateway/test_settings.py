"""Settings: everything wrong is said at once, by name, with a remedy, and without a value."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.settings import load_settings
from gateway.stage import parse_stage
from gateway.transports import REGISTRY, carrier_class
from serving.environment import SettingsError

from . import made
from .conftest import MakeSettings

LOCAL: dict[str, Any] = {"publicBaseUrl": "https://form.localhost:8447"}


def problems(tmp_path: Path, env: dict[str, str | None] | None = None, **stage: Any) -> list[str]:
    file = tmp_path / "stage.json"
    file.write_text(json.dumps(made.stage(**stage)))
    environ = {**made.environment(file), **(env or {})}
    with pytest.raises(SettingsError) as error:
        load_settings({name: value for name, value in environ.items() if value is not None})
    assert str(error.value).startswith("The gateway can't start:\n- ")
    return error.value.problems


def test_a_complete_environment_is_read(make_settings: MakeSettings) -> None:
    settings = make_settings()
    assert settings.keys == (made.SECRET.encode(),)
    assert list(settings.carriers) == ["clickatell", "webhook"]
    assert settings.stage_digest.startswith("sha256:")
    assert not settings.traces


def test_an_empty_environment_is_told_all_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        load_settings({})
    assert [problem.split()[0] for problem in error.value.problems] == [
        "SMS_STAGE_FILE",
        "SMS_GATEWAY_SECRET",
        "REDIS_URL",
    ]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SMS_GATEWAY_SECRET", None, "is not set: make one with"),
        ("SMS_GATEWAY_SECRET", "x" * 31, "has 31 bytes and must have 32 or more"),
        ("SMS_GATEWAY_SECRET_PREVIOUS", "x" * 31, "has 31 bytes"),
        ("SMS_GATEWAY_SECRET_PREVIOUS", made.SECRET, "equals SMS_GATEWAY_SECRET"),
        ("SMS_STAGE_FILE", None, "is not set"),
        ("SMS_STAGE_FILE", "/nowhere/stage.json", "can't be read: render the stage again"),
        ("REDIS_URL", "http://localhost", "must start with redis://"),
        ("SINGLE_PROCESS", "yes", "must be 1"),
        ("METRICS_TOKEN", "short", "must be 16 or more"),
        ("METRICS_TOKEN", "with a space in its middle", "must be 16 or more"),
        ("SSL_CERT_FILE", "/nowhere.pem", "names no file"),
        ("CLICKATELL_API_KEY", None, "is not set: the carrier clickatell needs it"),
        ("CLICKATELL_API_KEY", "two words", "has the wrong shape"),
        ("SMS_WEBHOOK_SECRET", "short", "has the wrong shape"),
    ],
)
def test_a_wrong_value_is_named_but_not_shown(
    tmp_path: Path, name: str, value: str | None, words: str
) -> None:
    found = problems(tmp_path, {name: value})
    assert any(problem.startswith(name) and words in problem for problem in found), found
    assert not value or value == made.SECRET or all(value not in problem for problem in found)


def test_several_problems_are_told_together(tmp_path: Path) -> None:
    env = {"SMS_GATEWAY_SECRET": "short", "CLICKATELL_API_KEY": None, "REDIS_URL": "x", "METRICS_TOKEN": "x"}
    assert len(problems(tmp_path, env)) == 4


STANDARD = base64.b64encode(bytes(range(200, 232))).decode()  # has + and / and a padding
URL_SAFE = base64.urlsafe_b64encode(bytes(range(200, 232))).rstrip(b"=").decode()


@pytest.mark.parametrize("encoded", [STANDARD, STANDARD.rstrip("="), URL_SAFE, URL_SAFE + "="])
def test_t37_a_base64_secret_is_decoded_however_it_is_written(
    make_settings: MakeSettings, encoded: str
) -> None:
    settings = make_settings({"SMS_GATEWAY_SECRET": encoded}, secretEncoding="base64")
    assert settings.keys == (bytes(range(200, 232)),)


def test_t37_a_base64_secret_given_as_text_is_told(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {"SMS_GATEWAY_SECRET": STANDARD})
    assert problem.startswith("SMS_GATEWAY_SECRET looks like base64")
    assert "Set sms.secretEncoding to base64" in problem


@pytest.mark.parametrize("text", ["plain words with spaces, long enough for a key", "é" * 40, "x" * 41 + "!"])
def test_t37_a_text_secret_given_as_base64_is_told(tmp_path: Path, text: str) -> None:
    (problem,) = problems(tmp_path, {"SMS_GATEWAY_SECRET": text}, secretEncoding="base64")
    assert problem.startswith("SMS_GATEWAY_SECRET is no base64")
    assert "set sms.secretEncoding to text" in problem


def test_t37_the_length_counts_after_decoding(tmp_path: Path) -> None:
    short = base64.b64encode(b"x" * 31).decode()
    (problem,) = problems(tmp_path, {"SMS_GATEWAY_SECRET": short}, secretEncoding="base64")
    assert "has 31 bytes" in problem


def test_a_previous_key_left_empty_is_no_key(make_settings: MakeSettings) -> None:
    assert len(make_settings({"SMS_GATEWAY_SECRET_PREVIOUS": ""}).keys) == 1
    assert len(make_settings({"SMS_GATEWAY_SECRET_PREVIOUS": made.OLD_SECRET}).keys) == 2


def test_a_stage_of_another_contract_is_refused(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, contract="sha256:" + "0" * 64)
    assert "another version of the contract" in problem
    assert "deploy gateway and connection together" in problem


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"publicBaseUrl": "http://phone.example.com"}, "publicBaseUrl"),
        ({"publicBaseUrl": "https://phone.example.com/"}, "publicBaseUrl"),
        ({"audience": ""}, "audience"),
        ({"subject": 5}, "subject"),
        ({"secretEncoding": "hex"}, "secretEncoding"),
        ({"countries": []}, "countries"),
        ({"countries": ["UK"]}, "countries.0"),
        ({"senders": [""]}, "senders.0"),
        ({"carriers": []}, "carriers"),
        ({"carriersByCountry": {"UK": ["webhook"]}}, "carriersByCountry.UK.[key]"),
        ({"carriersByCountry": {"GB": []}}, "carriersByCountry.GB"),
        ({"carrierUrls": {"webhook": "http://hook.example.com"}}, "carrierUrls.webhook"),
        ({"carrierUrls": {"webhook": "https://user:pw@hook.example.com"}}, "carrierUrls.webhook"),
        ({"carrierUrls": {"webhook": "https://hook.example.com?a=b"}}, "carrierUrls.webhook"),
        ({"carrierUrls": {"webhook": "file:///etc/passwd"}}, "carrierUrls.webhook"),
        ({"delivery": "exactly-once"}, "delivery"),
        ({"patterns": [""]}, "patterns.0"),
        ({"patterns": ["{code}", "{Code}"]}, "patterns.1"),
        ({"codeLength": 3}, "codeLength"),
        ({"codeLength": True}, "codeLength"),
        ({"limits": {"number": "many"}}, "limits.number"),
        ({"limits": {"total": "0/day"}}, "limits.total"),
        ({"limits": {"more": "1/day"}}, "limits.more"),
        ({"replaySeconds": 0}, "replaySeconds"),
        ({"segments": 11}, "segments"),
        ({"more": 1}, "more"),
    ],
)
def test_every_constant_of_a_stage_is_judged(change: dict[str, Any], where: str) -> None:
    with pytest.raises(ValueError, match=rf"^{where.replace('[', '.').replace(']', '.')}: ") as error:
        parse_stage(json.dumps(made.stage(**change)).encode())
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("user", ["user:pw@", "user@", ":pw@", "@"])
def test_an_address_with_credentials_is_refused_in_so_many_words(user: str) -> None:
    """No request would carry them: a webhook knows us by its signature."""
    stage = made.stage(carrierUrls={"webhook": f"https://{user}hook.example.com"})
    with pytest.raises(ValueError, match=r"^carrierUrls\.webhook: must not hold a user name or password$"):
        parse_stage(json.dumps(stage).encode())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"null", b"[" * 100_000])
def test_a_stage_file_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "stage.json"
    file.write_bytes(content)
    with pytest.raises(SettingsError) as error:
        load_settings(made.environment(file))
    assert all(problem.startswith("SMS_STAGE_FILE: ") for problem in error.value.problems)


def test_a_carrier_that_nobody_knows_is_told_with_those_that_are(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, carriers=["pigeon"], carrierUrls={})
    assert problem.startswith("pigeon is no carrier: choose among africastalking, ")


def test_only_the_stages_carriers_need_their_settings(make_settings: MakeSettings) -> None:
    settings = make_settings({"CLICKATELL_API_KEY": ""}, carriers=["webhook"])
    assert list(settings.carriers) == ["webhook"]


def test_a_countrys_own_carrier_needs_its_settings_too(tmp_path: Path) -> None:
    found = problems(tmp_path, {"VONAGE_API_KEY": None}, carriersByCountry={"GB": ["vonage"]})
    assert any(problem.startswith("VONAGE_API_KEY is not set") for problem in found)


def test_an_address_for_no_carrier_is_told(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, carriers=["clickatell"])
    assert problem.startswith("carrierUrls.webhook belongs to no carrier of the stage")


def test_the_webhook_needs_an_address(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, carrierUrls={})
    assert problem.startswith("carrierUrls.webhook is missing")


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/sms",
        "https://127.0.0.1/sms",
        "https://10.0.0.8",
        "https://169.254.169.254/latest",
        "https://[::1]/sms",
        "https://[fd00:ec2::254]/sms",
        "https://0x7f.1/sms",
        "https://2130706433",
        "https://metadata.google.internal/x",
        "https://intranet/sms",
    ],
)
def test_t41_no_carrier_is_a_neighbour_outside_a_laptop(
    tmp_path: Path, make_settings: MakeSettings, url: str
) -> None:
    (problem,) = problems(tmp_path, carrierUrls={"webhook": url})
    assert problem.startswith("carrierUrls.webhook must name a public host")
    assert make_settings(carrierUrls={"webhook": url}, **LOCAL)


@pytest.mark.parametrize("url", ["https://evil.example", "https://clickatell.com.evil.example"])
def test_t41_a_carriers_address_is_at_its_own_host(
    tmp_path: Path, make_settings: MakeSettings, url: str
) -> None:
    urls = {"clickatell": url, "webhook": "https://hook.example.com"}
    (problem,) = problems(tmp_path, carrierUrls=urls)
    assert problem.startswith("carrierUrls.clickatell must be at platform.clickatell.com")
    assert make_settings(carrierUrls=urls, **LOCAL)


def test_the_log_is_for_a_laptop_alone(tmp_path: Path, make_settings: MakeSettings) -> None:
    (problem,) = problems(tmp_path, carriers=["log"], carrierUrls={})
    assert "shows codes in clear" in problem
    assert list(make_settings(carriers=["log"], carrierUrls={}, **LOCAL).carriers) == ["log"]


@pytest.mark.parametrize("name", REGISTRY)
def test_every_carrier_of_the_registry_is_there(name: str) -> None:
    kind = carrier_class(name)
    assert kind.name == name
    for info in kind.settings.model_fields.values():
        assert info.json_schema_extra["env"].isupper()


def test_two_carriers_never_read_the_same_secret() -> None:
    names = [
        info.json_schema_extra["env"]
        for carrier in REGISTRY
        for info in carrier_class(carrier).settings.model_fields.values()
        if info.is_required()
    ]
    assert len(names) == len(set(names))


def test_a_package_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ModuleNotFoundError("no", name="boto3")

    monkeypatch.setattr("gateway.carriers.carrier_class", missing)
    (problem,) = problems(tmp_path, carriers=["aws"], carrierUrls={})
    assert problem.startswith("aws needs the package boto3: pip install boto3, or")


def test_settings_do_not_print_their_secrets(make_settings: MakeSettings) -> None:
    settings = make_settings({"REDIS_URL": "redis://:canary-password@localhost"})
    for secret in (made.SECRET, made.METRICS_TOKEN, "canary"):
        assert secret not in repr(settings) + str(settings)
