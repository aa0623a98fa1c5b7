"""From what a person types to E.164, if the stage serves such numbers."""

import re
from collections.abc import Sequence

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from .errors import RefusedError

MAX_TYPED = 32
# Contact lists wrap copied numbers in invisible direction marks and use their own spaces and dashes.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
ALLOWED = re.compile("[+\uff0b]?[\\d\\s().\\-/\u2010-\u2015\u00a0]+")
MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
# Numbers that Ofcom keeps for films and demonstrations: libphonenumber calls them unknown, they reach
# nobody, and Twilio refuses them itself. https://www.ofcom.org.uk/phones-and-broadband/phone-numbers
FICTIONAL_MOBILE = {"GB": re.compile(r"\+447700900\d{3}")}


def parse_number(text: str, countries: Sequence[str]) -> str:
    """E.164 of one mobile number in an allowed country; RefusedError says what is wrong with it.

    National spelling is understood when the stage serves exactly one country; otherwise it takes a plus.
    """
    cleaned = INVISIBLE.sub("", text).strip()
    if not cleaned:
        raise RefusedError("number_missing")
    if len(cleaned) > MAX_TYPED or not ALLOWED.fullmatch(cleaned):
        raise RefusedError("number_invalid")
    home = countries[0] if len(countries) == 1 else None
    number = _parse(cleaned, home)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    _judge(number, e164, countries)
    return e164


def _parse(text: str, home: str | None) -> PhoneNumber:
    if home is None and text.startswith("00"):
        text = "+" + text[2:]
    try:
        return phonenumbers.parse(text, home)
    except NumberParseException:
        raise RefusedError("number_invalid") from None


def _judge(number: PhoneNumber, e164: str, countries: Sequence[str]) -> None:
    if any(FICTIONAL_MOBILE[c].fullmatch(e164) for c in countries if c in FICTIONAL_MOBILE):
        return
    served = {phonenumbers.country_code_for_region(country) for country in countries}
    if number.country_code not in served:
        raise RefusedError("number_country")
    if not phonenumbers.is_valid_number(number):
        raise RefusedError("number_invalid")
    if phonenumbers.region_code_for_number(number) not in countries:
        raise RefusedError("number_country")
    if phonenumbers.number_type(number) not in MOBILE:
        raise RefusedError("number_kind")


def dial_codes(countries: Sequence[str]) -> list[str]:
    """What the numbers of these countries start with: `['+1', '+44']`, sorted, each once."""
    codes = {phonenumbers.country_code_for_region(country) for country in countries}
    return [f"+{code}" for code in sorted(codes)]


def last_digits(number: str) -> str:
    """All that a page or a log may show of a number."""
    return number[-2:]
