"""Countries' numbering plans, compiled: what libphonenumber says of most numbers, in a tenth of its time.

The library asks three questions of a number, and matches it against a region's patterns anew for each. What
no plan knows for sure is left to it. The patterns are its own metadata, and tests compare the two:
https://github.com/google/libphonenumber/blob/master/resources/phonemetadata.proto
"""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

from phonenumbers import PhoneMetadata, country_code_for_region, region_codes_for_country_code

Fits = Callable[[str], re.Match[str] | None]  # whether a national number does

# A number of such a kind is no mobile one, whatever else it fits.
OTHER_KINDS = (
    *("premium_rate", "toll_free", "shared_cost", "voip", "personal_number"),
    *("pager", "uan", "voicemail"),
)


class Plans:
    """Those of the served countries, and of the ones that share a calling code with them."""

    def __init__(self, countries: Collection[str]) -> None:
        codes = {country_code_for_region(country) for country in countries}
        self._plans = {str(code): _under(code, countries) for code in codes}

    def country(self, number: str) -> str | None:
        """The country of a mobile number in E.164, if it is a served one; None for "not sure" as well."""
        for digits in (1, 2, 3):
            plans, national = self._plans.get(number[1 : digits + 1]), number[digits + 1 :]
            if plans is None:
                continue
            for plan in plans:
                if plan.has(national):
                    return plan.region if plan.served and plan.is_mobile(national) else None
        return None


class _Plan:
    """One region's."""

    def __init__(self, region: str, served: bool) -> None:
        found: Any = PhoneMetadata.metadata_for_region(region)
        self.region = region
        self.served = served
        same = found.same_mobile_and_fixed_line_pattern
        others = [getattr(found, kind) for kind in OTHER_KINDS]
        self._general = _fits([found.general_desc])
        self._other = _fits(others)
        self._mobile = _fits([found.fixed_line if same else found.mobile])
        self._any = _fits([*others, found.fixed_line, *([] if same else [found.mobile])])
        self._leading = re.compile(found.leading_digits).match if found.leading_digits else None

    def has(self, national: str) -> bool:
        """Whether the region has the number: a later one under the same calling code hasn't, then."""
        if self._leading is not None:
            return self._leading(national) is not None
        return self._general(national) is not None and self._any(national) is not None

    def is_mobile(self, national: str) -> bool:
        """Whether it is mobile, or may be, where a plan doesn't tell the two apart."""
        if self._general(national) is None or self._other(national) is not None:
            return False
        return self._mobile(national) is not None


def _under(code: int, countries: Collection[str]) -> list[_Plan]:
    """The plans under one calling code in the library's order, which decides whose a number is."""
    plans = [_Plan(region, region in countries) for region in region_codes_for_country_code(code)]
    while plans and not plans[-1].served:
        plans.pop()
    return plans


def _fits(descriptions: Iterable[Any]) -> Fits:
    """Whether a number is like one of these: of its pattern, and as long as it may be."""
    parts = ["(?!)"]
    for description in descriptions:
        if description is not None and description.national_number_pattern:
            # A length of -1 says that there are none.
            lengths = "|".join(f".{{{max(length, 0)}}}" for length in description.possible_length)
            parts.append(rf"(?=(?:{lengths or '.*'})\Z)(?:{description.national_number_pattern})")
    return re.compile("|".join(parts)).fullmatch
