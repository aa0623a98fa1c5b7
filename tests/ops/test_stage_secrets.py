"""The local stage's secrets: encrypted once, in Pulumi's own format, and ours again when changed by hand."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from ops import stage_secrets, toolchain
from ops.local import LocalState, read_json
from ops.sealing import Seal

KEY = "auth0-phone:secrets"
WANTED = {"requestKey": "r" * 43, "resultKey": "s" * 43, "environment.A_KEY": "a-key"}
PASSPHRASE = "a passphrase of the tests"
SEAL = Seal(PASSPHRASE, b"12345678")
ANOTHERS = "v1:MTIzNDU2Nzg=:v1:IOkwgqQGFX2bkRdQ:WDyR2JF7ypxvsc9LunS/XoUCVZ6xdA=="


class Copy:
    """A working copy of a stage file that is made anew each time."""

    def __init__(self, local: LocalState) -> None:
        self.local = local
        self.here: dict[str, Any] = {}

    def fill(self, wanted: dict[str, str] | None = None) -> list[str]:
        stage: dict[str, Any] = {"config": {}}
        names = stage_secrets.fill(stage, KEY, self.here, WANTED if wanted is None else wanted, self.local)
        self.here = stage
        return names

    @property
    def held(self) -> dict[str, Any]:
        found: dict[str, Any] = self.here["config"][KEY]
        return found

    def opened(self) -> dict[str, Any]:
        seal, fits = Seal.of(self.local.passphrase.read_text(), self.here["encryptionsalt"])
        assert fits

        def opened(group: dict[str, Any]) -> dict[str, Any]:
            return {
                name: seal.open(value["secure"]) if "secure" in value else opened(value)
                for name, value in group.items()
            }

        return opened(self.held)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    local = LocalState.at(tmp_path, tmp_path / "state")
    local.prepare()
    return Copy(local)


def test_what_is_encrypted_can_be_read_again_and_stands_where_its_path_says(copy: Copy) -> None:
    assert copy.fill() == []
    assert copy.opened() == {
        "requestKey": "r" * 43,
        "resultKey": "s" * 43,
        "environment": {"A_KEY": "a-key"},
    }


def test_secrets_are_encrypted_once(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    copy.fill()
    first = copy.here
    monkeypatch.setattr(stage_secrets, "Seal", None)
    assert copy.fill() == []
    assert copy.here == first


@pytest.mark.parametrize("held", [{"secure": "v1:somebody's"}, "in clear text", None])
def test_a_secret_changed_by_hand_is_ours_again_and_named(copy: Copy, held: object) -> None:
    copy.fill()
    untouched = copy.held["requestKey"]
    copy.held["resultKey"] = held
    assert copy.fill() == ["resultKey"]
    assert copy.opened()["resultKey"] == WANTED["resultKey"]
    assert copy.held["requestKey"] == untouched
    assert copy.fill() == []


def test_a_fresh_value_of_ours_was_changed_by_nobody(copy: Copy) -> None:
    copy.fill({**WANTED, "resultKey": "another"})
    assert copy.fill() == []
    assert copy.opened()["resultKey"] == WANTED["resultKey"]


def test_what_is_not_wanted_any_more_goes_and_what_somebody_added_stays(copy: Copy) -> None:
    copy.fill({**WANTED, "environment.B_KEY": "b-key"})
    copy.held["requestKeyPrevious"] = {"secure": "v1:added"}
    copy.fill()
    assert set(copy.held) == {"requestKey", "requestKeyPrevious", "resultKey", "environment"}
    assert set(copy.held["environment"]) == {"A_KEY"}


@pytest.mark.parametrize("salt", [None, "v1:", "v1:AAAA:v1:AAAA:AAAA", 5, ANOTHERS])
def test_with_another_passphrases_salt_everything_is_encrypted_anew(copy: Copy, salt: object) -> None:
    copy.fill()
    copy.here["encryptionsalt"] = salt
    copy.fill()
    assert copy.opened()["requestKey"] == WANTED["requestKey"]


def test_what_is_kept_of_a_secret_is_not_the_secret(copy: Copy) -> None:
    copy.fill()
    noted = copy.local.folder / "secrets-set.json"
    assert set(read_json(noted) or {}) == set(WANTED)
    assert not [value for value in WANTED.values() if value in noted.read_text() + json.dumps(copy.here)]


@settings(max_examples=50)
@given(st.text())
def test_a_text_survives_and_never_looks_the_same_twice(text: str) -> None:
    assert SEAL.open(SEAL.seal(text)) == text
    assert SEAL.seal(text) != SEAL.seal(text)


def test_what_another_key_sealed_cannot_be_opened() -> None:
    with pytest.raises(InvalidTag):
        Seal(PASSPHRASE, b"87654321").open(SEAL.seal("text"))


@pytest.mark.engine
def test_pulumi_reads_what_we_encrypt_and_we_read_what_it_does(tmp_path: Path) -> None:
    tools = toolchain.ensure(Console(quiet=True))
    environment = toolchain.environment(tools, tmp_path / "home") | {
        "PULUMI_BACKEND_URL": (tmp_path / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "HOME": str(tmp_path),
    }
    (tmp_path / "state").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: sealed\nruntime: python\n")

    def pulumi(*words: str, text: str = "") -> str:
        ran = subprocess.run(
            [str(tools.pulumi), *words, "--non-interactive"],
            cwd=tmp_path,
            env=environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    pulumi("stack", "init", "dev")
    file = tmp_path / "Pulumi.dev.yaml"
    seal, fits = Seal.of(PASSPHRASE, yaml.safe_load(file.read_text())["encryptionsalt"])
    assert fits
    stage = yaml.safe_load(file.read_text())
    stage["config"] = {"sealed:secrets": {"ours": {"secure": seal.seal("as we wrote it")}}}
    file.write_text(yaml.safe_dump(stage))
    pulumi("config", "set", "--path", "--secret", "secrets.theirs", "--stack", "dev", text="as it wrote it")
    shown = json.loads(pulumi("config", "--show-secrets", "--json", "--stack", "dev"))
    assert json.loads(shown["sealed:secrets"]["value"]) == {
        "ours": "as we wrote it",
        "theirs": "as it wrote it",
    }
    theirs = yaml.safe_load(file.read_text())["config"]["sealed:secrets"]["theirs"]["secure"]
    assert seal.open(theirs) == "as it wrote it"
    made, fits = Seal.of(PASSPHRASE, None)
    assert not fits
    file.write_text(
        yaml.safe_dump({"encryptionsalt": made.state, "config": {"sealed:a": {"secure": made.seal("b")}}})
    )
    assert (
        json.loads(pulumi("config", "--show-secrets", "--json", "--stack", "dev"))["sealed:a"]["value"] == "b"
    )
