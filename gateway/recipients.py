"""From what a request names as its recipient to one mobile number in E.164, in a country that is served."""

import re
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from phonenumbers import PhoneNumber

from serving import numbers
from serving.numbers import NumberError

from .names import Names

KEPT = 10_000
SPELLING = re.compile(r"[+0-9 ().\-]{1,40}")
DECORATION = str.maketrans("", "", " ().-")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")

Fault = Literal["recipient_invalid", "country_refused", "number_kind"]
FAULTS: dict[str, Fault] = {
    "invalid": "recipient_invalid",
    "country": "country_refused",
    "kind": "number_kind",
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """`number` is E.164, `country` its ISO 3166 code, `name` the number's keyed digest."""

    number: str
    country: str
    name: str


class Recipients:
    """Judges numbers for one stage. It remembers the countries of the last ones, by their names:
    libphonenumber takes its time."""

    def __init__(self, countries: Collection[str], names: Names, kept: int = KEPT) -> None:
        self._names = names
        self._countries = frozenset(countries)
        self._codes = {str(code) for code in numbers.calling_codes(countries)}
        self._kept = kept
        self._known: OrderedDict[str, str] = OrderedDict()

    def find(self, text: str) -> Recipient | Fault:
        """The recipient, or what is wrong with it. Exactly one number, with its country code."""
        plain = text if E164.fullmatch(text) else _plain(text)
        if plain is None:
            return "recipient_invalid"
        name = self._names.of("number", plain)
        country = self._known.get(name)
        if country is not None:
            self._known.move_to_end(name)
            return Recipient(plain, country, name)
        country = self._as_it_stands(plain)
        if country is None:
            return self._parsed(plain)
        self._known[name] = country
        if len(self._known) > self._kept:
            self._known.popitem(last=False)
        return Recipient(plain, country, name)

    def _as_it_stands(self, plain: str) -> str | None:
        """The country. Most numbers are E.164 already, and judged without libphonenumber's slow parsing."""
        for digits in (1, 2, 3):
            code, rest = plain[1 : digits + 1], plain[digits + 1 :]
            if code in self._codes and rest[0] != "0":
                number = PhoneNumber(country_code=int(code), national_number=int(rest))
                try:
                    return numbers.judge(number, self._countries)
                except NumberError:
                    return None
        return None

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
