"""The handset: messages for people as they arrive, and for tests as JSON; for no other site at all."""

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from sandbox.faults import Fault
from sandbox.handset.inbox import Message, number, spaced
from sandbox.testing import RunningSandbox

NUMBER = "+447700900123"
OTHER_NUMBER = "+14155550123"
SCHEMES = ("light", "dark")
WIDTHS = (360, 1280)
DIGITS = r'class="digits">(\d+)<'


class Handset:
    """The running handset, and what is sent to it."""

    def __init__(self, running: RunningSandbox) -> None:
        self.running = running
        self.sandbox = running.sandbox
        self.url = running.addresses.handset
        self.http = running.session()
        # The browser's name for it is no name the test's resolver needs to know.
        self.local = self.url.replace("handset.localhost", "localhost")

    def send(self, code: str = "482913", to: str = NUMBER, /, **fields: Any) -> int:
        message = {
            "to": to,
            "from": "Acme",
            "body": f"Your Acme verification code is: {code}. Don't share it with anyone.",
            "channel": "sms",
            "at": self.sandbox.clock.iso(),
        }
        return self.sandbox.store.append("messages", message | fields)

    def get(self, path: str = "/", **options: Any) -> requests.Response:
        return self.http.get(self.local + path, **options)

    def messages(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/messages{query}").json()["messages"]
        return found


@pytest.fixture
def handset(running_sandbox: RunningSandbox) -> Iterator[Handset]:
    handset = Handset(running_sandbox)
    with handset.http:
        yield handset


# JSON


def test_an_empty_log_is_an_empty_list(handset: Handset) -> None:
    assert handset.get("/messages").json() == {"messages": [], "latest": 0}


def test_a_message_has_exactly_these_members(handset: Handset) -> None:
    sequence = handset.send("482913", at="2026-01-01T09:30:00.000Z")
    (message,) = handset.messages()
    assert message == {
        "sequence": sequence,
        "to": NUMBER,
        "from": "Acme",
        "body": "Your Acme verification code is: 482913. Don't share it with anyone.",
        "channel": "sms",
        "code": "482913",
        "at": "2026-01-01T09:30:00.000Z",
    }


def test_messages_come_the_oldest_first(handset: Handset) -> None:
    sent = [handset.send(code) for code in ("111111", "222222", "333333")]
    assert [message["sequence"] for message in handset.messages()] == sent


@pytest.mark.parametrize("query", ["?to=%2B447700900123", "?to=+447700900123", "?to=447700900123"])
def test_messages_are_filtered_by_number_however_its_plus_is_written(handset: Handset, query: str) -> None:
    handset.send("111111")
    handset.send("222222", OTHER_NUMBER)
    assert [message["code"] for message in handset.messages(query)] == ["111111"]


def test_since_gives_only_what_came_later(handset: Handset) -> None:
    first, second = handset.send("111111"), handset.send("222222")
    assert [message["sequence"] for message in handset.messages(f"?since={first}")] == [second]
    assert handset.messages(f"?since={second}") == []


def test_wait_answers_as_soon_as_a_message_arrives(handset: Handset) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(handset.messages, f"?to={NUMBER}&wait=20")
        handset.send("111111", OTHER_NUMBER)
        sequence = handset.send("222222")
        assert [message["sequence"] for message in waiting.result(10)] == [sequence]


def test_wait_gives_up_after_its_seconds(handset: Handset) -> None:
    began = time.monotonic()
    assert handset.messages("?wait=0.3") == []
    assert 0.3 <= time.monotonic() - began < 5


def test_wait_does_not_hold_back_what_is_there_already(handset: Handset) -> None:
    handset.send("111111")
    began = time.monotonic()
    assert len(handset.messages("?wait=20")) == 1
    assert time.monotonic() - began < 5


def test_wait_ends_when_the_log_is_emptied(handset: Handset) -> None:
    sequence = handset.send("111111")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: handset.get(f"/messages?since={sequence}&wait=20").json())
        handset.running.reset()
        assert waiting.result(10) == {"messages": [], "latest": 0}


@pytest.mark.parametrize("wait", ["-1", "nan", "0"])
def test_a_wait_that_is_none_answers_at_once(handset: Handset, wait: str) -> None:
    assert handset.messages(f"?wait={wait}") == []


@pytest.mark.parametrize("query", ["since=x", "wait=soon", "since=1.5", "since=", "wait="])
def test_what_is_no_number_is_refused_in_words(handset: Handset, query: str) -> None:
    response = handset.get(f"/messages?{query}")
    assert response.status_code == 400
    assert response.json() == {"error": "since and wait must be numbers."}


@pytest.mark.parametrize("since", ["-5", "99999999999999999999999"])
def test_a_since_out_of_range_is_no_server_error(handset: Handset, since: str) -> None:
    handset.send()
    response = handset.get(f"/messages?since={since}")
    assert response.status_code == 200
    assert len(response.json()["messages"]) == (since == "-5")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("Your Acme verification code is: 123456. Don't share it.", "123456"),
        ("1234 is your code", "1234"),
        ("Code:0012345678", "0012345678"),
        ("G-123456 is your code", "123456"),
        ("Call +14155550123 for help", None),
        ("Order A123456 has shipped", None),
        ("In 123 days", None),
        ("12345678901", None),
        ("", None),
    ],
)
def test_a_code_is_what_a_phone_would_offer_to_fill_in(body: str, code: str | None) -> None:
    assert Message.from_doc(1, {"to": NUMBER, "from": "A", "body": body, "at": "now"}).code == code


def test_the_senders_own_word_on_the_code_wins() -> None:
    doc = {"to": NUMBER, "from": None, "body": "1, 2, 3, 4", "channel": "call", "code": "1234", "at": "now"}
    message = Message.from_doc(1, doc)
    assert (message.code, message.sender, message.channel) == ("1234", "Unknown", "call")


@pytest.mark.parametrize(
    ("given", "expected"),
    [(" 447700900123", NUMBER), ("+44 7700 (900)-123", NUMBER), (None, None), ("", None), ("+", None)],
)
def test_numbers_in_queries_are_read_leniently(given: str | None, expected: str | None) -> None:
    assert number(given) == expected


@pytest.mark.parametrize(
    ("given", "shown"), [(NUMBER, "+44 7700 900123"), ("+1", "+1"), ("<b>", "<b>"), ("+999123", "+999123")]
)
def test_numbers_are_shown_as_their_country_writes_them(given: str, shown: str) -> None:
    assert spaced(given) == shown


# The page


def test_without_messages_the_page_says_what_to_do(handset: Handset) -> None:
    text = handset.get().text
    assert "No messages yet" in text
    assert f'href="{handset.sandbox.addresses.app}/"' in text


def test_a_message_is_grouped_under_its_number_the_latest_number_first(handset: Handset) -> None:
    handset.send("111111")
    handset.send("222222", OTHER_NUMBER)
    handset.send("333333")
    text = handset.get().text
    assert re.findall(r"<h2 [^>]*>([^<]+)</h2>", text) == ["+44 7700 900123", "+1 415-555-0123"]
    assert re.findall(DIGITS, text) == ["333333", "111111", "222222"]


@pytest.mark.parametrize("query", ["?number=+447700900123", "?number=%2B447700900123"])
def test_the_page_can_show_one_number_alone(handset: Handset, query: str) -> None:
    handset.send("111111")
    handset.send("222222", OTHER_NUMBER)
    text = handset.get(f"/{query}").text
    assert re.findall(DIGITS, text) == ["111111"]
    assert "/?number=%2B14155550123" in text
    assert "<title>+44 7700 900123 · Handset</title>" in text


def test_a_number_without_messages_is_told_apart_from_an_empty_log(handset: Handset) -> None:
    handset.send("111111", OTHER_NUMBER)
    text = handset.get(f"/?number={NUMBER}").text
    assert "Nothing has arrived for this number yet." in text
    assert "111111" not in text


def test_t15_nothing_in_a_message_becomes_markup(handset: Handset) -> None:
    nasty = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{12345*6789}}'
    handset.send("1", nasty, body=nasty, channel=nasty, code=nasty, **{"from": nasty, "at": nasty})
    for path in ("/", "/?number=" + quote(nasty), "/nowhere/" + quote(nasty)):
        text = handset.get(path).text
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "83810205" not in text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/messages", 200),
        ("GET", "/messages?since=x", 400),
        ("GET", "/nowhere", 404),
        ("POST", "/", 405),
        ("DELETE", "/messages", 405),
    ],
)
def test_t16_t18_every_answer_is_private(handset: Handset, method: str, path: str, status: int) -> None:
    response = handset.http.request(method, handset.local + path, headers={"Origin": "https://evil.example"})
    assert response.status_code == status
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert not [name for name in response.headers if name.lower().startswith("access-control-")]
    assert "server" not in response.headers


def test_the_policy_allows_exactly_the_pages_own_style_and_script(handset: Handset) -> None:
    response = handset.get()
    for tag in ("style", "script"):
        (inline,) = re.findall(rf"<{tag}>(.*?)</{tag}>", response.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in response.headers["content-security-policy"]
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\sstyle=|\son[a-z]+=", response.text)


# In a browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield browser
        browser.close()


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
