"""Which build runs: `build.json` beside the service."""

import json
from pathlib import Path

import pytest

from form import settings
from serving import build
from serving.build import read_build
from serving.environment import SettingsError

from . import made
from .conftest import MakeSettings, MakeSite

ID = "0123456789abcdef" * 4


def test_the_file_lies_where_the_entry_point_does_and_is_named_in_the_contract() -> None:
    assert made.ROOT / made.contract()["build"]["file"] == build.FILE
    assert made.contract()["build"]["field"] == "build"


def test_its_id_is_read(tmp_path: Path) -> None:
    file = tmp_path / "build.json"
    assert read_build(file) is None
    file.write_text(json.dumps({"build": ID}))
    assert read_build(file) == ID


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"{}", b'{"build": 1}', b'{"build": "<b>"}', b'{"build": "abc"}', b"\xff"],
)
def test_a_damaged_file_stops_the_start_with_its_name(
    tmp_path: Path, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    file = tmp_path / "build.json"
    file.write_bytes(content)
    monkeypatch.setattr(settings, "read_build", lambda: read_build(file))
    with pytest.raises(SettingsError) as error:
        make_settings()
    assert error.value.problems == ["build.json can't be read: deploy the service again"]


@pytest.mark.anyio
async def test_health_says_it(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "read_build", lambda: ID)
    answer = await make_site().visitor().send("GET", "/healthz")
    assert json.loads(answer.body)["build"] == ID
