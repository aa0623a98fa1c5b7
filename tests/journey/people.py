"""People with a browser: what they type and press, and what they see."""

import itertools
import re
import secrets
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Page, expect

from tests.journey.stage import JourneyStage

PASSWORD = "Correct-Horse-7-Battery"
# Area codes that the smoke login never uses: every message to such a number is its person's.
_AREAS = ("206", "214", "305", "510", "602", "718")
_LINES = itertools.count()

expect.set_options(timeout=30_000)  # for slow machines; what is there is seen at once


def fresh_number() -> str:
    """A fictional number that no other test of this run has."""
    # One area after the other: a gateway limits how many messages go to one neighbourhood.
    line, area = divmod(next(_LINES), len(_AREAS))
    return f"+1{_AREAS[area]}55501{line:02d}"


@dataclass
class Person:
    """One person: a browser of their own (its cookies are nobody else's), an address, a number."""

    stage: JourneyStage
    context: BrowserContext
    email: str = field(default_factory=lambda: f"ada-{secrets.token_hex(4)}@example.com")
    number: str = field(default_factory=fresh_number)

    def __post_init__(self) -> None:
        self.page: Page = self.context.new_page()

    def press(self, button: str) -> None:
        """Press a button that leads to another page, and wait until that page has loaded.

        A browser refuses to reload or leave a page in the instant that it takes the place of another.
        """
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button).click()

    def sign_up(self, number: str | None = None) -> None:
        """Sign up in the demo app; ends where the login leads."""
        self.page.goto(f"{self.stage.app}/login?screen_hint=signup")
        self.page.fill("#email", self.email)
        self.page.fill("#password", PASSWORD)
        self.page.fill("#phone_number", self.number if number is None else number)
        self.press("Continue")

    def log_in(self, query: str = "prompt=login") -> None:
        self.page.goto(f"{self.stage.app}/login?{query}")
        if "/u/login" in self.page.url:
            self.page.fill("#username", self.email)
            self.page.fill("#password", PASSWORD)
            self.press("Continue")

    def consent(self) -> None:
        self.press("Text me a code")
        expect(self.page.locator("#code")).to_be_visible()

    def enter(self, code: str) -> None:
        self.page.fill("#code", code)
        self.press("Verify")

    def code(self, number: str | None = None) -> str:
        """The newest code on the handset's page, read with the eyes of a person."""
        handset = self.context.new_page()
        handset.goto(f"{self.stage.handset}/?number={(number or self.number).replace('+', '%2B')}")
        shown = handset.locator("body").inner_text()
        handset.close()
        code = re.search(r"\b(\d{3} ?\d{3})\b", re.sub(r"\+[\d ]+", "", shown))
        assert code is not None, shown
        return code.group(1).replace(" ", "")

    def verify(self) -> None:
        """Consent, and type the code that arrives."""
        self.consent()
        self.enter(self.code())
        self.arrive()

    def arrive(self) -> None:
        """Wait until the browser is back at the demo app, logged in."""
        expect(self.page.get_by_role("heading", name="Hello")).to_be_visible()
        assert self.page.url.startswith(self.stage.app)

    def is_refused(self, text: str) -> None:
        """Wait until the demo app says that the login failed, in words that hold `text`."""
        expect(self.page.locator("body")).to_contain_text(text)
        assert self.page.url.startswith(f"{self.stage.app}/callback")

    def is_told(self, text: str) -> None:
        """Wait until the form shows a problem."""
        expect(self.page.get_by_role("alert")).to_contain_text(text)

    def metadata(self) -> dict[str, object]:
        """What the tenant has proven of this person."""
        found: dict[str, object] = self.stage.user(self.email).get("app_metadata") or {}
        return found

    def is_verified_with(self, number: str) -> bool:
        found = self.metadata()
        return found.get("phone_number") == number and found.get("phone_number_verified") is True


def wrong(code: str) -> str:
    """Another code than this one."""
    return f"{(int(code) + 1) % 10**6:06d}"
