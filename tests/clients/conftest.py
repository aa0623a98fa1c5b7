"""A tenant for clients that others wrote, fresh for each test."""

from collections.abc import Iterator

import pytest

from sandbox.testing import RunningSandbox


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[RunningSandbox]:
    """The listeners, started once."""
    with RunningSandbox() as running:
        yield running


@pytest.fixture
def tenant(sandbox_process: RunningSandbox) -> RunningSandbox:
    """A tenant that nobody has used."""
    sandbox_process.reset()
    return sandbox_process
