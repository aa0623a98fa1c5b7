"""For pytest: a tenant as a fixture. `pytest_plugins = ["sandbox.pytest_plugin"]` in a conftest.py.

`auth0_sandbox` is a fresh tenant for each test, the same listeners for all of them; its scope of identifiers
and its time are steered by the options `--sandbox-seed` and `--sandbox-clock`, or by overriding
`auth0_sandbox_options`.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from .testing import RunningSandbox


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sandbox", "a tenant of Auth0 on this machine")
    group.addoption("--sandbox-seed", type=int, help="make the tenant's identifiers the same in every run")
    group.addoption("--sandbox-clock", type=float, help="where its clock stands still, in Unix seconds")


@pytest.fixture(scope="session")
def auth0_sandbox_options(pytestconfig: pytest.Config) -> dict[str, Any]:
    """What the sandbox is started with; override it to say more than the command line does."""
    return {
        "seed": pytestconfig.getoption("--sandbox-seed"),
        "clock": pytestconfig.getoption("--sandbox-clock"),
    }


@pytest.fixture(scope="session")
def auth0_sandbox_process(auth0_sandbox_options: dict[str, Any]) -> Iterator[RunningSandbox]:
    """The listeners on free ports, started once."""
    with RunningSandbox(**auth0_sandbox_options) as running:
        yield running


@pytest.fixture
def auth0_sandbox(auth0_sandbox_process: RunningSandbox) -> RunningSandbox:
    """A tenant that nobody has used: no faults, no switches, its own time."""
    auth0_sandbox_process.reset()
    return auth0_sandbox_process


@pytest.fixture
def auth0_http(auth0_sandbox: RunningSandbox) -> Iterator[requests.Session]:
    """A client that trusts the tenant's authority."""
    with auth0_sandbox.session() as session:
        yield session
