"""What every test shares: loopback alone, asyncio, one browser, marks of who uses it or the engine."""

import gc
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from . import loopback
from .browser import SharedBrowser

BROWSER = SharedBrowser()
JOURNEYS = Path(__file__).parent / "journey"

loopback.install()
# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def chromium() -> Browser:
    """The process's one Chromium: a test opens contexts of its own, and closes them."""
    return BROWSER.get()


def pytest_collection() -> None:
    # Thousands of tests come to stay: nothing is gained by looking for garbage among them, now or later.
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser or the engine, so that nobody has to remember to; a journey needs both."""
    for item in items:
        journey = JOURNEYS in item.path.parents
        if journey or "chromium" in fixtures(item):
            item.add_marker("browser")
        if journey or "toolchain" in fixtures(item):
            item.add_marker("engine")


def fixtures(item: pytest.Item) -> Sequence[str]:
    """What the test asks for, directly or not."""
    names: Sequence[str] = getattr(item, "fixturenames", ())
    return names


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") is None:
        BROWSER.close()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    BROWSER.close()
