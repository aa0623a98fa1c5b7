"""What a person looks at: every page at two widths, light and dark, without accessibility violations.

With PICTURES=FOLDER in the environment the pages are photographed as well (`make pictures`).
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journey.people import Person, wrong
from tests.journey.stage import JourneyStage

WIDTHS = {360: 740, 1280: 800}
Scheme = Literal["light", "dark"]
Look = Callable[[Page, str], None]


@pytest.fixture(params=[(width, scheme) for width in WIDTHS for scheme in ("light", "dark")], ids=str)
def eyes(
    request: pytest.FixtureRequest, stage: JourneyStage, chromium: Browser
) -> Iterator[tuple[Person, Look]]:
    """A person at one width and colour scheme, and `look`, which judges the page they see."""
    width, scheme = request.param
    context = chromium.new_context(
        viewport={"width": width, "height": WIDTHS[width]}, color_scheme=scheme, reduced_motion="reduce"
    )
    seen: set[str] = set()

    def look(page: Page, name: str) -> None:
        seen.add(name)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow == 0, f"{name} overflows by {overflow} px at {width} px"
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], name
        if folder := os.environ.get("PICTURES"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png")

    yield Person(stage, context, email=f"ada-{width}-{scheme}@example.com"), look
    context.close()
    assert len(seen) >= 7


def test_every_page_of_the_way(eyes: tuple[Person, Look], stage: JourneyStage) -> None:
    ada, look = eyes
    page = ada.page
    page.goto(stage.app)
    look(page, "app-welcome")
    page.goto(f"{stage.app}/login")
    look(page, "login")
    page.goto(f"{stage.app}/login?screen_hint=signup")
    look(page, "signup")
    ada.sign_up()
    look(page, "form-consent")
    page.get_by_role("button", name="Use another number").click()
    expect(page.locator("#number")).to_be_visible()
    look(page, "form-number")
    page.fill("#number", ada.number)
    ada.consent()
    look(page, "form-code")
    code = ada.code()
    ada.enter(wrong(code))
    ada.is_told("That code")
    look(page, "form-wrong-code")
    handset = ada.context.new_page()
    handset.goto(f"{stage.handset}/?number={ada.number.replace('+', '%2B')}")
    look(handset, "handset")
    handset.close()
    ada.enter(code)
    ada.arrive()
    look(page, "app-account")


def test_the_pages_of_a_refusal(eyes: tuple[Person, Look], stage: JourneyStage) -> None:
    ada, look = eyes
    ada.email = f"refused-{ada.email}"
    handset = ada.context.new_page()
    handset.goto(f"{stage.handset}/?number=%2B12025550199")
    look(handset, "handset-empty")
    handset.close()
    ada.page.goto(f"{stage.form}/verify")
    look(ada.page, "form-problem")
    ada.page.goto(f"{stage.form}/nowhere")
    look(ada.page, "form-unknown")
    ada.sign_up()
    ada.consent()
    code = ada.code()
    for _ in range(5):
        ada.enter(wrong(code))
        expect(ada.page.locator("main")).to_be_visible()
    look(ada.page, "form-locked")
    ada.page.get_by_role("button", name="Go back").click()
    ada.is_refused("phone_locked")
    look(ada.page, "app-refused")
    ada.page.goto(f"https://localhost:{stage.port}/authorize?client_id=nobody")
    look(ada.page, "login-error")
    ada.page.goto(f"{stage.app}/login?prompt=login")
    ada.page.fill("#username", ada.email)
    ada.page.fill("#password", "wrong")
    ada.page.get_by_role("button", name="Continue").click()
    expect(ada.page.get_by_role("alert")).to_be_visible()
    look(ada.page, "login-wrong")
