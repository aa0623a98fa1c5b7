"""`make fidelity`: recordings and a tool of our own making, for what the command does with them."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.coverage import figures
from sandbox.testing import RunningSandbox

from . import __main__ as command
from . import folder, record, totals
from .replay import Replayed, Request, replay

# Writes what a recording's name asks for; only what the command passes on is checked.
TOOL = """
import json, pathlib, sys
import requests
base, name, *rest = sys.argv[1:]
given = dict(zip(rest[::2], rest[1::2]))
requests.Session.trust_env = False
reset = requests.Session().post(given["--reset-url"], verify=given["--ca"])
assert reset.status_code == 204 and given["--client-id"] and given["--client-secret"], given
if name == "TestAccCrash":
    raise AttributeError("no attribute 'get'")
problems = {"TestAccMissed": ["#1 GET /api/v2/roles/rol_1: [status] $: 200 vs 404"]}.get(name, [])
pathlib.Path(given["--json"]).write_text(json.dumps({"results": [{"name": name, "problems": problems}]}))
sys.exit(bool(problems))
"""


def recorded(place: Path, name: str, *requests: tuple[str, str]) -> None:
    rows = [
        {"request": {"method": method, "url": f"https://t.example/api/v2{path}", "body": ""}}
        for method, path in requests
    ]
    (place / f"{name}.yaml").write_text(yaml.safe_dump({"version": 2, "interactions": rows}))


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    place = tmp_path / "cassettes"
    place.mkdir()
    recorded(place, "TestAccWhole", ("GET", "/clients?page=0"), ("PATCH", "/branding"))
    recorded(place, "TestAccMissed", ("POST", "/roles"), ("GET", "/roles/rol_1"))
    recorded(place, "TestAccCrash", ("GET", "/users/auth0%7C1"), ("GET", "/no-such/thing/here"))
    (tmp_path / "dev_core.txt").write_text("# a list\nTestAccWhole\nTestAccGone\n\nTestAccMissed\n")
    (tmp_path / folder.TOOL).write_text(TOOL)
    return tmp_path


def test_a_folder_is_found_with_its_tool_and_lists(recordings: Path) -> None:
    for given in (recordings, recordings / "cassettes"):
        found = folder.find(given)
        assert found.lists == {"core": ("TestAccWhole", "TestAccMissed"), "extended": ()}
        assert found.names() == ["TestAccWhole", "TestAccMissed", "TestAccCrash"]


def test_what_a_folder_lacks_is_named(tmp_path: Path, recordings: Path) -> None:
    with pytest.raises(folder.FolderError, match="not a folder"):
        folder.find(tmp_path / "nowhere")
    (recordings / folder.TOOL).unlink()
    with pytest.raises(folder.FolderError, match=folder.TOOL):
        folder.find(recordings)
    (tmp_path / "empty").mkdir()
    with pytest.raises(folder.FolderError, match="no recordings"):
        folder.find(tmp_path / "empty")


def test_the_command_says_so_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(tmp_path)]) == 1
    assert "no recordings" in capsys.readouterr().err


def test_a_broken_recording_is_named(recordings: Path) -> None:
    (recordings / "cassettes" / "TestAccWhole.yaml").write_text("interactions: [")
    with pytest.raises(folder.FolderError, match="TestAccWhole"):
        folder.find(recordings).requests("TestAccWhole")


def test_a_replay_counts_request_by_request_and_survives_the_tools_crash(
    recordings: Path, tmp_path: Path
) -> None:
    found = folder.find(recordings)
    with RunningSandbox() as sandbox:
        replayed = [replay(found, sandbox, name) for name in found.names()]
    assert [one.matched for one in replayed] == [2, 1, 0]
    assert [one.first and one.first[:9] for one in replayed] == [None, "#1 GET /a", "The tool "]
    kept = record.record(found, replayed, "2026-01-31")
    assert kept["lists"] == {"core": (3, 4), "all": (3, 6)}
    assert kept["operations"]["GET /roles/{id}"] == (0, 1)
    assert kept["operations"]["GET /no-such/thing"] == (0, 1)
    assert kept["resources"]["users"] == (0, 1)
    assert list(kept["missed"]) == ["TestAccMissed", "TestAccCrash"]
    file = tmp_path / "figures.json"
    record.write(kept, file)
    assert figures.recordings(file).lists == {"core": (3, 4), "all": (3, 6)}


def test_the_report_has_totals_and_what_missed(capsys: pytest.CaptureFixture[str]) -> None:
    requests = (Request("TestAccX", "GET", "/clients", True), Request("TestAccX", "GET", "/users", False))
    one: Any = Replayed("TestAccX", requests, "#1 GET /users: differs")
    command._report(folder.Folder(Path(), Path(), {"core": ("TestAccX",), "extended": ()}), [one])
    shown = capsys.readouterr().out
    assert "     1/2       50.0 %  core" in shown
    assert "#1 GET /users: differs" in shown
    assert "0 of 1 recordings match" in shown


def test_nothing_at_all_is_no_division_by_zero() -> None:
    assert totals.line("core", (0, 0)).endswith("0.0 %  core")


def test_the_figures_are_one_line_each(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    record.write({"day": "2026-01-31", "lists": {"core": (1, 2), "all": (1, 2)}, "missed": {}}, file)
    assert json.loads(file.read_text()) == {
        "day": "2026-01-31",
        "lists": {"core": [1, 2], "all": [1, 2]},
        "missed": {},
    }
    assert '    "core": [1, 2],' in file.read_text().splitlines()
