"""One stage for the journeys, deployed beside another team's Action, and a real browser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import launched
from tests.conftest import BROWSER
from tests.journey.people import Person
from tests.journey.stage import BASE, JourneyStage


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "deployed(*changes): the settings that the test's stage has")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JourneyStage]:
    """The stage that tests share; another team's Action was there first. Tests ask for `stage`."""
    it = JourneyStage(tmp_path_factory.mktemp("stage") / "local", BASE)
    try:
        it.begin_with_a_foreign_action()
        # Everybody here has one address: their logins must not count against each other.
        it.control("POST", "/switches", {"passwordless_page_limit": 0, "passwordless_start_limit": 0})
        it.up()
        yield it
    finally:
        it.ops("down")


@pytest.fixture
def stage(shared: JourneyStage, request: pytest.FixtureRequest) -> JourneyStage:
    """The shared stage with exactly the settings of the test's `deployed` mark, whatever ran before."""
    mark = request.node.get_closest_marker("deployed")
    shared.deploy(*(mark.args if mark else ()))
    return shared


@pytest.fixture(scope="module")
def chromium(shared: JourneyStage) -> Iterator[Browser]:
    """The system's Chromium. It checks TLS: only the sandbox's own key is excepted from the CA rule."""
    BROWSER.close()  # Playwright opens once in a process
    with launched(f"--ignore-certificate-errors-spki-list={shared.certificate_pin()}") as browser:
        yield browser


@pytest.fixture
def person(stage: JourneyStage, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """Makes people; keyword arguments are the browser's. Their browsers are closed at the end."""
    people: list[Person] = []

    def meet(**browser: Any) -> Person:
        people.append(Person(stage, chromium.new_context(**browser)))
        return people[-1]

    yield meet
    for each in people:
        each.context.close()


@pytest.fixture
def ada(person: Callable[..., Person]) -> Person:
    return person()
