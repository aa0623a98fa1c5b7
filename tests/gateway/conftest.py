"""Fixtures: a gateway in this process around carriers in memory, and a real Redis."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from gateway.settings import Settings
from serving import store
from tests.form.redis_server import RedisServer, running_redis

from . import made
from .site import Site, read_settings, site_of

MakeSettings = Callable[..., Settings]
MakeSite = Callable[..., Site]


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    return partial(read_settings, tmp_path)


@pytest.fixture
def make_site(tmp_path: Path) -> MakeSite:
    return partial(site_of, tmp_path)


@pytest.fixture
def site(make_site: MakeSite) -> Iterator[Site]:
    site = make_site()
    yield site
    # Whatever a test did: no number, no text, no token and no key may have reached the log.
    for canary in (made.MOBILE[1:], made.OTHER_MOBILE[1:], "482913", made.SECRET, made.token().split(".")[2]):
        assert canary not in site.log.getvalue()


@pytest.fixture(scope="module")
def redis_waits() -> tuple[float, float]:
    """How long Redis may take for an answer, and for all of one question: as long as a busy machine does."""
    return 20.0, 30.0


@pytest.fixture(scope="module", autouse=True)
def patience(redis_waits: tuple[float, float]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "TIMEOUT_SECONDS", redis_waits[0])
        patch.setattr(store, "WHOLE_TIMEOUT_SECONDS", redis_waits[1])
        yield


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    redis_server.command("FLUSHALL")
    return redis_server.url
