"""What a fleet remembers: for its owner alone, in one step, and only as long as nothing has changed."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.fleet import journal
from ops.fleet.journal import Journal

from .samples import ROOT


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Journal.of(tmp_path / "project")


def test_it_is_its_owners_alone_and_apart_for_each_project(kept: Journal, tmp_path: Path) -> None:
    journal.note(kept.path("eu-1"), outcome="done", digest="d")
    modes = [stat.S_IMODE(place.stat().st_mode) for place in (kept.folder, kept.logs, kept.path("eu-1"))]
    assert modes == [0o700, 0o700, 0o600]
    assert kept.folder.is_relative_to(tmp_path / "state" / "auth0-phone" / "fleet")
    assert Journal.of(tmp_path / "another").entry("eu-1") == {}
    assert Journal.of(tmp_path / "project").entry("eu-1")["outcome"] == "done"


def test_what_was_cut_short_is_as_if_never_begun(kept: Journal) -> None:
    assert kept.entry("eu-1") == {}
    kept.path("eu-1").write_text('{"outcome": "do')
    assert kept.entry("eu-1") == {}


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(OpsError) as error:
        Journal.of(tmp_path)
    assert "XDG_STATE_HOME" in error.value.mend


def test_one_fleet_of_updates_at_a_time(kept: Journal) -> None:
    with kept.alone(), pytest.raises(OpsError) as error, kept.alone():
        pass
    assert "--resume" in error.value.mend
    with kept.alone():
        pass


def test_only_what_still_runs_is_found(kept: Journal) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        noted = journal.identified(child.pid)
        journal.note(kept.path("eu-1"), worker=journal.myself(), engine=noted)
        entry = kept.entry("eu-1")
        assert [each.pid for each in journal.still_runs(entry)] == [os.getpid(), child.pid]
        # The number may be another process's by now, or another machine's.
        assert journal.still_runs({**entry, "worker": None, "engine": {**noted, "since": 1.0}}) == []
        assert journal.still_runs({**entry, "host": "elsewhere"}) == []
        child.communicate()
    assert [each.pid for each in journal.still_runs(entry)] == [os.getpid()]
    assert journal.still_runs({}) == []


def test_a_digest_changes_with_whatever_is_deployed(tmp_path: Path) -> None:
    project, file = tmp_path / "Pulumi.yaml", tmp_path / "Pulumi.eu-1.yaml"
    project.write_bytes((ROOT / "Pulumi.yaml").read_bytes())
    file.write_text("config: {}\n")
    program = journal.program_digest(tmp_path, "3.259.0")
    first = journal.stage_digest(program, file, "s3://one")
    assert first == journal.stage_digest(journal.program_digest(tmp_path, "3.259.0"), file, "s3://one")
    others = {journal.stage_digest(program, file, "s3://two"), journal.program_digest(tmp_path, "3.260.0")}
    file.write_text("config: {a: b}\n")
    others.add(journal.stage_digest(program, file, "s3://one"))
    project.write_text(project.read_text() + "# another schema\n")
    others.add(journal.program_digest(tmp_path, "3.259.0"))
    assert len({first, program, *others}) == 6


def test_the_program_is_all_that_stages_are_made_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("infra", "action_src", "form", "gateway", "serving", "requirements", "toolchain"):
        (tmp_path / name).mkdir()
    for name in ("asgi.py", "Pulumi.yaml", "requirements/service.txt", "toolchain/go.mod"):
        (tmp_path / name).write_text("as it was")
    monkeypatch.setattr(journal, "SOURCES", tmp_path)
    seen = {journal.program_digest(tmp_path)}
    changes = ["infra/a.py", "action_src/b.js", "form/c.html", "gateway/d.py", "serving/e.py"]
    changes += ["asgi.py", "requirements/service.txt", "toolchain/go.mod", "Pulumi.yaml"]
    for count, name in enumerate(changes, 2):
        (tmp_path / name).write_text("changed")
        seen.add(journal.program_digest(tmp_path))
        assert len(seen) == count, f"{name} is not in the digest"
    (tmp_path / "README.md").write_text("changed")
    assert journal.program_digest(tmp_path) in seen


def test_an_entry_holds_no_more_than_it_says(kept: Journal) -> None:
    journal.note(kept.path("eu-1"), outcome="failed", digest="d", worker=journal.myself())
    said = json.loads(kept.path("eu-1").read_text())
    assert set(said) == {"outcome", "digest", "worker", "host"}
