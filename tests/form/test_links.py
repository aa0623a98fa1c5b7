"""The link from the login: which tokens open the form."""

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import made
from .conftest import MakeSite, Site
from .phones import RIGHT
from .visitor import Visitor

pytestmark = pytest.mark.anyio


INFO, TYP = "auth0-phone/request/v1", "phone-request+jwe"
HEAD = {"alg": "dir", "enc": "A256GCM", "typ": TYP}


async def refused(visitor: Visitor, token: str, status: int = 400, state: str = made.STATE) -> bool:
    answer = await visitor.open(token, state=state)
    assert visitor.cookies == {}
    assert not visitor.page.forms
    return answer.status == status


async def test_the_token_leaves_the_address_at_once(visitor: Visitor) -> None:
    token = made.request_token()
    answer = await visitor.send("GET", "/verify?" + urlencode({"phone_request": token, "state": made.STATE}))
    assert answer.status == 303
    location = answer.header("location")
    assert location.startswith("/verify/")
    assert "?" not in location
    assert token not in answer.text
    assert len(answer.all("set-cookie")) == 1


async def test_t02_opening_the_link_again_sends_nothing(site: Site) -> None:
    token = made.request_token()
    for _ in range(20):
        assert (await site.visitor().open(token)).status == 200
    assert site.phones.sent == []


async def test_t02_with_consent_at_sign_up_the_link_sends_once(make_site: MakeSite) -> None:
    site = make_site(consent={"mode": "at-sign-up"}, resendSeconds=1)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        token = made.request_token()
        first = site.visitor()
        await first.open(token)
        assert site.phones.sent == [made.MOBILE]
        assert first.page.has_form("/check")
        for _ in range(19):
            clock.shift(5)
            await first.reload()
            later = site.visitor()
            await later.open(token)
            assert not later.page.has_form("/check")
        assert site.phones.sent == [made.MOBILE]
        await first.press("check", code=RIGHT)
    assert first.result["outcome"] == "verified"
    assert "consent_at" not in first.result


async def test_with_consent_at_sign_up_the_form_asks_for_none(make_site: MakeSite) -> None:
    visitor = make_site(consent={"mode": "at-sign-up"}).visitor()
    await visitor.open(phone=None)
    assert "I agree" not in visitor.page.said
    assert visitor.page.has_form("/send")


async def test_with_consent_at_sign_up_the_old_number_is_still_first(make_site: MakeSite) -> None:
    site = make_site(consent={"mode": "at-sign-up"})
    visitor = site.visitor()
    await visitor.open(proven=made.OLD_MOBILE)
    assert site.phones.sent == [made.OLD_MOBILE]
    await visitor.press("check", code=RIGHT)
    await visitor.press("send")
    await visitor.press("check", code=RIGHT)
    assert visitor.result["sealed"] == {"phone": made.MOBILE}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x-moz": "prefetch"},
        {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
        {"sec-fetch-dest": "iframe"},
    ],
)
async def test_t20_nothing_but_a_person_arriving_sends(make_site: MakeSite, headers: dict[str, str]) -> None:
    site = make_site(consent={"mode": "at-sign-up"})
    visitor = site.visitor()
    token = made.request_token()
    start = await visitor.send("GET", "/verify?" + urlencode({"phone_request": token, "state": made.STATE}))
    page = start.header("location")
    for _ in range(10):
        assert (await visitor.send("GET", page, headers)).status == 200
        assert (await visitor.send("HEAD", page)).status == 200
    assert site.phones.sent == []
    await visitor.get(page)
    assert site.phones.sent == [made.MOBILE]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND", "POST"])
async def test_t20_other_methods_are_refused(site: Site, visitor: Visitor, method: str) -> None:
    await visitor.open()
    for path in ("/verify", visitor.at, *(["/healthz"] if method != "POST" else [])):
        assert (await visitor.send(method, path)).status == 405
    if method != "POST":
        assert (await visitor.send(method, visitor.at + "/send")).status == 405
    assert site.phones.sent == []


@pytest.mark.parametrize(
    "alg", ["none", "None", "nOnE", "HS256", "RS256", "A256KW", "RSA-OAEP", "PBES2-HS256+A128KW"]
)
@pytest.mark.parametrize("part", ["alg", "enc"])
async def test_t03_no_header_chooses_its_algorithm(visitor: Visitor, alg: str, part: str) -> None:
    token = made.seal(made.request_claims(), made.REQUEST_KEY, INFO, TYP, {**HEAD, part: alg})
    assert await refused(visitor, token)


@pytest.mark.parametrize(
    "extra", [{"zip": "DEF"}, {"kid": "1"}, {"jku": "https://evil.example"}, {"crit": ["exp"]}, {"jwk": {}}]
)
async def test_t03_extra_header_members_are_refused(visitor: Visitor, extra: dict[str, Any]) -> None:
    token = made.seal(made.request_claims(), made.REQUEST_KEY, INFO, TYP, {**HEAD, **extra})
    assert await refused(visitor, token)


async def test_t03_signed_tokens_are_not_sealed_ones(visitor: Visitor) -> None:
    claims = made.encode(json.dumps(made.request_claims()).encode())
    for head in ({"alg": "none"}, {"alg": "HS256", "typ": TYP}):
        encoded = made.encode(json.dumps(head).encode())
        for signature in ("", "AAAA"):
            assert await refused(visitor, f"{encoded}.{claims}.{signature}")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), other=st.permutations("ABCxyz019-_.=+/ \n\u00e9"))
async def test_t03_a_token_with_a_character_changed_is_refused(
    visitor: Visitor, place: float, other: list[str]
) -> None:
    assert await refused(visitor, made.changed(made.request_token(), place, other))


async def test_t03_a_token_has_one_spelling(visitor: Visitor) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = made.request_token()
    last = alphabet.index(token[-1])
    spellings = [token[:-1] + alphabet[last + more] for more in range(1, 16)]
    # All of these stand for the same sixteen bytes of the tag: the last four bits are nobody's.
    assert {made.decode(spelling.split(".")[4]) for spelling in spellings} == {
        made.decode(token.split(".")[4])
    }
    for spelling in [*spellings, token + "=", token + "\n", " " + token]:
        assert await refused(visitor, spelling)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text(max_size=300))
async def test_t03_text_that_is_no_token_is_refused(visitor: Visitor, token: str) -> None:
    query = urlencode({"phone_request": token, "state": "s"}, errors="replace")
    assert (await visitor.get(f"/verify?{query}")).status == 400


@pytest.mark.parametrize("typ", ["phone-sealed+jwe", "phone-session+jwe", "JWT", "", None])
async def test_t04_a_token_of_another_kind_is_refused(visitor: Visitor, typ: str | None) -> None:
    head = {**HEAD, "typ": typ} if typ is not None else {"alg": "dir", "enc": "A256GCM"}
    assert await refused(visitor, made.seal(made.request_claims(), made.REQUEST_KEY, INFO, TYP, head))


@pytest.mark.parametrize(
    ("key", "info"),
    [
        (made.RESULT_KEY, INFO),
        (made.OLD_REQUEST_KEY, INFO),
        (made.REQUEST_KEY, "auth0-phone/result/v1"),
        (made.REQUEST_KEY, "auth0-phone/session/v1"),
        (made.REQUEST_KEY, ""),
    ],
)
async def test_t04_only_the_request_key_opens_a_request(visitor: Visitor, key: str, info: str) -> None:
    assert await refused(visitor, made.seal(made.request_claims(), key, info, TYP))


async def test_t04_a_result_does_not_open_the_form(site: Site, visitor: Visitor) -> None:
    await visitor.open()
    await visitor.press("give-up")
    result = visitor.page.form("/continue").fields["phone_result"]
    assert await refused(site.visitor(), result)


async def test_t04_the_previous_key_is_accepted_while_it_is_configured(make_site: MakeSite) -> None:
    token = made.request_token(key=made.OLD_REQUEST_KEY)
    with_previous = make_site(env={"PHONE_REQUEST_KEY_PREVIOUS": made.OLD_REQUEST_KEY})
    assert (await with_previous.visitor().open(token)).status == 200
    assert (await make_site().visitor().open(token)).status == 400


@pytest.mark.parametrize(
    ("after", "status"), [(0, 200), (599, 200), (600, 200), (605, 200), (606, 410), (86400, 410)]
)
async def test_t05_a_link_ends_five_seconds_after_its_time(visitor: Visitor, after: int, status: int) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        token = made.request_token()
        clock.shift(after)
        assert (await visitor.open(token)).status == status


@pytest.mark.parametrize(("ahead", "status"), [(5, 200), (6, 400), (300, 400)])
async def test_t05_f22_a_clock_ahead_has_five_seconds(site: Site, ahead: int, status: int) -> None:
    now = int(time.time())
    with time_machine.travel(now, tick=False):
        token = made.request_token(iat=now + ahead, exp=now + ahead + 600)
        assert (await site.visitor().open(token)).status == status
    if status == 400:
        assert site.logged("link_refused")[0]["skew"] == ahead


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize(
    "value", ["1900000000", 1.9e9, True, -1, 10**30, [1], {}, b"NaN", b"Infinity", b"1e999"]
)
async def test_t05_times_are_whole_numbers_of_seconds(visitor: Visitor, claim: str, value: Any) -> None:
    text = json.dumps(made.request_claims(**{claim: "@@" if isinstance(value, bytes) else value}))
    if isinstance(value, bytes):
        text = text.replace('"@@"', value.decode())
    if (claim, value) == ("nbf", -1):
        return
    assert await refused(visitor, made.seal(text.encode(), made.REQUEST_KEY, INFO, TYP))


async def test_t05_a_token_that_starts_later_is_refused(visitor: Visitor) -> None:
    assert await refused(visitor, made.request_token(nbf=int(time.time()) + 60))


async def test_t05_no_token_lives_longer_than_the_contract_says(visitor: Visitor) -> None:
    now = int(time.time())
    assert await refused(visitor, made.request_token(iat=now, exp=now + 601))
    assert await refused(visitor, made.request_token(iat=now, exp=now))


@pytest.mark.parametrize("claim", ["sub", "aud", "iat", "exp", "jti", "host", "flow"])
async def test_t06_every_claim_is_needed(visitor: Visitor, claim: str) -> None:
    assert await refused(visitor, made.request_token(made.REQUEST_KEY, **{claim: None}))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("aud", "auth0-phone/action"),
        ("aud", ["auth0-phone/form"]),
        ("sub", ""),
        ("sub", 7),
        ("sub", "x" * 256),
        ("jti", "short"),
        ("jti", "x" * 65),
        ("host", 2),
        ("host", -1),
        ("host", True),
        ("host", "0"),
        ("host", 0.0),
        ("flow", "other"),
        ("flow", ["form"]),
        ("phone", 14155550123),
        ("phone", "+" + "1" * 40),
        ("proven", "4155550123"),
        ("proven", "+1415555012x"),
        ("proven", ["+14155550123"]),
        ("notice", "<b>hello</b>"),
        ("skippable", "yes"),
        ("skippable", 1),
    ],
)
async def test_t06_every_claim_has_its_shape(visitor: Visitor, claim: str, value: Any) -> None:
    assert await refused(visitor, made.request_token(**{claim: value}))


@pytest.mark.parametrize("content", [b"", b"[]", b'"x"', b"null", b"{", b"\xff", b"[" * 9000, b"1"])
async def test_t06_what_is_sealed_must_be_an_object(visitor: Visitor, content: bytes) -> None:
    assert await refused(visitor, made.seal(content, made.REQUEST_KEY, INFO, TYP))


async def test_unknown_claims_are_ignored(visitor: Visitor) -> None:
    assert (await visitor.open(later="something")).status == 200
