"""What stands in for the actions of others that the workflows use. An action that is not here is an error."""

import fnmatch
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ci.forge import Forge


@dataclass(frozen=True)
class Place:
    """Where a job runs: the repository, the workspace, and the artifacts of its run."""

    forge: Forge
    workspace: Path
    artifacts: Path
    sha: str


Action = Callable[[Place, Mapping[str, Any]], None]


def checkout(place: Place, given: Mapping[str, Any]) -> None:
    """A clone at the run's commit, or at `ref`; no credentials are left in it."""
    assert given["persist-credentials"] is False
    clone = ["git", "clone", "--quiet", "--no-hardlinks", str(place.forge.source), str(place.workspace)]
    subprocess.run(clone, check=True)
    ref = given.get("ref") or place.sha
    subprocess.run(["git", "-C", str(place.workspace), "checkout", "--quiet", ref], check=True)
    # What is installed here is as good as installed just now.
    for lock in (place.workspace / "requirements").glob("*.txt"):
        os.utime(lock, (0, 0))


def python(place: Place, given: Mapping[str, Any]) -> None:
    """The interpreter, and with it the packages, that run this test."""
    assert given["python-version"]
    (place.workspace / ".venv").symlink_to(sys.prefix)


def is_here(_: Place, __: Mapping[str, Any]) -> None:
    """Node, Go, and the cache of what Go built are this machine's."""


def upload(place: Place, given: Mapping[str, Any]) -> None:
    """A file, or what is in a folder, kept by its name."""
    source = place.workspace / given["path"]
    if not source.exists():
        assert given["if-no-files-found"] == "ignore", f"{source} is not there"
        return
    target = place.artifacts / given["name"]
    assert given["overwrite"] is True, "a job that is run again could not keep its own"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in [source] if source.is_file() else sorted(source.iterdir()):
        shutil.copy(file, target)


def download(place: Place, given: Mapping[str, Any]) -> None:
    """One artifact by its name, or all that fit the pattern, in one folder."""
    if name := given.get("name"):
        found = [place.artifacts / name]
    else:
        assert given["merge-multiple"] is True
        found = [each for each in place.artifacts.glob("*") if fnmatch.fnmatch(each.name, given["pattern"])]
    for artifact in found:
        shutil.copytree(artifact, given["path"], dirs_exist_ok=True)


ACTIONS: Mapping[str, Action] = {
    "actions/checkout": checkout,
    "actions/setup-python": python,
    "actions/setup-node": is_here,
    "actions/setup-go": is_here,
    "actions/cache": is_here,
    "actions/upload-artifact": upload,
    "actions/download-artifact": download,
}
