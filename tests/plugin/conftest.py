"""A tenant of its own, and a Pulumi project whose program declares what a test asks for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from ops.toolchain import Toolchain, ensure, install_plugin
from sandbox.testing import RunningSandbox
from tests.plugin.tenancy import Tenancy
from tests.toolchain.engine_room import EngineRoom


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return ensure(Console(stderr=True))


@pytest.fixture(scope="session")
def home(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Pulumi home that holds the Auth0 plugin."""
    folder = tmp_path_factory.mktemp("pulumi-home")
    install_plugin(toolchain, folder)
    return folder


@pytest.fixture(scope="session")
def tenant() -> Iterator[RunningSandbox]:
    with RunningSandbox() as running:
        yield running


@pytest.fixture
def tenancy(
    tenant: RunningSandbox, toolchain: Toolchain, home: Path, tmp_path: Path
) -> Callable[[str], Tenancy]:
    """A stack `dev` on a fresh tenant, that declares one module of `declared`."""

    def made(module: str) -> Tenancy:
        tenant.reset()
        room = EngineRoom.at(tmp_path, toolchain, home)
        return Tenancy.at(room, tenant, module)

    return made
