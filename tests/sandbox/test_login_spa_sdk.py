"""Auth0's SDK for single-page applications in a real browser: log in, renew silently, rotate, log out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Error

from sandbox.testing import RunningSandbox

from .login_driver import EMAIL, create_user
from .spa_driver import Site, Spa, register

pytestmark = pytest.mark.browser

ROTATING = {
    "rotation_type": "rotating",
    "expiration_type": "expiring",
    "leeway": 0,
    "token_lifetime": 2592000,
    "idle_token_lifetime": 1296000,
}


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(ignore_https_errors=True)
    yield context
    context.close()


@pytest.fixture
def spa(running_sandbox: RunningSandbox, context: BrowserContext) -> Iterator[Spa]:
    create_user(running_sandbox.sandbox)
    with Site(running_sandbox) as site:
        client = register(running_sandbox, site.origin, refresh_token=ROTATING)
        yield Spa(running_sandbox, context, site, client)


def test_login_silent_renewal_in_a_frame_and_logout(spa: Spa) -> None:
    spa.open(cacheLocation="localstorage")
    assert spa.renewed()["error"] == "login_required"
    spa.log_in()
    assert spa.user()["email"] == EMAIL
    first, second = spa.renewed(), spa.renewed()
    assert first["access_token"] != second["access_token"]
    assert spa.calls("/oauth/token") == [200, 200, 200]

    spa.log_out()
    assert spa.user() is None
    assert spa.renewed()["error"] == "login_required"
    assert spa.running.sandbox.store.count("sessions") == 0


def test_silent_renewal_needs_the_origin_to_be_listed(spa: Spa) -> None:
    store = spa.running.sandbox.store
    client = store.get("clients", spa.options["clientId"]) or {}
    spa.open(cacheLocation="localstorage", authorizeTimeoutInSeconds=2)
    spa.log_in()
    store.put("clients", client["client_id"], client | {"web_origins": ["https://other.example"]})
    # The refusal is a page of the tenant's own, which tells the application nothing.
    assert spa.renewed()["error"] == "timeout"


def test_renewal_by_rotating_refresh_tokens(spa: Spa) -> None:
    spa.open(useRefreshTokens=True)
    # Kept in memory, so the login has to happen in a window of its own.
    with spa.page.expect_popup() as opened:
        spa.page.evaluate("() => { window.done = window.client.loginWithPopup() }")
    popup = opened.value
    popup.get_by_label("Email address").fill(EMAIL)
    popup.get_by_label("Password").fill("Correct-Horse-9")
    popup.get_by_role("button", name="Continue").click()
    spa.page.evaluate("async () => { await window.done }")
    assert spa.user()["email"] == EMAIL
    asked = len(spa.calls("/authorize"))
    tokens = [spa.renewed()["access_token"] for _ in range(3)]
    assert len(set(tokens)) == 3
    assert len(spa.calls("/authorize")) == asked, "it was renewed in a frame instead"
    used = [doc["used_at"] is not None for doc in spa.running.sandbox.store.all("refresh_tokens")]
    assert used == [True, True, True, False]

    spa.log_out()
    assert spa.renewed()["error"] in ("login_required", "missing_refresh_token")


def test_a_reused_refresh_token_sends_the_person_back_to_the_login(spa: Spa) -> None:
    spa.open(useRefreshTokens=True, cacheLocation="localstorage")
    spa.log_in()
    stolen = spa.page.evaluate("() => JSON.stringify(localStorage)")
    assert "access_token" in spa.renewed()
    spa.page.evaluate(
        "kept => { for (const [k, v] of Object.entries(JSON.parse(kept))) localStorage[k] = v }", stolen
    )
    assert spa.renewed()["error"] == "invalid_grant"
    assert spa.running.sandbox.store.count("refresh_tokens") == 0


def test_a_page_of_an_unlisted_origin_reads_nothing(spa: Spa, context: BrowserContext) -> None:
    foreign, token = context.new_page(), f"{spa.running.url}/oauth/token"
    form = "new URLSearchParams({grant_type: 'x'})"
    call = f"async url => (await fetch(url, {{method: 'POST', body: {form}}})).status"
    foreign.goto(spa.origin.replace("localhost", "foreign.localhost"))
    with pytest.raises(Error, match="Failed to fetch"):
        foreign.evaluate(call, token)
    spa.open()
    assert spa.page.evaluate(call, token) == 403
