"""Exactly one mobile number, in a country that the stage serves; everything else costs nobody anything."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.names import Names
from gateway.recipients import Recipient, Recipients

from .conftest import MakeSite
from .site import Site

pytestmark = pytest.mark.anyio

NAMES = Names(b"k" * 32)
BOTH = Recipients(["GB", "US"], NAMES)


@pytest.mark.parametrize(
    ("text", "number", "country"),
    [
        ("+14155550123", "+14155550123", "US"),
        ("+1 415 555 0123", "+14155550123", "US"),
        ("+1 (415) 555-0123", "+14155550123", "US"),
        ("+1.415.555.0123", "+14155550123", "US"),
        (" +1-415-555-0123 ", "+14155550123", "US"),
        ("0014155550123", "+14155550123", "US"),
        ("00 44 7400 123456", "+447400123456", "GB"),
        ("+447400123456", "+447400123456", "GB"),
        ("+44 (0)7400 123456", "+447400123456", "GB"),
        ("+447700900123", "+447700900123", "GB"),
    ],
)
def test_t31_a_number_is_understood_as_it_is_written(text: str, number: str, country: str) -> None:
    assert BOTH.find(text) == Recipient(number, country, NAMES.of("number", number))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "00",
        "14155550123",
        "4155550123",
        "07400123456",
        "+14155550123,+14155550124",
        "+14155550123;+14155550124",
        "+14155550123\n+14155550124",
        "+14155550123\r\n+14155550124",
        "+14155550123+14155550124",
        "+14155550123 +14155550124",
        "+14155550123;ext=5",
        "+14155550123 ext. 5",
        "+14155550123x5",
        "tel:+14155550123",
        "+1415555012a",
        "+1415555012\0",
        "+14155550123\n",
        "\n+14155550123",
        "\t+14155550123",
        "\u202a+14155550123",
        "\u200e+14155550123",
        "+1\u00a04155550123",
        "\uff0b14155550123",
        "+١٤١٥٥٥٥٠١٢٣",
        "++14155550123",
        "+0014155550123",
        "+1 415 555",
        "+1" + "4" * 30,
        "+14155550123" + " " * 60,
        "911",
        "12345",
        "+12345",
        "user@example.com",
        "alice",
    ],
)
def test_t31_anything_but_exactly_one_number_is_refused(text: str) -> None:
    assert BOTH.find(text) == "recipient_invalid"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("+19002345678", "number_kind"),  # premium rate
        ("+18002345678", "number_kind"),  # toll-free
        ("+442079460958", "number_kind"),  # fixed line
        ("+447012345678", "number_kind"),  # personal number
        ("+449012345678", "number_kind"),  # premium rate
        ("+448001234567", "number_kind"),  # toll-free
        ("+448431234567", "number_kind"),  # shared cost
        ("+447640123456", "number_kind"),  # pager
        ("+881612345678", "country_refused"),  # satellite
        ("+882161234567", "country_refused"),
        ("+883510001234567", "country_refused"),
        ("+870773111632", "country_refused"),
        ("+979123456789", "country_refused"),  # international premium
        ("+80012345678", "country_refused"),  # international freephone
        ("+18765550123", "country_refused"),  # Jamaica, under the same +1
        ("+18095550123", "country_refused"),
        ("+14165550123", "country_refused"),  # Canada
        ("+491512345678", "country_refused"),
        ("+447781123456", "country_refused"),  # Guernsey, under the same +44
        ("+999123456789", "recipient_invalid"),
        ("+15005550006", "number_kind"),  # personal number
    ],
)
def test_t30_numbers_that_cost_others_money_or_reach_nobody(text: str, fault: str) -> None:
    assert BOTH.find(text) == fault


async def test_t30_they_never_reach_a_carrier(site: Site) -> None:
    for number in ("+19002345678", "+881612345678", "+18765550123", "911", "+14155550123,+14155550124"):
        reply = await site.sms(recipient=number)
        assert reply.status == 422
    assert all(carrier.asked == [] for carrier in site.carriers.values())


async def test_what_is_wrong_is_told_by_name(site: Site) -> None:
    for number, error in (
        ("x", "recipient_invalid"),
        ("+491512345678", "country_refused"),
        ("+19002345678", "number_kind"),
    ):
        assert (await site.sms(recipient=number)).error == error


async def test_one_country_more_is_one_country_more(make_site: MakeSite) -> None:
    site = make_site(countries=["CA", "US"])
    assert (await site.sms(recipient="+14165550123")).status == 200
    assert (await site.sms(recipient="+447400123456")).error == "country_refused"


@given(st.text(max_size=40))
@settings(max_examples=500)
def test_t31_text_becomes_one_number_of_the_countries_or_nothing(text: str) -> None:
    found = BOTH.find(text)
    if isinstance(found, Recipient):
        assert found.number.isascii()
        assert BOTH.find(found.number) == found
        parsed = phonenumbers.parse(found.number)
        assert phonenumbers.region_code_for_number(parsed) in (found.country, None)


@given(st.from_regex(r"\+(1|44)[0-9 ().\-]{6,16}", fullmatch=True))
@settings(max_examples=500)
def test_t31_spelling_never_changes_the_number(text: str) -> None:
    found = BOTH.find(text)
    if isinstance(found, Recipient):
        digits = "".join(filter(str.isdecimal, text))
        # libphonenumber drops a national zero after the country code, nothing else.
        assert found.number[1:] in (digits, digits.replace("440", "44", 1), digits.replace("11", "1", 1))
