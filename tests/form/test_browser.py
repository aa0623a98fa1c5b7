"""The form in a real browser: looks, keyboard, accessibility, and what only a browser enforces."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page

from . import made
from .neighbours import RIGHT, running_neighbours
from .neighbours import Neighbours as Near
from .served import Served, serving

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
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(ignore_https_errors=True, viewport={"width": 360, "height": 740})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def to_code(page: Page, served: Served) -> None:
    page.goto(served.link(**FRESH.claims()))
    page.click(".main")
    page.wait_for_selector("#code")


def test_a_person_verifies_and_lands_in_the_application(page: Page, served: Served, near: Near) -> None:
    near.pages["app.localhost/callback"] = "<title>In</title>Logged in"
    to_code(page, served)
    assert page.evaluate("document.activeElement.id") == "code"
    page.keyboard.type(RIGHT)
    page.keyboard.press("Enter")
    page.wait_for_url("**/callback")
    assert page.title() == "In"
    (returned,) = near.returned
    assert (returned["method"], returned["state"]) == ("POST", made.STATE)
    assert made.open_result(returned["phone_result"])["outcome"] == "verified"


def test_t17_nothing_leaks_on_the_way(page: Page, served: Served, near: Near) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    near.pages["app.localhost/callback"] = "In"
    to_code(page, served)
    assert all(url.startswith(served.url) for url in asked)
    assert "phone_request" not in page.url
    assert re.fullmatch(rf"{served.url}/verify/[A-Za-z0-9_-]{{22}}", page.url)
    assert "phone_request" not in page.evaluate(SEEN_BY_SCRIPTS)
    page.fill("#code", RIGHT)
    page.click(".main")
    page.wait_for_url("**/callback")
    met = {path.partition("?")[0]: headers for _, path, headers in near.requests}
    assert "Referer" not in met["/continue"]
    assert "Referer" not in met["/callback"]


def test_a_page_is_one_request_without_errors_or_shifts(page: Page, served: Served, near: Near) -> None:
    complaints: list[ConsoleMessage] = []
    page.on("console", lambda message: complaints.append(message))
    page.goto(served.link(**FRESH.claims()))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    shift = page.evaluate(
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
def test_every_page_passes_axe(chromium: Browser, served: Served, near: Near, size: str, scheme: str) -> None:
    width, height = SIZES[size]
    context = chromium.new_context(
        ignore_https_errors=True,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    context.route("**/continue*", lambda route: route.fulfill(status=204))
    page, seen = context.new_page(), []

    def judge(name: str) -> None:
        found = Axe().run(page).response["violations"]
        assert [(name, violation["id"], violation["nodes"][0]["html"]) for violation in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        seen.append(name)

    claims = FRESH.claims()
    page.goto(served.link(**claims))
    judge("ask")
    page.click("text=Use another number")
    judge("number")
    page.fill("#number", "+49 151 123")
    page.click(".main")
    judge("number again")
    page.fill("#number", claims["phone"])
    page.click(".main")
    page.wait_for_selector("#code")
    judge("code")
    for _ in range(4):
        page.fill("#code", "000000")
        page.click(".main")
        page.wait_for_selector("[role=alert]")
    judge("code again")
    page.fill("#code", "000000")
    page.click(".main")
    page.wait_for_selector("text=one try too many")
    judge("locked")
    page.click("text=Go back to Acme")
    page.wait_for_selector("#back")
    judge("return")
    page.goto(served.link(**FRESH.claims(), proven=made.OLD_MOBILE, skippable=True))
    judge("old number")
    page.goto(f"{served.url}/verify/{'A' * 22}")
    judge("expired")
    page.goto(f"{served.url}/nope")
    judge("missing")
    assert len(seen) == 10
    context.close()


def test_pages_fit_a_small_phone_and_large_letters(page: Page, served: Served, near: Near) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    to_code(page, served)
    # WCAG 1.4.4 and 1.4.10: letters twice as big, on the narrowest screen it names.
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in page.locator("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320


def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    page: Page, served: Served, near: Near
) -> None:
    page.goto(served.link(**FRESH.claims()))
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        focused = "document.activeElement"
        assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
        reached.append(page.evaluate(f"{focused}.textContent"))
    assert reached == ["Terms", "Privacy", "Text me a code", "Use another number", "Cancel"]


def test_the_countdown_ends_in_a_button(page: Page, served: Served, near: Near) -> None:
    to_code(page, served)
    button = page.locator(".resend button")
    assert re.fullmatch(r"Send a new code( \(0:0[123]\))?", button.text_content() or "")
    assert page.locator("[data-wait-hint]:visible").count() == 0
    page.wait_for_selector(".resend button:enabled")
    # At once: the page's countdown may not end before the server's.
    button.click()
    page.wait_for_selector("#code")
    assert len(near.starts) == 2
    assert page.locator("[role=alert]").count() == 0


def test_a_double_click_sends_once(page: Page, served: Served, near: Near) -> None:
    page.goto(served.link(**FRESH.claims()))
    page.dblclick(".main")
    page.wait_for_selector("#code")
    assert len(near.starts) == 1


def test_without_scripts_everything_still_works(chromium: Browser, served: Served, near: Near) -> None:
    near.pages["app.localhost/callback"] = "In"
    context = chromium.new_context(ignore_https_errors=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(served.link(**FRESH.claims()))
    page.click(".main")
    page.click("text=Send a new code")
    assert "You can ask for another one in" in (page.text_content("[role=alert]") or "")
    page.fill("#code", RIGHT)
    page.click(".main")
    page.click("text=Continue")
    page.wait_for_url("**/callback")
    assert made.open_result(near.returned[0]["phone_result"])["outcome"] == "verified"
    context.close()


NATIVE = "com.example.app://callback?code=x"


def test_the_way_back_reaches_a_native_application(page: Page, served: Served, near: Near) -> None:
    near.pages["callback"] = NATIVE
    to_code(page, served)
    page.fill("#code", RIGHT)
    with page.expect_request(lambda request: request.url.startswith("com.example.app:")) as sent:
        page.click(".main")
    assert sent.value.url == NATIVE
    assert len(near.returned) == 1


def test_a_policy_for_forms_would_keep_people_from_a_native_application(page: Page, near: Near) -> None:
    near.pages["callback"] = NATIVE
    near.pages["app.localhost/strict"] = (
        "<meta http-equiv=Content-Security-Policy content=\"form-action 'self' https:\">"
        f"<form method=post action=https://login.localhost:{near.port}/continue><button class=main></form>"
    )
    page.goto(f"https://app.localhost:{near.port}/strict")
    with page.expect_console_message(lambda message: "form-action" in message.text):
        page.click(".main")


def test_f36_the_back_button_does_not_send_people_away_again(page: Page, served: Served, near: Near) -> None:
    near.pages["app.localhost/callback"] = "In"
    to_code(page, served)
    code_page = page.url
    page.fill("#code", RIGHT)
    page.click(".main")
    page.wait_for_url("**/callback")
    page.goto(code_page)
    assert "use the button to go on" in (page.text_content(".lede") or "")
    assert len(near.returned) == 1
    assert len(near.starts) == 1


def test_t16_no_other_site_can_frame_a_page(page: Page, served: Served, near: Near) -> None:
    near.pages["evil.localhost/frame"] = f"<iframe src='{served.link()}'></iframe>"
    page.goto(f"https://evil.localhost:{near.port}/frame")
    frame = page.frames[1]
    assert not frame.url.startswith(f"{served.url}/verify/")
    assert "Verify your phone number" not in frame.content()


def test_t19_no_other_site_can_press_a_button(page: Page, served: Served, near: Near) -> None:
    page.goto(served.link(**FRESH.claims()))
    csrf = page.input_value("form[action$='/send'] [name=csrf]")
    near.pages["evil.localhost/post"] = (
        f"<form method=post action='{page.url}/send'><input name=csrf value='{csrf}'></form>"
        "<script>document.forms[0].submit()</script>"
    )
    with page.expect_response(lambda response: response.url.endswith("/send")) as answered:
        page.goto(f"https://evil.localhost:{near.port}/post")
    # A Lax cookie doesn't even come along: for the form, this is nobody's session.
    assert answered.value.status in (403, 410)
    assert near.starts == []


def test_t51_a_sibling_cannot_plant_a_cookie(page: Page, served: Served, near: Near) -> None:
    near.pages["evil.localhost/plant"] = (
        "<script>document.cookie='__Host-phone-AAAAAAAAAAAAAAAAAAAAAA=x;domain=localhost;path=/;secure';</script>"
    )
    page.goto(f"https://evil.localhost:{near.port}/plant")
    assert [c["name"] for c in page.context.cookies(served.url)] == []


def test_t15_hostile_texts_do_nothing_in_a_browser(page: Page, served: Served, near: Near) -> None:
    dialogs: list[str] = []
    complaints: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(served.link(sub="auth0|hostile", phone="<img src=x onerror=alert(1)>"))
    for text in ("<script>alert(1)</script>", '"><svg/onload=alert(1)>', "'onfocus=alert(1) autofocus='"):
        page.fill("#number", text)
        page.click(".main")
        assert page.input_value("#number") == text[:32]
    assert dialogs == []
    assert complaints == []


def test_a_popup_login_keeps_its_opener(context: BrowserContext, served: Served, near: Near) -> None:
    link = served.link(**FRESH.claims())
    near.pages["app.localhost/"] = (
        "<button onclick='w = window.open(link)'>Log in</button>"
        f"<script>var got; var link = {link!r}; onmessage = e => got = e.data</script>"
    )
    near.pages["app.localhost/callback"] = "<script>opener.postMessage('logged in', '*')</script>"
    opener = context.new_page()
    opener.goto(f"https://app.localhost:{near.port}/")
    with context.expect_page() as opened:
        opener.click("button")
    popup = opened.value
    popup.click(".main")
    popup.fill("#code", RIGHT)
    popup.click(".main")
    opener.wait_for_function("() => got === 'logged in'")
    assert opener.evaluate("w.closed") is False


def test_colours_and_motion_follow_the_person(chromium: Browser, served: Served, near: Near) -> None:
    backgrounds = set()
    for dark in (False, True):
        context = chromium.new_context(
            ignore_https_errors=True, color_scheme="dark" if dark else "light", reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(served.link(**FRESH.claims()))
        backgrounds.add(page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor"))
        assert page.evaluate("getComputedStyle(document.querySelector('.main')).transitionDuration") == "0s"
        context.close()
    assert backgrounds == {"rgb(255, 255, 255)", "rgb(28, 32, 40)"}
