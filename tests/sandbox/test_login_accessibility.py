"""The pages in a real browser: accessible, never wider than the screen, usable without JavaScript."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, Route, ViewportSize

from sandbox.testing import RunningSandbox

from .login_driver import EMAIL, PASSWORD, Browser, create_user, user_of

SIZES: list[ViewportSize] = [{"width": 320, "height": 640}, {"width": 1280, "height": 800}]


@pytest.fixture(params=["light", "dark"])
def context(chromium: Chromium, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        ignore_https_errors=True, color_scheme=request.param, java_script_enabled=True
    )
    yield context
    context.close()


@pytest.fixture
def start(running_sandbox: RunningSandbox) -> str:
    create_user(running_sandbox.sandbox)
    driver = Browser(running_sandbox)
    return f"{running_sandbox.url}/authorize?{urlencode(driver.parameters())}"


def assert_good(page: Page) -> None:
    for size in SIZES:
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
    assert page.locator("h1").count() == 1
    assert page.locator(".badge").inner_text() == "Sandbox"


def test_login_page(context: BrowserContext, start: str) -> None:
    page = context.new_page()
    page.goto(start)
    assert_good(page)
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("alert").inner_text() == "Wrong email or password."
    assert_good(page)


def test_sign_up_page(context: BrowserContext, start: str) -> None:
    page = context.new_page()
    page.goto(f"{start}&screen_hint=signup")
    assert_good(page)
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("alert").inner_text() == "The user already exists."
    assert_good(page)


def test_consent_and_error_pages(context: BrowserContext, start: str) -> None:
    page = context.new_page()
    page.goto(f"{start}&prompt=consent")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Authorize").wait_for()
    assert_good(page)
    page.goto(start.partition("?")[0] + "?client_id=unknown")
    assert_good(page)


def test_the_keyboard_reaches_everything_in_order(context: BrowserContext, start: str) -> None:
    page = context.new_page()
    page.goto(start)
    focused = "document.activeElement.id || document.activeElement.textContent"
    seen = [page.evaluate(focused)]
    for _ in range(3):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(focused))
    assert seen == ["username", "password", "Continue", "Sign up"]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_signs_up_and_comes_back_by_form_post(
    chromium: Chromium, running_sandbox: RunningSandbox, start: str, scripts: bool
) -> None:
    context = chromium.new_context(ignore_https_errors=True, java_script_enabled=scripts)
    page = context.new_page()
    arrived: list[str] = []

    def arrive(route: Route) -> None:
        arrived.append(route.request.post_data or "")
        route.fulfill(body="back")

    page.route(f"{running_sandbox.addresses.app}/callback", arrive)
    page.goto(f"{start}&response_mode=form_post")
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("Email address").fill("new@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Phone number").fill("+14155550123")
    page.get_by_role("button", name="Continue").click()
    if not scripts:
        page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/callback")
    assert arrived[0].startswith("code=")
    user = user_of(running_sandbox.sandbox, "new@example.com")
    assert user["user_metadata"] == {"phone_number": "+14155550123"}
    context.close()
