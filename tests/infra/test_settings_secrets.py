"""Judging a stage's secrets: strong, apart from each other, never shown."""

import re
import shlex
from typing import Any

import pytest

from infra.errors import SettingsError
from infra.secret import Secret
from infra.settings import Settings

from .stages import key, mapping, settings, the_problem


def test_no_two_keys_are_the_same() -> None:
    same = key()
    found = the_problem(secrets={"requestKey": same, "resultKey": Secret(same.reveal())})
    assert found.key == "secrets.resultKey"
    assert "the same as secrets.requestKey" in found.message


def test_a_previous_key_is_another_one() -> None:
    same = key()
    assert (
        the_problem(secrets__resultKey=same, secrets__resultKeyPrevious=same).key
        == "secrets.resultKeyPrevious"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("requestKey", "A" * 42),
        ("requestKey", "A" * 2049),
        ("requestKey", "A" * 42 + "="),
        ("requestKey", "A" * 43 + "\n"),
        ("resultKeyPrevious", "A+/" * 20),
        ("twilioApiKey", "XX" + "0" * 32),
        ("twilioVerifyService", "VA123"),
        ("twilioApiSecret", "short"),
        ("twilioApiSecret", "sixteen or more "),
    ],
)
def test_an_unfit_secret_is_refused_without_showing_it(name: str, value: str) -> None:
    changes: dict[str, Any] = {f"secrets__{name}": Secret(value)}
    found = the_problem(**changes)
    assert found.key == f"secrets.{name}"
    assert value not in str(found)
    assert "--secret" in found.mend


def test_a_secret_in_clear_text_is_refused_without_showing_it() -> None:
    found = the_problem(secrets__requestKey="A" * 43)
    assert "in clear text" in found.message
    assert "A" * 43 not in str(found)
    assert "--path --secret secrets.requestKey" in found.mend


def test_a_key_is_mended_by_a_fresh_one_that_fits() -> None:
    mend = the_problem(secrets__requestKey=Secret("x")).mend
    made, _, rest = mend.partition(" | ")
    assert rest == "pulumi config set --path --secret secrets.requestKey --stack dev"
    program = shlex.split(made)
    assert program[:2] == ["python", "-c"]
    printed: list[str] = []
    exec(program[2], {"print": printed.append})  # noqa: S102  (our own line, run as a person would)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", printed[0])


def test_an_encrypted_setting_is_refused_because_it_would_be_rendered() -> None:
    found = the_problem(claimNamespace=Secret("https://acme.example/"))
    assert found.key == "claimNamespace"
    assert "--plaintext" in found.mend


def test_an_encrypted_group_is_refused_as_a_whole() -> None:
    found = the_problem(bindings=Secret("{}"))
    assert found.key == "bindings"
    assert "encrypted" in found.message


def test_opaque_secrets_are_enough_to_judge_a_stage_file() -> None:
    opaque = {"requestKey": Secret.opaque(), "resultKey": Secret.opaque()}
    assert settings(secrets=opaque).secrets.request_key is not None


def test_a_stage_can_be_rendered_without_its_secrets_but_not_with_bad_ones() -> None:
    assert (
        Settings.from_mapping(mapping(secrets={}), stage="dev", require_secrets=False).secrets.request_key
        is None
    )
    with pytest.raises(SettingsError, match=r"secrets\.requestKey"):
        Settings.from_mapping(
            mapping(secrets={"requestKey": Secret("x")}), stage="dev", require_secrets=False
        )


def test_neither_the_settings_nor_their_repr_show_a_secret() -> None:
    hidden = key()
    shown = settings(secrets__requestKey=hidden)
    assert hidden.reveal() not in repr(shown)
    with pytest.raises(Exception, match="Secret"):
        shown.model_dump_json()
