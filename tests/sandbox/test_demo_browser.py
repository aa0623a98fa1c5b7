"""The demo application in a real browser."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from .demo_driver import NUMBER, Person, deny, metadata
from .login_driver import EMAIL, PASSWORD, deploy, redirecting


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(ignore_https_errors=True)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def sign_in(page: Page, app: str) -> None:
    page.goto(app)
    page.get_by_role("link", name="Log in").click()
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name=f"Hello, {EMAIL}")).to_be_visible()


def test_a_browser_logs_in_changes_the_number_and_logs_out(person: Person, page: Page) -> None:
    sign_in(page, person.app)
    page.get_by_text("Change my phone number").click()
    page.get_by_label("New number").fill("+44 7700 900123")
    page.get_by_role("button", name="Save number").click()
    expect(page.get_by_role("status")).to_contain_text("Your new number is saved")
    page.get_by_role("link", name="Log in again").click()
    expect(page.get_by_role("heading", name=f"Hello, {EMAIL}")).to_be_visible()
    page.get_by_role("link", name="Log out").click()
    expect(page.get_by_role("heading", name="Welcome to Acme")).to_be_visible()
    assert urlsplit(page.url).netloc == urlsplit(person.app).netloc


def test_the_session_survives_a_detour_that_posts_back_from_another_site(person: Person, page: Page) -> None:
    deploy(person.running.sandbox, redirecting("https://form.example/verify"))

    def form(route: Route) -> None:
        state = dict(parse_qsl(urlsplit(route.request.url).query))["state"]
        back = f"{person.running.url}/continue?state={state}"
        button = f'<form method="post" action="{back}"><button>Back</button></form>'
        route.fulfill(content_type="text/html", body=button)

    page.route("https://form.example/**", form)
    page.goto(f"{person.app}/login")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("heading", name=f"Hello, {EMAIL}")).to_be_visible()


def accessible(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_every_page_is_accessible_and_fits_every_width(person: Person, page: Page) -> None:
    page.goto(person.app)
    accessible(page)
    page.goto(f"{person.app}/login?prompt=none")
    accessible(page)
    page.goto(f"{person.app}/nowhere")
    accessible(page)
    metadata(
        person.running, app_metadata={"phone_number": NUMBER, "phone_number_verified": True, "x": "W" * 200}
    )
    sign_in(page, person.app)
    page.get_by_text("What Acme was told").click()
    accessible(page)
    page.get_by_text("Change my phone number").click()
    page.get_by_label("New number").fill("12345")
    page.get_by_role("button", name="Save number").click()
    expect(page.get_by_label("New number")).to_have_value("12345")
    accessible(page)
    deny(person.running, "phone_code_wrong")
    page.get_by_role("link", name="Silent login").click()
    expect(page.get_by_role("heading", name="That code was not right")).to_be_visible()
    accessible(page)
