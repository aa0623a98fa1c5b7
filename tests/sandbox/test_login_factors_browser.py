"""The page of a second factor in a real browser: accessible, never wider than the screen, usable."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from sandbox.login import factor_codes
from sandbox.testing import RunningSandbox

from .login_driver import EMAIL, PASSWORD, Browser, action, create_user, deploy, user_of
from .test_login_accessibility import assert_good

NUMBER = "+14155550123"


@pytest.fixture(params=["light", "dark"])
def page(
    chromium: Chromium, running_sandbox: RunningSandbox, request: pytest.FixtureRequest
) -> Iterator[Page]:
    sandbox = running_sandbox.sandbox
    create_user(sandbox)
    sandbox.store.put("settings", "guardian:factors", {"sms": True, "otp": True})
    context = chromium.new_context(ignore_https_errors=True, color_scheme=request.param)
    page = context.new_page()
    page.route(f"{running_sandbox.addresses.app}/callback**", lambda route: route.fulfill(body="back"))
    yield page
    context.close()


def enter(page: Page, running: RunningSandbox, call: str) -> None:
    """Log in through an Action that demands a factor."""
    deploy(running.sandbox, action(f"api.authentication.{call}"))
    page.goto(f"{running.url}/authorize?{urlencode(Browser(running).parameters())}")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/u/mfa**")


def last_code(running: RunningSandbox) -> str:
    return str(running.sandbox.store.all("messages")[-1]["code"])


def test_somebody_enrolls_a_phone(page: Page, running_sandbox: RunningSandbox) -> None:
    enter(page, running_sandbox, "enrollWithAny([{type: 'phone'}, {type: 'otp'}])")
    assert_good(page)
    page.get_by_role("button", name="A code by SMS").click()
    page.get_by_label("Phone number").fill("0123")
    page.get_by_role("button", name="Continue").click()
    assert "country code" in page.get_by_role("alert").inner_text()
    assert_good(page)
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("status").wait_for()
    assert_good(page)
    page.get_by_label("Code").fill(last_code(running_sandbox))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/callback**")


def test_somebody_enrolls_an_authenticator(page: Page, running_sandbox: RunningSandbox) -> None:
    enter(page, running_sandbox, "enrollWith({type: 'otp'})")
    assert_good(page)
    secret = page.locator("code").inner_text()
    page.get_by_label("Code").fill(factor_codes.totp(secret, running_sandbox.sandbox.clock.now()))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/callback**")


def test_somebody_proves_a_phone_and_errs_first(page: Page, running_sandbox: RunningSandbox) -> None:
    sandbox = running_sandbox.sandbox
    factor_codes.confirm(sandbox, factor_codes.new_phone(sandbox, user_of(sandbox)["user_id"], NUMBER))
    enter(page, running_sandbox, "challengeWith({type: 'phone'})")
    right = last_code(running_sandbox)
    page.get_by_label("Code").fill("000000" if right != "000000" else "111111")
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("alert").inner_text() == "This code is not right."
    assert_good(page)
    page.get_by_role("button", name="Send a new code").click()
    page.get_by_role("status").wait_for()
    page.get_by_label("Code").fill(last_code(running_sandbox))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/callback**")
