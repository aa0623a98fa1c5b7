"""A stranger's pull request: checked, and given nothing."""

import os
from pathlib import Path

import pytest

from tests.ci.forge import Forge
from tests.ci.runner import run
from tests.ci.world import copied

pytestmark = pytest.mark.engine
FORK = "stranger/phone"


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    folder = tmp_path_factory.mktemp("forks")
    source = copied(folder / "repository").source
    Forge(source, folder, {}).commit("As it is")
    # What make would do, target by target, without doing it.
    (folder / "bin").mkdir()
    (folder / "bin" / "make").write_text('#!/bin/sh\nexec /usr/bin/make --just-print "$@"\n')
    (folder / "bin" / "make").chmod(0o755)
    (folder / "runs").mkdir()
    env = {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(Path.home())}
    return Forge(source, folder / "runs", env, entered=_no)


def _no(environment: str) -> None:
    raise AssertionError(f"a stranger's code in the environment {environment}")


def test_it_is_checked(forge: Forge) -> None:
    outcome = run(forge, "check", forge.pull_request(1, base=forge.head(), repository=FORK))
    assert outcome.results == {"lint": "success", "test": "success"}, outcome.told
    lint, test = outcome.of("lint", "Lint").output, outcome.of("test", "Test").output
    for command in ("ruff check .", "ruff format --check .", "mypy", "infra.render --check"):
        assert command in lint
    assert "pytest" in test


def test_it_is_not_previewed(forge: Forge) -> None:
    outcome = run(forge, "preview", forge.pull_request(1, base=forge.head(), repository=FORK))
    assert outcome.results["stage"] == outcome.results["comment"] == "skipped"
    assert outcome.steps == []
