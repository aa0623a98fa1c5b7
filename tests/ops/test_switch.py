"""A draft of a stage file becomes it whole, with its mode, or not at all."""

import errno
import os
from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.real import RealStage
from ops.switch import Draft


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    stage = RealStage("dev", tmp_path, Path("/bin/true"), {})
    stage.file.write_text("before\n")
    stage.file.chmod(0o640)
    changed = tmp_path / "draft"
    changed.write_text("after\n")
    return Draft(stage, changed, stage.file.read_bytes())


def beside(draft: Draft) -> list[str]:
    return sorted(path.name for path in draft.stage.root.iterdir())


def test_it_keeps_the_files_mode(draft: Draft) -> None:
    draft.keep()
    assert draft.stage.file.read_text() == "after\n"
    assert draft.stage.file.stat().st_mode & 0o777 == 0o640
    assert beside(draft) == ["Pulumi.dev.yaml", "draft"]


def test_a_full_disk_leaves_the_file_and_nothing_else(draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patched:
            patched.setattr(os, step, full)
            with pytest.raises(OSError, match="No space"):
                draft.keep()
    assert draft.stage.file.read_text() == "before\n"
    assert beside(draft) == ["Pulumi.dev.yaml", "draft"]


def test_what_somebody_else_wrote_meanwhile_stays(draft: Draft) -> None:
    draft.stage.file.write_text("theirs\n")
    with pytest.raises(OpsError, match="has changed meanwhile"):
        draft.keep()
    assert draft.stage.file.read_text() == "theirs\n"
