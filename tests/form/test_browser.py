"""The form in a real browser: looks, keyboard, accessibility, and what only a browser enforces."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from . import made
from .neighbours import RIGHT, running_neighbours
from .neighbours import Neighbours as Near
from .served import Served, serving

pytestmark = pytest.mark.anyio

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SEEN_BY_SCRIPTS = "document.referrer + JSON.stringify(performance.toJSON())"
SIZES = {"phone": (360, 740), "desktop": (1280, 800)}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with (
        running_neighbours() as neighbours,
        serving(tmp_path_factory.mktemp("served"), neighbours, resendSeconds=2) as running,
    ):
        yield running


@pytest.fixture
def near(served: Served) -> Near:
    served.neighbours.reset()
    return served.neighbours


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        await chromium.close()


class Fresh:
    """Numbers and people that no test before has used up."""

    def __init__(self) -> None:
        self.count = 0

    def claims(self) -> dict[str, str]:
        self.count += 1
        area = (212, 415, 202, 303, 404, 503, 617, 702)[self.count % 8]
        return {"phone": f"+1{area}55501{self.count % 100:02d}", "sub": f"auth0|browser-{self.count}"}


FRESH = Fresh()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(ignore_https_errors=True, viewport={"width": 360, "height": 740})
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    return await context.new_page()


async def to_code(page: Page, served: Served) -> None:
    await page.goto(served.link(**FRESH.claims()))
    await page.click(".main")
    await page.wait_for_selector("#code")


async def test_a_person_verifies_and_lands_in_the_application(page: Page, served: Served, near: Near) -> None:
    near.pages["app.localhost/callback"] = "<title>In</title>Logged in"
    await to_code(page, served)
    assert await page.evaluate("document.activeElement.id") == "code"
    await page.keyboard.type(RIGHT)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/callback")
    assert await page.title() == "In"
    (returned,) = near.returned
    assert (returned["method"], returned["state"]) == ("POST", made.STATE)
    assert made.open_result(returned["phone_result"])["outcome"] == "verified"


async def test_t17_nothing_leaks_on_the_way(page: Page, served: Served, near: Near) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    near.pages["app.localhost/callback"] = "In"
    await to_code(page, served)
    assert all(url.startswith(served.url) for url in asked)
    assert "phone_request" not in page.url
    assert re.fullmatch(rf"{served.url}/verify/[A-Za-z0-9_-]{{22}}", page.url)
    assert "phone_request" not in await page.evaluate(SEEN_BY_SCRIPTS)
    await page.fill("#code", RIGHT)
    await page.click(".main")
    await page.wait_for_url("**/callback")
    met = {path.partition("?")[0]: headers for _, path, headers in near.requests}
    assert "Referer" not in met["/continue"]
    assert "Referer" not in met["/callback"]


async def test_a_page_is_one_request_without_errors_or_shifts(page: Page, served: Served, near: Near) -> None:
    complaints: list[ConsoleMessage] = []
    page.on("console", lambda message: complaints.append(message))
    await page.goto(served.link(**FRESH.claims()))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.reload()
    shift = await page.evaluate(
        """() => new Promise(done => {
          let sum = 0;
          new PerformanceObserver(list => list.getEntries().forEach(e => sum += e.value))
            .observe({type: 'layout-shift', buffered: true});
          requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
        })"""
    )
    assert (len(asked), shift) == (1, 0)
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_every_page_passes_axe(
    browser: Browser, served: Served, near: Near, size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    context = await browser.new_context(
        ignore_https_errors=True,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    await context.route("**/continue*", lambda route: route.fulfill(status=204))
    page, seen = await context.new_page(), []

    async def judge(name: str) -> None:
        found = (await Axe().run(page)).response["violations"]
        assert [(name, violation["id"], violation["nodes"][0]["html"]) for violation in found] == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        seen.append(name)

    claims = FRESH.claims()
    await page.goto(served.link(**claims))
    await judge("ask")
    await page.click("text=Use another number")
    await judge("number")
    await page.fill("#number", "+49 151 123")
    await page.click(".main")
    await judge("number again")
    await page.fill("#number", claims["phone"])
    await page.click(".main")
    await page.wait_for_selector("#code")
    await judge("code")
    for _ in range(4):
        await page.fill("#code", "000000")
        await page.click(".main")
        await page.wait_for_selector("[role=alert]")
    await judge("code again")
    await page.fill("#code", "000000")
    await page.click(".main")
    await page.wait_for_selector("text=one try too many")
    await judge("locked")
    await page.click("text=Go back to Acme")
    await page.wait_for_selector("#back")
    await judge("return")
    await page.goto(served.link(**FRESH.claims(), proven=made.OLD_MOBILE, skippable=True))
    await judge("old number")
    await page.goto(f"{served.url}/verify/{'A' * 22}")
    await judge("expired")
    await page.goto(f"{served.url}/nope")
    await judge("missing")
    assert len(seen) == 10
    await context.close()


async def test_pages_fit_a_small_phone_and_large_letters(page: Page, served: Served, near: Near) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    await to_code(page, served)
    # WCAG 1.4.4 and 1.4.10: letters twice as big, on the narrowest screen it names.
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in await page.locator("button").all():
        box = await button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320


async def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    page: Page, served: Served, near: Near
) -> None:
    await page.goto(served.link(**FRESH.claims()))
    reached = []
    for _ in range(5):
        await page.keyboard.press("Tab")
        focused = "document.activeElement"
        assert await page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
        reached.append(await page.evaluate(f"{focused}.textContent"))
    assert reached == ["Terms", "Privacy", "Text me a code", "Use another number", "Cancel"]


async def test_the_countdown_ends_in_a_button(page: Page, served: Served, near: Near) -> None:
    await to_code(page, served)
    button = page.locator(".resend button")
    assert re.fullmatch(r"Send a new code( \(0:0[123]\))?", await button.text_content() or "")
    assert await page.locator("[data-wait-hint]:visible").count() == 0
    await page.wait_for_selector(".resend button:enabled")
    # At once: the page's countdown may not end before the server's.
    await button.click()
    await page.wait_for_selector("#code")
    assert len(near.starts) == 2
    assert await page.locator("[role=alert]").count() == 0


async def test_a_double_click_sends_once(page: Page, served: Served, near: Near) -> None:
    await page.goto(served.link(**FRESH.claims()))
    await page.dblclick(".main")
    await page.wait_for_selector("#code")
    assert len(near.starts) == 1


async def test_without_scripts_everything_still_works(browser: Browser, served: Served, near: Near) -> None:
    near.pages["app.localhost/callback"] = "In"
    context = await browser.new_context(ignore_https_errors=True, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(served.link(**FRESH.claims()))
    await page.click(".main")
    await page.click("text=Send a new code")
    assert "You can ask for another one in" in (await page.text_content("[role=alert]") or "")
    await page.fill("#code", RIGHT)
    await page.click(".main")
    await page.click("text=Continue")
    await page.wait_for_url("**/callback")
    assert made.open_result(near.returned[0]["phone_result"])["outcome"] == "verified"
    await context.close()


async def sent_on(page: Page, near: Near) -> str:
    """What became of the way back to a native application: its address, or the browser's refusal."""
    near.pages["callback"] = "com.example.app://callback?code=x"
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    page.on("console", lambda message: found.append(message.text))
    await page.click(".main")
    for _ in range(500):
        for text in found:
            if text.startswith("com.example.app:") or "form-action" in text:
                return text
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def test_the_way_back_reaches_a_native_application(page: Page, served: Served, near: Near) -> None:
    await to_code(page, served)
    await page.fill("#code", RIGHT)
    assert await sent_on(page, near) == "com.example.app://callback?code=x"
    assert len(near.returned) == 1


async def test_a_policy_for_forms_would_keep_people_from_a_native_application(page: Page, near: Near) -> None:
    near.pages["app.localhost/strict"] = (
        "<meta http-equiv=Content-Security-Policy content=\"form-action 'self' https:\">"
        f"<form method=post action=https://login.localhost:{near.port}/continue><button class=main></form>"
    )
    await page.goto(f"https://app.localhost:{near.port}/strict")
    assert "form-action" in await sent_on(page, near)


async def test_f36_the_back_button_does_not_send_people_away_again(
    page: Page, served: Served, near: Near
) -> None:
    near.pages["app.localhost/callback"] = "In"
    await to_code(page, served)
    code_page = page.url
    await page.fill("#code", RIGHT)
    await page.click(".main")
    await page.wait_for_url("**/callback")
    await page.goto(code_page)
    assert "use the button to go on" in (await page.text_content(".lede") or "")
    assert len(near.returned) == 1
    assert len(near.starts) == 1


async def test_t16_no_other_site_can_frame_a_page(page: Page, served: Served, near: Near) -> None:
    near.pages["evil.localhost/frame"] = f"<iframe src='{served.link()}'></iframe>"
    await page.goto(f"https://evil.localhost:{near.port}/frame")
    frame = page.frames[1]
    assert not frame.url.startswith(f"{served.url}/verify/")
    assert "Verify your phone number" not in await frame.content()


async def test_t19_no_other_site_can_press_a_button(page: Page, served: Served, near: Near) -> None:
    await page.goto(served.link(**FRESH.claims()))
    csrf = await page.input_value("form[action$='/send'] [name=csrf]")
    near.pages["evil.localhost/post"] = (
        f"<form method=post action='{page.url}/send'><input name=csrf value='{csrf}'></form>"
        "<script>document.forms[0].submit()</script>"
    )
    async with page.expect_response(lambda response: response.url.endswith("/send")) as answered:
        await page.goto(f"https://evil.localhost:{near.port}/post")
    # A Lax cookie doesn't even come along: for the form, this is nobody's session.
    assert (await answered.value).status in (403, 410)
    assert near.starts == []


async def test_t51_a_sibling_cannot_plant_a_cookie(page: Page, served: Served, near: Near) -> None:
    near.pages["evil.localhost/plant"] = (
        "<script>document.cookie='__Host-phone-AAAAAAAAAAAAAAAAAAAAAA=x;domain=localhost;path=/;secure';</script>"
    )
    await page.goto(f"https://evil.localhost:{near.port}/plant")
    assert [c["name"] for c in await page.context.cookies(served.url)] == []


async def test_t15_hostile_texts_do_nothing_in_a_browser(page: Page, served: Served, near: Near) -> None:
    dialogs: list[str] = []
    complaints: list[str] = []

    async def dismiss(dialog: object) -> None:
        dialogs.append(str(dialog))

    page.on("dialog", dismiss)
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(served.link(sub="auth0|hostile", phone="<img src=x onerror=alert(1)>"))
    for text in ("<script>alert(1)</script>", '"><svg/onload=alert(1)>', "'onfocus=alert(1) autofocus='"):
        await page.fill("#number", text)
        await page.click(".main")
        assert await page.input_value("#number") == text[:32]
    assert dialogs == []
    assert complaints == []


async def test_a_popup_login_keeps_its_opener(context: BrowserContext, served: Served, near: Near) -> None:
    link = served.link(**FRESH.claims())
    near.pages["app.localhost/"] = (
        "<button onclick='w = window.open(link)'>Log in</button>"
        f"<script>var got; var link = {link!r}; onmessage = e => got = e.data</script>"
    )
    near.pages["app.localhost/callback"] = "<script>opener.postMessage('logged in', '*')</script>"
    opener = await context.new_page()
    await opener.goto(f"https://app.localhost:{near.port}/")
    async with context.expect_page() as opened:
        await opener.click("button")
    popup = await opened.value
    await popup.click(".main")
    await popup.fill("#code", RIGHT)
    await popup.click(".main")
    await opener.wait_for_function("() => got === 'logged in'")
    assert await opener.evaluate("w.closed") is False


async def test_colours_and_motion_follow_the_person(browser: Browser, served: Served, near: Near) -> None:
    backgrounds = set()
    for dark in (False, True):
        context = await browser.new_context(
            ignore_https_errors=True, color_scheme="dark" if dark else "light", reduced_motion="reduce"
        )
        page = await context.new_page()
        await page.goto(served.link(**FRESH.claims()))
        backgrounds.add(
            await page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor")
        )
        assert (
            await page.evaluate("getComputedStyle(document.querySelector('.main')).transitionDuration")
            == "0s"
        )
        await context.close()
    assert backgrounds == {"rgb(255, 255, 255)", "rgb(28, 32, 40)"}


def test_the_browser_is_where_the_tests_expect_it() -> None:
    assert Path(CHROMIUM).exists()
