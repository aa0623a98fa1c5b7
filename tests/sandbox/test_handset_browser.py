"""The handset in a real browser: messages appear by themselves, for everybody, and for no other site."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from sandbox.faults import Fault

from .handset_driver import NUMBER, OTHER_NUMBER, Handset

SCHEMES = ("light", "dark")
WIDTHS = (360, 1280)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(ignore_https_errors=True)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which any complaint in the console, such as of a policy broken, is a failure."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page = context.new_page()
    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


def test_a_message_appears_without_a_reload(handset: Handset, page: Page) -> None:
    page.goto(handset.url)
    expect(page.get_by_role("heading", name="No messages yet")).to_be_visible()
    page.evaluate("window.stayed = true")
    handset.send("482913")
    expect(page.get_by_role("heading", name="+44 7700 900123")).to_be_visible()
    expect(page.locator(".digits")).to_have_text("482913")
    expect(page.get_by_role("status")).to_have_text(f"New message to {NUMBER}: 4 8 2 9 1 3")
    handset.send("190204")
    expect(page.locator(".digits").first).to_have_text("190204")
    assert page.evaluate("window.stayed") is True


def test_a_filtered_page_hears_its_own_number_alone(handset: Handset, page: Page) -> None:
    with page.expect_request(lambda request: "/messages?" in request.url) as asked:
        page.goto(f"{handset.url}/?number={NUMBER}")
    assert "to=%2B447700900123" in asked.value.url
    handset.send("111111", OTHER_NUMBER)
    handset.send("222222")
    expect(page.locator(".digits")).to_have_text(["222222"])


def test_the_page_notices_that_the_log_was_emptied(handset: Handset, page: Page) -> None:
    handset.send("482913")
    page.goto(handset.url)
    expect(page.locator(".digits")).to_have_text("482913")
    handset.running.reset()
    expect(page.get_by_role("heading", name="No messages yet")).to_be_visible()


def test_the_page_says_so_while_it_hears_nothing_and_then_catches_up(
    handset: Handset, context: BrowserContext
) -> None:
    handset.sandbox.faults.add(Fault("status", service="handset", path="/messages", status=503))
    page = context.new_page()
    page.goto(handset.url)
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    handset.send("482913")
    expect(page.locator(".digits")).to_have_text("482913")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_a_code_is_copied_with_one_click(handset: Handset, page: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=handset.url)
    handset.send("111111")
    handset.send("482913")
    page.goto(handset.url)
    page.get_by_role("button", name="Copy code 482913").click()
    expect(page.get_by_role("status")).to_have_text("Code copied")
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "482913"


def test_the_keyboard_stays_where_it_was_when_a_message_arrives(handset: Handset, page: Page) -> None:
    handset.send("482913")
    page.goto(handset.url)
    page.get_by_role("button", name="Copy code 482913").focus()
    handset.send("190204")
    expect(page.locator(".digits")).to_have_text(["190204", "482913"])
    expect(page.get_by_role("button", name="Copy code 482913")).to_be_focused()


def test_times_are_the_browsers_own(handset: Handset, chromium: Browser) -> None:
    handset.send(at="2026-01-01T09:30:05.000Z")
    context = chromium.new_context(ignore_https_errors=True, timezone_id="Asia/Tokyo", locale="en-US")
    page = context.new_page()
    page.goto(handset.url)
    expect(page.locator("time[data-at]")).to_have_text("18:30:05")
    context.close()


def test_without_javascript_a_reload_shows_what_arrived(handset: Handset, chromium: Browser) -> None:
    context = chromium.new_context(ignore_https_errors=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(handset.url)
    assert "reload it" in page.locator("noscript").inner_text()
    handset.send("482913")
    page.reload()
    assert page.locator(".digits").inner_text() == "482913"
    assert page.locator("button:visible").count() == 0
    context.close()


def test_another_site_can_neither_read_nor_frame_it(handset: Handset, context: BrowserContext) -> None:
    handset.send("482913")
    page = context.new_page()
    page.goto("about:blank")
    reading = f"fetch('{handset.url}/messages').then(() => 'read', () => 'refused')"
    assert page.evaluate(reading) == "refused"
    page.set_content(f'<iframe src="{handset.url}"></iframe>')
    frame = page.frames[-1]
    frame.wait_for_load_state()
    assert "482913" not in frame.content()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_page_is_accessible_and_fits_every_width(
    handset: Handset, chromium: Browser, scheme: Any
) -> None:
    context = chromium.new_context(ignore_https_errors=True, color_scheme=scheme)
    page = context.new_page()

    def look(path: str) -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(handset.url + path)
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320

    look("/")
    handset.send("482913")
    handset.send("007341", OTHER_NUMBER, channel="call", body="Your code is 0, 0, 7, 3, 4, 1", code="007341")
    handset.send(body="W" * 300, **{"from": "A very long sender indeed"})
    look("/")
    look(f"/?number={NUMBER}")
    look("/?number=+14155550199")
    context.close()
