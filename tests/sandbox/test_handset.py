"""The handset: messages for people as they arrive, and for tests as JSON; for no other site at all."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from sandbox.handset.inbox import Message, number, spaced

from .handset_driver import NUMBER, OTHER_NUMBER, Handset
from .page_policy import assert_allows_inline

DIGITS = r'class="digits">(\d+)<'


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
    assert_allows_inline(response, "style", "script")
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\sstyle=|\son[a-z]+=", response.text)
