"""The compiled plans say what libphonenumber says, of every region and of numbers that are nearly right."""

import random
from collections.abc import Collection, Iterator
from types import SimpleNamespace

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import plans
from gateway.plans import OTHER_KINDS, Plans
from serving import numbers

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
ALL = Plans(REGIONS)
NEAR = 12  # changed spellings of each example


def by_the_library(code: int, national: str, countries: Collection[str]) -> str | None:
    number = phonenumbers.PhoneNumber(country_code=code, national_number=int(national))
    try:
        return numbers.judge(number, countries)
    except numbers.NumberError:
        return None


def examples(region: str) -> Iterator[str]:
    """National numbers of every kind that the region has, and some that differ in a digit or in length."""
    chance = random.Random(region)  # noqa: S311 # the same ones in every run
    found = phonenumbers.PhoneMetadata.metadata_for_region(region)
    for kind in ("fixed_line", "mobile", *OTHER_KINDS):
        description = getattr(found, kind)
        example = description.example_number if description is not None else None
        if not example:
            continue
        yield example
        for _ in range(NEAR):
            digits = list(example)
            for _ in range(chance.choice((1, 2, 6))):
                digits[chance.randrange(len(digits))] = chance.choice("0123456789")
            yield "".join(chance.choice((digits, digits, [*digits, "7"], digits[:-1])))


@pytest.mark.parametrize("served", ["all", "alone"])
def test_plans_and_library_agree_on_every_region(served: str) -> None:
    mobile = 0
    for region in REGIONS:
        code = phonenumbers.country_code_for_region(region)
        countries = REGIONS if served == "all" else [region]
        served_plans = ALL if served == "all" else Plans([region])
        for national in examples(region):
            if national[0] == "0" or len(national) < 4:
                continue
            found = served_plans.country(f"+{code}{national}")
            assert found == by_the_library(code, national, frozenset(countries)) or (
                # Numbers for films: no plan has them, so the library's judge is asked.
                found is None and numbers.FICTIONAL_MOBILE["GB"].fullmatch(f"+{code}{national}")
            ), (region, national)
            mobile += found is not None
    assert mobile > 1000


@given(st.from_regex(r"[2-9][0-9]{9}", fullmatch=True))
@settings(max_examples=500)
def test_one_calling_code_has_many_countries(national: str) -> None:
    for countries in (["US"], ["CA"], ["JM", "CA"], ["US", "CA", "DO"]):
        expected = by_the_library(1, national, frozenset(countries))
        assert Plans(countries).country(f"+1{national}") == expected


@pytest.mark.parametrize("number", ["+10005550123", "+4407400123456", "+33612345678", "+8005551234567"])
def test_what_no_plan_knows_is_left_to_the_library(number: str) -> None:
    assert Plans(["US", "GB"]).country(number) is None


def made(leading: str | None = None, **patterns: str) -> SimpleNamespace:
    """A region's metadata with these patterns, of any length."""
    kinds = ("general_desc", "fixed_line", "mobile", *OTHER_KINDS)
    found = {
        kind: SimpleNamespace(national_number_pattern=patterns.get(kind), possible_length=())
        for kind in kinds
    }
    return SimpleNamespace(leading_digits=leading, same_mobile_and_fixed_line_pattern=False, **found)


@pytest.mark.parametrize(
    ("number", "country"),
    [("+447000001", "GB"), ("+447900001", None), ("+447500001", None), ("+447600001", "JE")],
)
def test_where_patterns_overlap_the_librarys_order_decides(
    number: str, country: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pager of a mobile's shape is a pager; leading digits name a region, whatever else fits."""
    mobile = {"general_desc": r"7\d{6}", "mobile": r"7\d{6}"}
    regions = {
        "GG": made("75", general_desc=r"8\d{6}", mobile=r"8\d{6}"),
        "JE": made("76", **mobile),
        "GB": made(None, **mobile, pager=r"79\d{5}"),
    }
    monkeypatch.setattr(plans, "country_code_for_region", lambda _: 44)
    monkeypatch.setattr(plans, "region_codes_for_country_code", lambda _: list(regions))
    monkeypatch.setattr(plans, "PhoneMetadata", SimpleNamespace(metadata_for_region=regions.get))
    assert Plans(["GB", "GG", "JE"]).country(number) == country
