"""A stage as the engine hands it over."""

import json
from typing import Any

import pulumi
import pytest

from infra import config
from infra.errors import SettingsError
from infra.secret import Secret
from infra.settings import Settings

KEY = "A" * 43


@pytest.fixture
def handed_over(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Configuration as the engine gives it to a program: text by full key, and which keys are secret."""

    def hand_over(values: dict[str, Any], secret: tuple[str, ...] = ()) -> dict[str, Any]:
        texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
        monkeypatch.setenv("PULUMI_CONFIG", json.dumps(texts))
        monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", json.dumps(secret))
        pulumi.runtime.set_all_config(texts, list(secret))
        return config.read("auth0-phone")

    yield hand_over
    pulumi.runtime.set_all_config({}, [])


def test_objects_scalars_and_absent_keys(handed_over: Any) -> None:
    mapping = handed_over(
        {
            "auth0-phone:phone": {"countries": ["GB"], "codeLength": 6},
            "auth0-phone:protect": "true",
            "auth0-phone:publicBaseUrl": "https://a.example",
            "auth0:domain": "other.example",
        }
    )
    assert mapping["phone"] == {"countries": ["GB"], "codeLength": 6}
    assert mapping["protect"] is True
    assert mapping["publicBaseUrl"] == "https://a.example"
    assert mapping["brand"] is None
    assert "domain" not in mapping


def test_unknown_keys_come_along_to_be_refused(handed_over: Any) -> None:
    assert handed_over({"auth0-phone:countries": ["GB"]})["countries"] == ["GB"]


def test_secrets_are_wrapped_and_blank_ones_left_out(handed_over: Any) -> None:
    mapping = handed_over(
        {"auth0-phone:secrets": {"requestKey": KEY, "resultKey": "", "twilioApiSecret": 12345}},
        secret=("auth0-phone:secrets",),
    )
    assert mapping["secrets"]["requestKey"].reveal() == KEY
    assert mapping["secrets"]["resultKey"] is None
    assert mapping["secrets"]["twilioApiSecret"].reveal() == "12345"


def test_secrets_in_clear_text_are_refused(handed_over: Any) -> None:
    mapping = handed_over({"auth0-phone:secrets": {"requestKey": KEY}})
    with pytest.raises(SettingsError, match=r"secrets\.requestKey: stands in clear text") as raised:
        Settings.from_mapping(mapping, stage="dev")
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [("brand", {"name": "Acme"}), ("publicBaseUrl", "https://a.example"), ("protect", "true")],
)
def test_an_encrypted_key_outside_secrets_is_refused_as_a_whole(
    handed_over: Any, key: str, value: object
) -> None:
    mapping = handed_over({f"auth0-phone:{key}": value}, secret=(f"auth0-phone:{key}",))
    assert isinstance(mapping[key], Secret)
    with pytest.raises(SettingsError, match=rf"{key}: (is|holds an) encrypted"):
        Settings.from_mapping(mapping, stage="dev")


def test_a_group_that_is_no_object_comes_along_to_be_refused(handed_over: Any) -> None:
    assert handed_over({"auth0-phone:brand": "{broken"})["brand"] == "{broken"


def test_the_engine_and_the_file_say_the_same(handed_over: Any) -> None:
    from pathlib import Path

    from infra import stage_file

    mapping = stage_file.load("local", Path(__file__).resolve().parents[2])
    from_engine = handed_over({f"auth0-phone:{key}": value for key, value in mapping.items()})
    one = Settings.from_mapping(mapping, stage="local", require_secrets=False)
    assert Settings.from_mapping(from_engine, stage="local", require_secrets=False) == one
