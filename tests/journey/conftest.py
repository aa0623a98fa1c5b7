"""One stage for the journeys, deployed beside another team's Action, and a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journey.people import Person
from tests.journey.stage import BASE, JourneyStage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JourneyStage]:
    """A stage that is up; another team's Action was there first."""
    it = JourneyStage(tmp_path_factory.mktemp("stage") / "local")
    try:
        it.begin_with_a_foreign_action()
        it.up(*BASE)
        yield it
    finally:
        it.ops("down")


@pytest.fixture(scope="module")
def chromium(stage: JourneyStage) -> Iterator[Browser]:
    """The system's Chromium. It checks TLS: only the sandbox's own key is excepted from the CA rule."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                f"--ignore-certificate-errors-spki-list={stage.certificate_pin()}",
                "--disable-gpu",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
            chromium_sandbox=False,
        )
        yield browser
        browser.close()


@pytest.fixture
def person(stage: JourneyStage, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """Makes people; their browsers are closed at the end."""
    people: list[Person] = []

    def meet(**who: str) -> Person:
        people.append(Person.at(stage, chromium, **who))
        return people[-1]

    yield meet
    for each in people:
        each.context.close()


@pytest.fixture
def ada(person: Callable[..., Person]) -> Person:
    return person()


@pytest.fixture(scope="module")
def changed(stage: JourneyStage) -> Iterator[Callable[..., str]]:
    """Deploys the stage with other settings; the usual ones are back when the module ends.

    Each test of a module that uses it says what it wants: another's settings may linger.
    """
    yield lambda *changes: stage.up(*BASE, *changes)
    stage.up(*BASE)
