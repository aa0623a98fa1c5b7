"""The local folder: private, complete, and refused when it cannot be written."""

import json
import shutil
import stat
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway import transports
from ops.errors import OpsError
from ops.local import LocalState, read_json, write_private
from ops.services import LocalSecrets, clean_environment


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_and_passphrase_belong_to_their_owner_alone(tmp_path: Path) -> None:
    local = LocalState.at(tmp_path)
    local.prepare()
    assert mode(local.folder) == 0o700
    assert mode(local.passphrase) == 0o600
    assert len(local.passphrase.read_text()) >= 43


def test_preparing_twice_keeps_the_passphrase(tmp_path: Path) -> None:
    local = LocalState.at(tmp_path)
    local.prepare()
    first = local.passphrase.read_text()
    local.prepare()
    assert local.passphrase.read_text() == first


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OpsError) as refused:
        LocalState.at(tmp_path, tmp_path / "file" / "state").prepare()
    assert "Cannot write" in refused.value.what


def test_a_full_disk_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * 2**20))
    with pytest.raises(OpsError, match="Only 5 MB are free"):
        LocalState.at(tmp_path).prepare()


def test_private_files_are_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_text("old and world-readable")
    write_private(path, '{"new": true}')
    assert read_json(path) == {"new": True}
    assert mode(path) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["kept.json"]


@pytest.mark.parametrize("text", ["", "{", "[1]", "null"])
def test_a_damaged_file_reads_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "note.json"
    path.write_text(text)
    assert read_json(path) is None


def test_keys_are_made_once_differ_and_are_long_enough(tmp_path: Path) -> None:
    local = LocalState.at(tmp_path)
    local.prepare()
    keys = LocalSecrets.of(local)
    values = set(asdict(keys).values())
    assert len(values) == len(asdict(keys)) == 3
    assert min(len(value) for value in values) >= 43
    assert LocalSecrets.of(local) == keys
    assert mode(local.secrets) == 0o600


def test_a_folder_of_an_older_version_gets_the_key_that_it_lacks_and_keeps_the_others(tmp_path: Path) -> None:
    local = LocalState.at(tmp_path)
    local.prepare()
    older = {"request_key": "r" * 43, "result_key": "s" * 43}
    write_private(local.secrets, json.dumps(older))
    keys = LocalSecrets.of(local)
    assert {name: value for name, value in asdict(keys).items() if name in older} == older
    assert len(keys.sms_gateway_secret) >= 43
    assert LocalSecrets.of(local) == keys
    assert mode(local.secrets) == 0o600


@pytest.mark.parametrize(
    "name",
    [
        *("AUTH0_DOMAIN", "AUTH0_CLIENT_SECRET", "TWILIO_AUTH_TOKEN", "VERCEL_TOKEN", "PULUMI_ACCESS_TOKEN"),
        *("PHONE_STAGE_FILE", "SMS_GATEWAY_SECRET", "SMS_STAGE_FILE", "SMS_WEBHOOK_SECRET", "METRICS_TOKEN"),
        *("REDIS_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    ],
)
def test_names_of_real_accounts_are_stripped_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "real")
    monkeypatch.setenv("LANG", "C.UTF-8")
    left = clean_environment()
    assert name not in left
    assert left["LANG"] == "C.UTF-8"


def variables(carrier: str) -> set[str]:
    """What a carrier's transport reads of its environment."""
    fields = transports.carrier_class(carrier).settings.model_fields.values()
    return {field.json_schema_extra["env"] for field in fields}


def test_no_carriers_credentials_are_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name for carrier in transports.REGISTRY for name in variables(carrier)}
    assert {"CLICKATELL_API_KEY", "AWS_SECRET_ACCESS_KEY", "SMS_WEBHOOK_SECRET"} < names
    for name in (*names, "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "real")
    assert "real" not in clean_environment().values()
