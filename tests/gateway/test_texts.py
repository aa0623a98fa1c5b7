"""What may be sent: how many SMS a text takes, which characters it may have, and which shapes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.texts import GSM, GSM_EXTENSION, Texts, compile_pattern, segments

from .conftest import MakeSite
from .site import Site

pytestmark = pytest.mark.anyio

CODE = "Your code is {code}"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # two places each
        ("€" * 81, 2),
        ("é" * 160, 1),
        ("ê", 1),
        ("ê" * 70, 1),  # not in GSM: UCS-2
        ("ê" * 71, 2),
        ("ê" * 134, 2),
        ("ê" * 135, 3),
        ("😀" * 35, 1),  # two UTF-16 units each
        ("😀" * 36, 2),
        ("a" * 69 + "ê", 1),
        ("a" * 70 + "ê", 2),
    ],
)
def test_a_text_takes_so_many_messages(text: str, count: int) -> None:
    assert segments(text) == count


def test_the_alphabet_is_that_of_the_standard() -> None:
    assert len(GSM) == 127  # 128 places, one of them the escape to the extension
    assert len(GSM_EXTENSION) == 10
    assert not GSM & GSM_EXTENSION
    assert "`" not in GSM


@given(st.text(max_size=400))
def test_a_longer_text_never_takes_fewer(text: str) -> None:
    assert segments(text) <= segments(text + "a")


async def test_t39_two_messages_at_most_unless_the_stage_says_more(make_site: MakeSite) -> None:
    site, more = make_site(), make_site(segments=3)
    assert (await site.sms(body="a" * 306)).status == 200
    reply = await site.sms(body="a" * 307)
    assert (reply.status, reply.error) == (422, "body_refused")
    assert site.logged("sms")[-1]["reason"] == "long"
    assert (await more.sms(body="a" * 307)).status == 200


CONTROLS = [chr(n) for n in (*range(0x20), *range(0x7F, 0xA0)) if chr(n) not in "\t\n\r"]


@pytest.mark.parametrize("character", [*CONTROLS, "\u2028", "\u2029", chr(0xD800), chr(0xDFFF)], ids=ascii)
async def test_t40_control_characters_are_refused(site: Site, character: str) -> None:
    reply = await site.sms(body=f"Your code is 482913{character}")
    assert (reply.status, reply.error) == (422, "body_refused")
    assert site.sent == []


@pytest.mark.parametrize(
    "text",
    [
        "Your code is 482913\r\nBcc: +14155550199",
        "a\tb",
        "&to=+1900&x=%0d%0a",
        '"}],"to":"+1900',
        "ملف 482913",
    ],
)
async def test_t40_what_is_text_arrives_as_it_was(make_site: MakeSite, text: str) -> None:
    site = make_site()
    assert (await site.sms(body=text)).status == 200
    assert site.sent == [("+14155550123", text)]


@pytest.mark.parametrize("text", ["", " ", "\n", "\r\n\t"])
async def test_a_text_without_a_word_is_refused(site: Site, text: str) -> None:
    assert (await site.sms(body=text)).error == "body_refused"


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("Your code is 482913", True),
        ("Your code is 48291", False),
        ("Your code is 4829133", False),
        ("Your code is ٤٨٢٩١٣", False),
        ("your code is 482913", False),
        ("Your code is 482913 ", False),
        ("Your code is 482913\n", False),
        ("x Your code is 482913", False),
        ("Your code is 482913. See https://evil.example", False),
        ("Win a prize at evil.example", False),
    ],
)
async def test_t39_a_stolen_token_is_no_open_relay(make_site: MakeSite, text: str, passes: bool) -> None:
    site = make_site(patterns=[CODE])
    assert (await site.sms(body=text)).status == (200 if passes else 422)


@pytest.mark.parametrize(
    ("place", "passes"),
    [
        ("Acme", True),
        ("Acme Inc.", True),
        ("Müller & Söhne", True),
        ("ملف", True),
        ("", True),
        ("a" * 60, True),
        ("a" * 61, False),
        ("evil.example", False),
        ("evil.example/x", False),
        ("https://evil", False),
        ("evil:80", False),
        ("a@b", False),
        ("a\nb", False),
        ("1.1.1.1", False),
    ],
)
def test_t39_a_place_for_text_takes_no_link(place: str, passes: bool) -> None:
    shape = compile_pattern("{code} is your code for {text}", 6)
    assert bool(shape.fullmatch(f"482913 is your code for {place}")) is passes


def test_patterns_are_alternatives_and_literal() -> None:
    texts = Texts([compile_pattern(p, 4) for p in ("[{code}] (*)", "{text}: {code}?")], 2)
    assert texts.fault("[1234] (*)") is None
    assert texts.fault("Acme: 1234?") is None
    assert texts.fault("[1234] (****)") == "pattern"
    assert texts.fault("Acme: 1234") == "pattern"


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{Code}", "knows {code} and {text}, not {Code}"),
        ("{code} {link}", "not {link}"),
        ("{}", "not {}"),
        ("{text}{text}{text}{text}", "3 times at most"),
    ],
)
def test_a_pattern_that_means_nothing_is_told(pattern: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        compile_pattern(pattern, 6)


def test_a_hostile_text_costs_a_pattern_no_time() -> None:
    shape = compile_pattern("{text}a{text}b{text}c", 6)
    assert shape.fullmatch("a" * 153 + "b" * 153) is None  # returns at all: three places are bounded
