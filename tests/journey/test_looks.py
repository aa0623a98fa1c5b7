"""What a person looks at: every page at two widths, light and dark, without accessibility violations.

With PICTURES=FOLDER in the environment the pages are photographed as well (`make pictures`).
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journey.passwordless import answer, ask
from tests.journey.people import Person, wrong
from tests.journey.stage import OURS, JourneyStage

WIDTHS = {360: 740, 1280: 800}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# A fictional number in a country that the local stage sends nothing to.
ELSEWHERE = "+4915228817386"
ONLY_VIOLATIONS = {"resultTypes": ["violations"]}
Look = Callable[[Page, str], None]


def judge(page: Page, view: str) -> None:
    """Fail with what overflows the window's width or breaks a rule of accessibility."""
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0, f"{view} overflows by {overflow} px"
    found = Axe().run(page, options=ONLY_VIOLATIONS).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], view


@pytest.fixture
def look() -> Iterator[Look]:
    """Judges a page at every width and in both colour schemes."""
    seen: set[str] = set()

    def at(page: Page, name: str) -> None:
        seen.add(name)
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                judge(page, f"{name}-{width}-{scheme}")
                if folder := os.environ.get("PICTURES"):
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png")

    yield at
    assert len(seen) >= 7


def look_at_handset(person: Person, look: Look, name: str) -> None:
    """The handset's page for this person's number."""
    handset = person.context.new_page()
    handset.goto(f"{person.stage.handset}/?number={quote(person.number)}")
    look(handset, name)
    handset.close()


def look_at_tenant(person: Person, look: Look) -> None:
    """The tenant itself: what is bound, this person's login, and the Action that it went through."""
    tenant = person.context.new_page()
    tenant.goto(f"https://localhost:{person.stage.port}/_sandbox/dashboard")
    look(tenant, "tenant-overview")
    tenant.get_by_role("link", name=f"Logged in {person.email}").first.click()
    expect(tenant.get_by_role("heading", name="The way through the pipeline")).to_be_visible()
    look(tenant, "tenant-login")
    tenant.get_by_role("link", name=OURS).first.click()
    expect(tenant.get_by_role("heading", name="Code")).to_be_visible()
    look(tenant, "tenant-action")
    tenant.close()


def test_every_page_of_the_way(ada: Person, look: Look, stage: JourneyStage) -> None:
    page, ada.email = ada.page, "ada@example.com"  # short enough to read well in a picture
    page.goto(stage.app)
    look(page, "app-welcome")
    page.goto(f"{stage.app}/login")
    look(page, "login")
    page.goto(f"{stage.app}/login?screen_hint=signup")
    look(page, "signup")
    ada.sign_up()
    look(page, "form-consent")
    ada.press("Use another number")
    expect(page.locator("#number")).to_be_visible()
    look(page, "form-number")
    page.fill("#number", ada.number)
    ada.consent()
    look(page, "form-code")
    code = ada.code()
    ada.enter(wrong(code))
    ada.is_told("That code")
    look(page, "form-wrong-code")
    look_at_handset(ada, look, "handset")
    ada.enter(code)
    ada.arrive()
    look(page, "app-account")
    look_at_tenant(ada, look)


def test_every_page_of_a_login_by_sms(ada: Person, look: Look, stage: JourneyStage) -> None:
    page = ada.page
    page.goto(f"{stage.app}/login?connection=sms")
    look(page, "sms-number")
    page.fill("#phone_number", ELSEWHERE)
    ada.press("Continue")
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "sms-refused")
    ask(ada)
    look(page, "sms-code")
    look_at_handset(ada, look, "sms-handset")
    answer(ada, wrong(ada.code()))
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "sms-wrong-code")
    ada.press("Send a new code")
    expect(page.get_by_role("status")).to_be_visible()
    look(page, "sms-new-code")
    answer(ada, ada.code())
    ada.arrive()
    look(page, "sms-account")


def test_the_pages_of_a_refusal(ada: Person, look: Look, stage: JourneyStage) -> None:
    look_at_handset(ada, look, "handset-empty")
    ada.page.goto(f"{stage.form}/verify")
    look(ada.page, "form-problem")
    ada.page.goto(f"{stage.form}/nowhere")
    look(ada.page, "form-unknown")
    ada.sign_up()
    ada.consent()
    code = ada.code()
    for _ in range(5):
        ada.enter(wrong(code))
    look(ada.page, "form-locked")
    ada.press("Go back")
    ada.is_refused("phone_locked")
    look(ada.page, "app-refused")
    ada.page.goto(f"https://localhost:{stage.port}/authorize?client_id=nobody")
    look(ada.page, "login-error")
    ada.page.goto(f"{stage.app}/login?prompt=login")
    ada.page.fill("#username", ada.email)
    ada.page.fill("#password", "wrong")
    ada.press("Continue")
    expect(ada.page.get_by_role("alert")).to_be_visible()
    look(ada.page, "login-wrong")
