"""From what a request names as its recipient to one mobile number in E.164, in a country that is served."""

import re
from collections.abc import Collection
from typing import Literal

from serving import numbers
from serving.numbers import NumberError
from serving.values import value

from .names import Names
from .plans import Plans

SPELLING = re.compile(r"[+0-9 ().\-]{1,40}")
DECORATION = str.maketrans("", "", " ().-")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")

Fault = Literal["recipient_invalid", "country_refused", "number_kind"]
FAULTS: dict[str, Fault] = {
    "invalid": "recipient_invalid",
    "country": "country_refused",
    "kind": "number_kind",
}


@value
class Recipient:
    """`number` is E.164, `country` its ISO 3166 code, `name` the number's keyed digest."""

    number: str
    country: str
    name: str


class Recipients:
    """Judges numbers for one stage."""

    def __init__(self, countries: Collection[str], names: Names) -> None:
        self._names = names
        self._countries = frozenset(countries)
        self._plans = Plans(countries)

    def find(self, text: str) -> Recipient | Fault:
        """The recipient, or what is wrong with it. Exactly one number, with its country code."""
        plain = text if E164.fullmatch(text) else _plain(text)
        if plain is None:
            return "recipient_invalid"
        country = self._plans.country(plain)
        if country is None:
            return self._parsed(plain)
        return Recipient(plain, country, self._names.of("number", plain))

    def _parsed(self, plain: str) -> Recipient | Fault:
        try:
            parsed = numbers.parse(plain)
            number, country = numbers.to_e164(parsed), numbers.judge(parsed, self._countries)
        except NumberError as error:
            return FAULTS[error.case]
        return Recipient(number, country, self._names.of("number", number))


def _plain(text: str) -> str | None:
    """The same without what people write between the digits, if that may be a number."""
    if not SPELLING.fullmatch(text):
        return None
    plain = text.translate(DECORATION)
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    return plain if E164.fullmatch(plain) else None
