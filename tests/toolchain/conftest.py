"""A machine with nothing but a made-up Go, and a Pulumi project for the real engine."""

import sys
from pathlib import Path

import pytest
from rich.console import Console

from ops.toolchain import Toolchain, ensure, install_plugin
from tests.toolchain.engine_room import EngineRoom
from tests.toolchain.fake_go import FakeGo


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeGo:
    """The only program of note on PATH; caches are empty folders of this test."""
    fake = FakeGo.install(tmp_path)
    for name, value in fake.environment.items():
        monkeypatch.setenv(name, value)
    return fake


@pytest.fixture
def console() -> Console:
    return Console(record=True, width=200, force_terminal=False, quiet=False, file=sys.stderr)


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """The real one: the person's own, or from the cache, or built now."""
    return ensure(Console(stderr=True))


@pytest.fixture(scope="session")
def plugin_home(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Pulumi home that holds the Auth0 plugin."""
    home = tmp_path_factory.mktemp("pulumi-home")
    install_plugin(toolchain, home)
    return home


@pytest.fixture
def project(toolchain: Toolchain, plugin_home: Path, tmp_path: Path) -> EngineRoom:
    """A Pulumi project with a file backend and this test's own Python environment."""
    made = EngineRoom.at(tmp_path, toolchain, plugin_home)
    made.program("import pulumi\n")
    return made


@pytest.fixture(scope="session")
def stack(toolchain: Toolchain, plugin_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a stack `dev`, to be copied: the engine takes half a second to make one."""
    folder = tmp_path_factory.mktemp("stack")
    made = EngineRoom.at(folder, toolchain, plugin_home)
    made.program("import pulumi\n")
    done = made.pulumi("stack", "init", "dev")
    assert done.returncode == 0, done.stdout
    made.forget_environment()
    return folder


@pytest.fixture
def room(toolchain: Toolchain, plugin_home: Path, stack: Path, tmp_path: Path) -> EngineRoom:
    """The project with a stack `dev`."""
    return EngineRoom.at(tmp_path, toolchain, plugin_home, stack)
