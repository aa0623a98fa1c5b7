"""From what a person types to E.164, if the stage serves such numbers."""

import re
from collections.abc import Sequence

import phonenumbers

from serving import numbers
from serving.numbers import NumberError

from .errors import Case, RefusedError

MAX_TYPED = 32
# Contact lists wrap copied numbers in invisible direction marks and use their own spaces and dashes.
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
ALLOWED = re.compile("[+\uff0b]?[\\d\\s().\\-/\u2010-\u2015\u00a0]+")
CASES: dict[str, Case] = {
    "invalid": "number_invalid",
    "country": "number_country",
    "kind": "number_kind",
}


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
    if home is None and cleaned.startswith("00"):
        cleaned = "+" + cleaned[2:]
    try:
        number = numbers.parse(cleaned, home)
        numbers.judge(number, countries)
    except NumberError as error:
        raise RefusedError(CASES[error.case]) from None
    return numbers.to_e164(number)


def dial_codes(countries: Sequence[str]) -> list[str]:
    """What the numbers of these countries start with: `['+1', '+44']`, sorted, each once."""
    codes = {phonenumbers.country_code_for_region(country) for country in countries}
    return [f"+{code}" for code in sorted(codes)]
