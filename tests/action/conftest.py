"""One Node process for all tests of the Action."""

from collections.abc import Iterator

import pytest

from .runner import ActionRunner


@pytest.fixture(scope="session")
def node() -> Iterator[ActionRunner]:
    with ActionRunner() as runner:
        yield runner
