"""Fixtures: a form in this process around phones in memory, and the pieces it is made of."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from limits.aio.storage import MemoryStorage, Storage
from starlette.types import ASGIApp

from form import pages
from form.app import build
from form.logs import json_logger
from form.settings import Settings, load_settings
from serving import store as redis_store

from . import made
from .neighbours import Neighbours, running_neighbours
from .phones import Phones
from .redis_server import RedisServer, running_redis
from .visitor import Visitor


@dataclass
class Site:
    """A form under test: its application, the phones behind it, its log."""

    app: ASGIApp
    phones: Phones
    settings: Settings
    store: Storage
    log: io.StringIO

    def visitor(self, address: str = "127.0.0.1") -> Visitor:
        return Visitor(self.app, address)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [entry for entry in self.events if entry["event"] == event]


class CompiledTemplates(BytecodeCache):
    """What Jinja made of each template. Hundreds of tests build the form; it compiles once."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def compiled_templates() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "Environment", partial(Environment, bytecode_cache=CompiledTemplates()))
        yield


MakeSettings = Callable[..., Settings]
MakeSite = Callable[..., Site]


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    def make(env: dict[str, str] | None = None, **stage: Any) -> Settings:
        file = tmp_path / "stage.json"
        file.write_text(json.dumps(made.stage(**stage)))
        return load_settings(made.environment(file, **(env or {})))

    return make


@pytest.fixture
def make_site(make_settings: MakeSettings) -> MakeSite:
    def make(
        env: dict[str, str] | None = None,
        store: Storage | None = None,
        phones: Phones | None = None,
        **stage: Any,
    ) -> Site:
        settings, log = make_settings(env, **stage), io.StringIO()
        phones, store = phones or Phones(), store or MemoryStorage()
        return Site(build(settings, phones, store, json_logger(log)), phones, settings, store, log)

    return make


@pytest.fixture
def site(make_site: MakeSite) -> Iterator[Site]:
    site = make_site()
    yield site
    # Whatever a test did: nothing personal and nothing secret may have reached the log.
    for secret in (made.MOBILE, made.OTHER_MOBILE, made.OLD_MOBILE, made.STATE, made.SUB, made.REQUEST_KEY):
        assert secret not in site.log.getvalue()
        assert secret.removeprefix("+") not in site.log.getvalue()


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return site.visitor()


@pytest.fixture(scope="module")
def redis_waits() -> tuple[float, float]:
    """How long Redis may take for an answer, and for all of one question: as long as a busy machine does."""
    return 20.0, 30.0


@pytest.fixture(scope="module", autouse=True)
def patience(redis_waits: tuple[float, float]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redis_store, "TIMEOUT_SECONDS", redis_waits[0])
        patch.setattr(redis_store, "WHOLE_TIMEOUT_SECONDS", redis_waits[1])
        yield


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture(scope="session")
def session_neighbours() -> Iterator[Neighbours]:
    with running_neighbours() as neighbours:
        yield neighbours


@pytest.fixture
def neighbours(session_neighbours: Neighbours) -> Neighbours:
    session_neighbours.reset()
    return session_neighbours
