"""The local folder: private, complete, and refused when it cannot be written."""

import shutil
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

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
    assert keys.request_key != keys.result_key
    assert min(len(keys.request_key), len(keys.result_key)) >= 43
    assert LocalSecrets.of(local) == keys
    assert mode(local.secrets) == 0o600


def test_names_of_real_accounts_are_stripped_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "AUTH0_DOMAIN",
        "AUTH0_CLIENT_SECRET",
        "TWILIO_AUTH_TOKEN",
        "VERCEL_TOKEN",
        "PULUMI_ACCESS_TOKEN",
    ):
        monkeypatch.setenv(name, "real")
    monkeypatch.setenv("LANG", "C.UTF-8")
    left = clean_environment()
    assert "real" not in left.values()
    assert left["LANG"] == "C.UTF-8"
