"""The pages people meet less often, in a real browser: providers, organizations, passwords, logging out."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page

from sandbox.login import password_reset
from sandbox.management.organizations.links import CONNECTIONS, MEMBERS
from sandbox.testing import RunningSandbox

from .login_driver import EMAIL, PASSWORD, Browser, change_client, create_user
from .test_login_accessibility import assert_good

pytestmark = pytest.mark.browser


@pytest.fixture(params=["light", "dark"])
def page(chromium: Chromium, request: pytest.FixtureRequest) -> Iterator[Page]:
    context: BrowserContext = chromium.new_context(ignore_https_errors=True, color_scheme=request.param)
    yield context.new_page()
    context.close()


@pytest.fixture
def driver(running_sandbox: RunningSandbox) -> Browser:
    driver = Browser(running_sandbox)
    for strategy in ("google-oauth2", "github"):
        connection: dict[str, Any] = {
            "id": f"con_{strategy}",
            "name": strategy,
            "strategy": strategy,
            "options": {},
            "enabled_clients": [driver.client["client_id"]],
        }
        running_sandbox.sandbox.store.put("connections", f"con_{strategy}", connection)
    return driver


def address(driver: Browser, **parameters: str) -> str:
    return f"{driver.url}/authorize?{urlencode(driver.parameters(**parameters))}"


def test_a_social_login(page: Page, driver: Browser) -> None:
    page.goto(address(driver))
    assert_good(page)
    page.get_by_role("link", name="Continue with GitHub").click()
    assert_good(page)
    page.get_by_label("Email address").fill("grace")
    page.get_by_label("Email address").evaluate("field => { field.type = 'text' }")
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("alert").inner_text() == "Please enter a valid email address."
    assert_good(page)
    page.get_by_label("Email address").fill("grace@example.com")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/callback?*code=*")


def test_buttons_alone(page: Page, driver: Browser) -> None:
    store = driver.running.sandbox.store
    for connection in store.where("connections", "strategy", "auth0"):
        store.put("connections", connection["id"], connection | {"enabled_clients": []})
    page.goto(address(driver))
    page.get_by_role("link", name="Continue with Google").wait_for()
    assert_good(page)


def test_the_organization(page: Page, driver: Browser) -> None:
    change_client(driver, organization_usage="require", organization_require_behavior="pre_login_prompt")
    page.goto(address(driver))
    assert_good(page)
    page.get_by_label("Organization name").fill("nobody")
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("alert").inner_text() == "There is no organization of this name."
    assert_good(page)


def test_a_new_password(page: Page, driver: Browser) -> None:
    sandbox = driver.running.sandbox
    password_reset.send(sandbox, create_user(sandbox))
    page.goto(sandbox.store.all("messages")[-1]["body"].rpartition(" ")[2])
    assert_good(page)
    page.get_by_label("New password").fill("weak")
    page.get_by_role("button", name="Change the password").click()
    page.get_by_role("alert").wait_for()
    assert_good(page)
    page.get_by_label("New password").fill("Another-Horse-10")
    page.get_by_role("button", name="Change the password").click()
    page.get_by_role("heading", name="Password changed").wait_for()
    assert_good(page)


def test_the_question_before_a_logout(page: Page, driver: Browser) -> None:
    create_user(driver.running.sandbox)
    driver.log_in()
    page.context.add_cookies(
        [{"name": one.name, "value": one.value or "", "url": driver.url} for one in driver.http.cookies]
    )
    page.goto(f"{driver.url}/oidc/logout")
    assert_good(page)
    page.get_by_role("button", name="Log out").click()
    page.get_by_text("OK").wait_for()
    assert driver.running.sandbox.store.count("sessions") == 0


def test_passwordless_by_mail(page: Page, driver: Browser) -> None:
    store = driver.running.sandbox.store
    for connection in store.all("connections"):
        mail = {"strategy": "email", "name": "email"} if connection["strategy"] == "auth0" else {}
        store.put("connections", connection["id"], connection | mail)
    page.goto(address(driver, connection="email"))
    assert_good(page)
    page.get_by_label("Email address").fill("ada@example.com")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Enter your code").wait_for()
    assert_good(page)
    page.get_by_label("Code").fill(store.all("messages")[-1]["code"])
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/callback?*code=*")


def test_connecting_a_device(page: Page, driver: Browser) -> None:
    create_user(driver.running.sandbox)
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    change_client(driver, token_endpoint_auth_method="none", grant_types=[grant])
    client = {"client_id": driver.client["client_id"], "scope": "openid"}
    codes = driver.post("/oauth/device/code", client).json()
    page.goto(f"{driver.url}/activate?user_code=none")
    assert_good(page)
    page.get_by_label("Code").fill(codes["user_code"])
    page.get_by_role("button", name="Continue").click()
    assert_good(page)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Congratulations").wait_for()
    assert_good(page)


def test_picking_an_organization(page: Page, driver: Browser) -> None:
    store, user = driver.running.sandbox.store, create_user(driver.running.sandbox)
    (database,) = store.where("connections", "strategy", "auth0")
    for name in ("acme", "other"):
        store.put("organizations", f"org_{name}", {"id": f"org_{name}", "name": name})
        CONNECTIONS.put(store, f"org_{name}", database["id"], {"is_enabled": True})
        MEMBERS.put(store, f"org_{name}", user["user_id"], {})
    change_client(driver, organization_usage="allow", organization_require_behavior="post_login_prompt")
    page.goto(address(driver))
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_role("heading", name="Choose your organization").wait_for()
    assert_good(page)
    page.get_by_role("button", name="acme").click()
    page.wait_for_url("**/callback?*code=*")
