"""The pages for number and code in a real browser, and the demo application's way to them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .passwordless_driver import App, wrong
from .test_login_accessibility import assert_good


@pytest.fixture(params=["light", "dark"])
def context(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = chromium.new_context(ignore_https_errors=True, color_scheme=request.param)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Page]:
    """A page without JavaScript."""
    context = chromium.new_context(ignore_https_errors=True, java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def begin(page: Page, app: App) -> None:
    page.goto(app.running.addresses.app)
    page.get_by_role("link", name="Log in with a code by SMS").click()
    expect(page.get_by_label("Phone number")).to_be_visible()


def test_both_pages_are_accessible_in_every_state(context: BrowserContext, app: App) -> None:
    page = context.new_page()
    begin(page, app)
    assert_good(page)
    page.get_by_label("Phone number").fill("0123")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("country code")
    assert_good(page)
    page.get_by_label("Phone number").fill("+44 7700 900123")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    assert_good(page)
    page.get_by_label("Code").fill(wrong(app.gateway.last.code))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")
    assert_good(page)
    page.get_by_role("button", name="Send a new code").click()
    expect(page.get_by_role("status")).to_contain_text("on its way")
    assert_good(page)


def test_a_person_without_javascript_logs_in_to_the_demo(plain: Page, app: App) -> None:
    begin(plain, app)
    expect(plain.get_by_label("Phone number")).to_be_focused()
    plain.get_by_label("Phone number").fill("+44 7700 900123")
    plain.keyboard.press("Enter")
    expect(plain.get_by_label("Code")).to_be_focused()
    plain.get_by_label("Code").fill(app.gateway.last.code)
    plain.keyboard.press("Enter")
    expect(plain.get_by_role("heading", name="Hello, +447700900123")).to_be_visible()
    expect(plain.locator(".phone")).to_contain_text("Your login says +44 7700 900123, proven by a code.")
    plain.get_by_role("link", name="Log out").click()
    expect(plain.get_by_role("heading", name="Welcome to Acme")).to_be_visible()
