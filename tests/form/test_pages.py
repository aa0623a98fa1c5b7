"""The pages themselves: what they weigh, what they contain, and what hostile text does to them."""

import base64
import gzip
import hashlib
import re
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from form.brand import contrast, dark_palette, light_palette
from form.texts import PROBLEMS, duration, one_of

from . import made
from .conftest import MakeSite, Site
from .phones import RIGHT, WRONG
from .visitor import Answer, Visitor

pytestmark = pytest.mark.anyio

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{7*7}}{% raw %}",
    "javascript:alert(1)",
    "</style><script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "&lt;b&gt;",
    "\u202e\u0000",
]


async def every_page(site: Site, **claims: Any) -> dict[str, Answer]:
    visitor = site.visitor()
    pages = {"ask": await visitor.open(**claims)}
    pages["number"] = await visitor.press("number")
    pages["number again"] = await visitor.press("send", number="+49 151 123")
    pages["code"] = await visitor.press("send", number=made.MOBILE)
    pages["code again"] = await visitor.press("check", code=WRONG)
    for _ in range(4):
        pages["locked"] = await visitor.press("check", code=WRONG)
    pages["return"] = await visitor.press("give-up")
    pages["returned"] = await visitor.reload()
    pages["missing"] = await visitor.get("/nope")
    pages["expired"] = await visitor.get("/verify/" + "A" * 22)
    return pages


async def test_pages_weigh_less_than_one_round_trip(site: Site) -> None:
    for name, answer in (await every_page(site)).items():
        assert len(answer.body) <= 14 * 1024, name
        assert len(gzip.compress(answer.body)) <= 4 * 1024, name
        assert sum(len(key) + len(value) + 4 for key, value in answer.headers) < 4 * 1024


async def test_pages_need_nothing_but_themselves(site: Site) -> None:
    for name, answer in (await every_page(site)).items():
        for tag, attributes in answer.page.tags:
            assert tag not in ("link", "img", "iframe", "object", "embed", "base", "video", "audio"), name
            assert "src" not in attributes
            assert "style" not in attributes
            assert not any(attribute.startswith("on") for attribute in attributes)
        assert "url(" not in answer.text
        assert "@import" not in answer.text


async def test_the_policy_names_exactly_what_is_on_the_page(site: Site) -> None:
    for answer in (await every_page(site)).values():
        policy = answer.header("content-security-policy")
        for kind, texts in (("style", answer.page.styles), ("script", answer.page.scripts)):
            for text in texts:
                digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
                assert re.search(rf"{kind}-src 'sha256-{re.escape(digest)}'(;|$)", policy)
        assert len(answer.page.styles) == 1
        assert len(answer.page.scripts) <= 1


async def test_every_page_is_a_whole_document(site: Site) -> None:
    for answer in (await every_page(site)).values():
        tags = [tag for tag, _ in answer.page.tags]
        assert answer.text.startswith("<!doctype html>\n<html lang=")
        assert answer.header("content-type") == "text/html; charset=utf-8"
        assert (tags.count("h1"), tags.count("main"), tags.count("title")) == (1, 1, 1)
        for form in answer.page.forms:
            assert form.method == "post"


async def test_problems_are_announced(site: Site) -> None:
    pages = await every_page(site)
    for name in ("number again", "code again", "locked"):
        assert pages[name].page.alert
        assert "<title>Problem: " in pages[name].text
    for name in ("ask", "number", "code"):
        assert pages[name].page.alert == ""


async def test_the_code_field_helps_the_person(site: Site, visitor: Visitor) -> None:
    await visitor.open()
    await visitor.press("send")
    (field,) = [attributes for tag, attributes in visitor.page.tags if attributes.get("name") == "code"]
    assert field["autocomplete"] == "one-time-code"
    assert field["inputmode"] == "numeric"
    assert "autofocus" in field
    assert ("label", {"for": field["id"]}) in visitor.page.tags


async def test_the_number_field_helps_the_person(visitor: Visitor) -> None:
    await visitor.open(phone=None)
    (field,) = [attributes for tag, attributes in visitor.page.tags if attributes.get("name") == "number"]
    assert (field["type"], field["autocomplete"], field["inputmode"]) == ("tel", "tel", "tel")


async def test_terms_and_privacy_open_beside_the_page(visitor: Visitor) -> None:
    await visitor.open()
    links = [attributes for tag, attributes in visitor.page.tags if tag == "a"]
    assert [link["href"] for link in links] == ["https://example.com/terms", "https://example.com/privacy"]
    assert {link["rel"] for link in links} == {"noopener noreferrer"}


async def test_a_stage_without_terms_shows_no_links(make_site: MakeSite) -> None:
    visitor = make_site(consent={"termsUrl": None, "privacyUrl": None}).visitor()
    await visitor.open()
    assert not [tag for tag, _ in visitor.page.tags if tag == "a"]


def assert_harmless(answer: Answer, own_scripts: int) -> None:
    assert len(answer.page.scripts) == own_scripts
    for tag, attributes in answer.page.tags:
        assert tag != "img"
        assert not any(attribute.startswith("on") for attribute in attributes)
        for attribute in ("href", "action", "formaction", "src"):
            assert not attributes.get(attribute, "").lower().startswith("javascript:")


@pytest.mark.parametrize("payload", HOSTILE)
async def test_t15_hostile_text_stays_text(make_site: MakeSite, payload: str) -> None:
    shown = payload.replace("\0", "")
    site = make_site(brand={"name": shown[:60], "color": "#0b5fff"}, consent={"text": shown})
    visitor = site.visitor()
    headers = {"user_agent": payload.encode("ascii", "replace").decode(), "accept_language": "<script>"}
    token = made.request_token(sub=payload, phone=payload[:32])
    await visitor.get(f"/verify?phone_request={token}&state=s", **headers)
    assert_harmless(visitor.answer, 1)
    await visitor.press("send", number=payload)
    assert_harmless(visitor.answer, 1)
    assert visitor.page.form("/send").fields["number"] == payload[:32]
    await visitor.press("send", number=made.MOBILE)
    await visitor.press("check", code=payload)
    assert_harmless(visitor.answer, 1)
    await visitor.press("give-up")
    assert_harmless(visitor.answer, 1)
    for path in ("/" + payload.replace("?", ""), "/verify/x"):
        assert_harmless(await visitor.send("GET", path.encode("ascii", "replace").decode()), 0)


@pytest.mark.parametrize("payload", [p for p in HOSTILE if p.isascii()])
async def test_t15_a_hostile_state_stays_in_its_attribute(visitor: Visitor, payload: str) -> None:
    await visitor.open(state=payload)
    await visitor.press("give-up")
    assert_harmless(visitor.answer, 1)
    assert len(visitor.page.forms) == 1


@pytest.mark.parametrize("length", range(8, 16))
async def test_t27_a_number_is_never_shown_beyond_its_end(site: Site, length: int) -> None:
    national = "5550123456789"[: length - 1]
    number = f"+1{national}"
    visitor = site.visitor()
    await visitor.open(flow="action", phone=number)
    assert f"ending in {number[-2:]}" in visitor.page.said
    assert not re.search(re.escape(number[-3:]) + r"(?!\w)", visitor.answer.text)


async def test_t27_no_page_shows_the_number_on_file(site: Site) -> None:
    visitor = site.visitor()
    pages = [await visitor.open(), await visitor.press("send"), await visitor.press("check", code=WRONG)]
    pages.append(await visitor.press("number"))
    for answer in pages:
        assert not re.search(
            r"0123|5550|1415", re.sub(r"<style>.*?</style>", "", answer.text, flags=re.DOTALL)
        )


async def test_t26_a_number_in_use_looks_like_any_other(site: Site) -> None:
    async def page_after_sending(sub: str) -> bytes:
        visitor = site.visitor()
        await visitor.open(sub=sub, phone=None)
        token = visitor.page.form("/send").fields["csrf"]
        await visitor.press("send", number=made.MOBILE)
        return visitor.answer.body.replace(token.encode(), b"").replace(visitor.at.encode(), b"")

    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        assert await page_after_sending("auth0|one") == await page_after_sending("auth0|two")


async def test_t26_a_wrong_code_says_the_same_for_everybody(site: Site) -> None:
    said = set()
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        for number in (made.MOBILE, "+12125550123", "+447700900123"):
            visitor = site.visitor()
            await visitor.open(phone=number, sub=f"auth0|{number}")
            await visitor.press("send")
            await visitor.press("check", code=WRONG)
            said.add((visitor.answer.status, visitor.page.said, visitor.page.alert))
    assert len(said) == 1


async def test_t26_wrong_codes_take_the_same_time_whatever_the_number(site: Site) -> None:
    import statistics
    import time

    medians = []
    for number in (made.MOBILE, made.OTHER_MOBILE):
        visitor = site.visitor()
        await visitor.open(phone=number)
        await visitor.press("send")
        form = visitor.page.form("/check")
        taken = []
        for _ in range(200):
            started = time.perf_counter()
            await visitor.post(form.action, {**form.fields, "code": "12345"})
            taken.append(time.perf_counter() - started)
        medians.append(statistics.median(taken))
    assert abs(medians[0] - medians[1]) < 0.002


colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
LIGHT, DARK = (["#ffffff", "#f6f7f9"], ["#1c2028", "#242933"])


def channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@given(colours)
def test_any_brand_colour_can_be_read(colour: str) -> None:
    for palette, surfaces in ((light_palette(colour), LIGHT), (dark_palette(colour), DARK)):
        assert contrast(channels(palette.on_fill), channels(palette.fill)) >= 4.5
        for surface in surfaces:
            assert contrast(channels(palette.accent), channels(surface)) >= 4.5
            assert contrast(channels(palette.edge), channels(surface)) >= 3


def test_a_readable_brand_colour_is_left_alone() -> None:
    palette = light_palette("#0b5fff")
    assert palette.fill == palette.edge == palette.accent == "#0b5fff"


async def test_the_style_holds_the_surfaces_that_the_colours_are_made_for(visitor: Visitor) -> None:
    await visitor.open()
    (style,) = visitor.page.styles
    for surface, name in (("#f6f7f9", "--well"), ("#242933", "--well"), ("#1c2028", "--card")):
        assert f"{name}:{surface}" in style


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (90, "90 seconds"),
        (91, "2 minutes"),
        (600, "10 minutes"),
        (601, "10 minutes"),
        (606, "11 minutes"),
        (5400, "90 minutes"),
        (5401, "2 hours"),
        (86400, "24 hours"),
        (129601, "2 days"),
        (2552000, "30 days"),
    ],
)
def test_waits_are_said_as_people_say_them(seconds: int, words: str) -> None:
    assert duration(seconds) == words


def test_lists_are_said_as_people_say_them() -> None:
    assert one_of(["+1"]) == "+1"
    assert one_of(["+1", "+44"]) == "+1 or +44"
    assert one_of(["+1", "+44", "+49"]) == "+1, +44 or +49"
    assert one_of([f"+{n}" for n in range(1, 12)]) == "+1, +2, +3, +4, +5, +6, +7, +8 and others"


def test_texts_are_sentences() -> None:
    for text in PROBLEMS.values():
        assert text[0].isupper()
        assert text.endswith((".", "!"))
        assert len(text) <= 110


async def test_the_way_back_works_without_scripts(visitor: Visitor) -> None:
    await visitor.open()
    await visitor.press("send")
    await visitor.press("check", code=RIGHT)
    assert ("button", {"class": "main"}) in visitor.page.tags
    assert "Continue" in visitor.page.said
