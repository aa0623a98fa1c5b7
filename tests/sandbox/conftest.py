"""A running sandbox per module, fresh for each test, and one in memory."""

from collections.abc import Iterator

import pytest
import requests

from sandbox.context import Sandbox
from sandbox.testing import RunningSandbox, memory_sandbox

from .api import Api


@pytest.fixture(scope="module")
def sandbox_process() -> Iterator[RunningSandbox]:
    """The listeners, started once per module."""
    with RunningSandbox() as running:
        yield running


@pytest.fixture
def running_sandbox(sandbox_process: RunningSandbox) -> RunningSandbox:
    """The module's listeners with a fresh tenant."""
    sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def sandbox() -> Sandbox:
    """A seeded sandbox in memory."""
    return memory_sandbox()


@pytest.fixture
def http(running_sandbox: RunningSandbox) -> Iterator[requests.Session]:
    """A client without credentials that trusts the sandbox's CA."""
    with running_sandbox.session() as session:
        yield session


@pytest.fixture
def api(running_sandbox: RunningSandbox) -> Iterator[Api]:
    """A client of the Management API with every scope."""
    with running_sandbox.session() as session:
        yield Api(session, running_sandbox.url, running_sandbox.token())
