"""Which numbers may be sent to: one mobile number, valid, in a country that the stage serves."""

import re
from collections.abc import Collection
from typing import Literal

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
# Numbers that Ofcom keeps for films and demonstrations: libphonenumber calls them unknown, they reach
# nobody, and carriers refuse them themselves. https://www.ofcom.org.uk/phones-and-broadband/phone-numbers
FICTIONAL_MOBILE = {"GB": re.compile(r"\+447700900\d{3}")}


class NumberError(Exception):
    """Not a number to send to. `country`: not served; `kind`: not a mobile one; `invalid`: not a number."""

    def __init__(self, case: Literal["invalid", "country", "kind"]) -> None:
        super().__init__(case)
        self.case = case


def parse(text: str, home: str | None = None) -> PhoneNumber:
    """The number; national spelling is understood when `home` names its country."""
    try:
        return phonenumbers.parse(text, home)
    except NumberParseException:
        raise NumberError("invalid") from None


def to_e164(number: PhoneNumber) -> str:
    text: str = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return text


def judge(number: PhoneNumber, countries: Collection[str]) -> str:
    """The country that the number is in, ISO 3166; NumberError unless it is served and a mobile one."""
    e164 = to_e164(number)
    for country, fictional in FICTIONAL_MOBILE.items():
        if country in countries and fictional.fullmatch(e164):
            return country
    if number.country_code not in calling_codes(countries):
        raise NumberError("country")
    region: str | None = phonenumbers.region_code_for_number(number)
    kind = phonenumbers.number_type(number)
    if region is None or kind == PhoneNumberType.UNKNOWN:
        raise NumberError("invalid")
    if region not in countries:
        raise NumberError("country")
    if kind not in MOBILE:
        raise NumberError("kind")
    return region


def calling_codes(countries: Collection[str]) -> set[int]:
    """What the countries' numbers begin with."""
    return {phonenumbers.country_code_for_region(country) for country in countries}


def last_digits(number: str) -> str:
    """All that a page or a log may show of a number."""
    return number[-2:]
