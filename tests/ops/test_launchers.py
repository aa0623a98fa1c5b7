"""The commands beside the interpreter: they run from anywhere, and belong to the checkout they lie in."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ops import launchers
from ops.errors import OpsError

PROGRAM = "import os, sys\n\ndef main():\n    print(os.path.dirname(__file__), sys.argv[1:])\n    return 3\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose commands say where they are, in a folder that a shell would trip over."""
    root = tmp_path / "it's a $(checkout)"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    for module in ("ops/__main__.py", "infra/providers/main.py"):
        (root / module).parent.mkdir(parents=True)
        (root / module).write_text(PROGRAM)
    launchers.ensure(root / ".venv" / "bin")
    return root


def run(root: Path, name: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    search = {"PATH": f"{root / '.venv' / 'bin'}{os.pathsep}/usr/bin:/bin"}
    return subprocess.run(
        [name, "two words", "--flag"],
        cwd=cwd,
        env=search,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "room"), [("auth0-phone", "ops"), ("pulumi-resource-auth0-phone", "infra/providers")]
)
def test_they_run_from_anywhere_with_their_words_and_their_exit_code(
    checkout: Path, tmp_path: Path, name: str, room: str
) -> None:
    ran = run(checkout, name, tmp_path)
    assert ran.returncode == 3, ran.stderr
    assert ran.stdout == f"{checkout / room} ['two words', '--flag']\n"


def test_a_checkout_that_moved_takes_its_commands_along(checkout: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.move(checkout, moved)
    assert run(moved, "auth0-phone", tmp_path).stdout.startswith(str(moved / "ops"))


def test_they_are_written_once_and_again_when_they_are_old(checkout: Path) -> None:
    folder = checkout / ".venv" / "bin"
    assert launchers.ensure(folder) == []
    old = folder / "auth0-phone"
    old.write_text("#!/bin/sh\n")
    assert launchers.ensure(folder) == [old]
    assert stat.S_IMODE(old.stat().st_mode) == 0o755
    assert {path.name for path in folder.iterdir()} == {"python", *launchers.COMMANDS}


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OpsError) as refused:
        launchers.ensure(tmp_path / "file" / "bin")
    assert "Cannot write" in refused.value.what


def test_every_command_names_a_function_that_exists() -> None:
    for load in launchers.COMMANDS.values():
        assert subprocess.run([sys.executable, "-c", load], timeout=60, check=False).returncode == 0
