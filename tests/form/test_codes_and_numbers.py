"""What counts as a code, and what counts as a number that may be sent one."""

import unicodedata

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from form.codes import clean_code
from form.errors import RefusedError
from form.numbers import dial_codes, parse_number
from serving.numbers import last_digits

# Unicode's digits all lie in its first two planes.
FOREIGN_DIGITS = [
    chr(point)
    for point in range(128, 0x20000)
    if unicodedata.category(chr(point)) in ("Nd", "No", "Nl") or chr(point).isdigit()
]


@pytest.mark.parametrize("text", ["123456", " 123456", "123 456", "123-456", "1-2-3 4-5-6", "123456   "])
def test_t25_a_code_is_found_among_spaces_and_hyphens(text: str) -> None:
    assert clean_code(text, 6) == "123456"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345",
        "1234567",
        "+123456",
        "-",
        "12e4",
        "123456\n",
        "123456\0",
        "0x1e240",
        "1_23456",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
        "\u0661\u0662\u0663\u0664\u0665\u0666",
        "12345\u00b2",
        "123.456",
        "'123456'",
        "[123456]",
        "123\u00a0456",
        "123\u2011456",
        "1" * 1_000_000,
        " " * 1_000_000,
    ],
)
def test_t25_anything_else_is_no_code(text: str) -> None:
    assert clean_code(text, 6) is None


@given(st.text(alphabet=st.sampled_from([*FOREIGN_DIGITS, "1", "2", " ", "-"]), min_size=1, max_size=8))
@settings(max_examples=400)
def test_t25_only_ascii_digits_pass(text: str) -> None:
    code = clean_code(text, 6)
    assert code is None or (code.isascii() and len(code) == 6 and set(text) <= set("12 -"))


def test_t25_every_other_digit_of_unicode_is_refused() -> None:
    assert len(FOREIGN_DIGITS) > 800
    assert [digit for digit in FOREIGN_DIGITS if clean_code("12345" + digit, 6) is not None] == []


@given(st.text(max_size=80), st.integers(4, 10))
def test_t25_a_code_has_the_length_of_the_stage(text: str, length: int) -> None:
    code = clean_code(text, length)
    assert code is None or len(code) == length


@pytest.mark.parametrize(
    ("text", "countries", "number"),
    [
        ("+1 (415) 555-0123", ["US"], "+14155550123"),
        ("(415) 555-0123", ["US"], "+14155550123"),
        ("415.555.0123", ["US"], "+14155550123"),
        ("+1 415 555 0123", ["GB", "US"], "+14155550123"),
        ("001 415 555 0123", ["GB", "US"], "+14155550123"),
        ("07400 123456", ["GB"], "+447400123456"),
        ("+44 (0)7400 123456", ["GB"], "+447400123456"),
        ("0044 7400 123456", ["GB"], "+447400123456"),
        ("+44 7400 123456", ["US", "GB"], "+447400123456"),
        ("\u202a+44 7400 123456\u202c", ["GB", "US"], "+447400123456"),
        ("\u200e+44\u00a07400\u2011123456", ["GB", "US"], "+447400123456"),
        ("\uff0b14155550123", ["US", "GB"], "+14155550123"),
        ("+447700900123", ["GB"], "+447700900123"),
        ("+966501234567", ["SA"], "+966501234567"),
        ("٠٥٠١٢٣٤٥٦٧", ["SA"], "+966501234567"),
    ],
)
def test_a_number_is_understood_as_people_write_it(text: str, countries: list[str], number: str) -> None:
    assert parse_number(text, countries) == number


@pytest.mark.parametrize(
    ("text", "countries", "case"),
    [
        ("", ["US"], "number_missing"),
        (" \u200e ", ["US"], "number_missing"),
        ("4155550123", ["US", "GB"], "number_invalid"),
        ("+", ["US"], "number_invalid"),
        ("+1 415 555 0123 ext. 5", ["US"], "number_invalid"),
        ("+14155550123;ext=5", ["US"], "number_invalid"),
        ("tel:+14155550123", ["US"], "number_invalid"),
        ("1-800-FLOWERS", ["US"], "number_invalid"),
        ("+14155550123,+14155550124", ["US"], "number_invalid"),
        ("+14155550123 +14155550124", ["US"], "number_invalid"),
        ("+1415555012\0", ["US"], "number_invalid"),
        ("+14155550123" + "0" * 30, ["US"], "number_invalid"),
        ("+1 415 555", ["US"], "number_invalid"),
        ("+999123456789", ["US"], "number_invalid"),
        ("+491512345678", ["US"], "number_country"),
        ("+18095550123", ["US"], "number_country"),
        ("+18765550123", ["US"], "number_country"),
        ("+14165550123", ["US"], "number_country"),
        ("+881612345678", ["US", "GB"], "number_country"),
        ("+882161234567", ["US", "GB"], "number_country"),
        ("+979123456789", ["US", "GB"], "number_country"),
        ("+870773111632", ["US", "GB"], "number_country"),
        ("+447700900123", ["US"], "number_country"),
        ("+19002345678", ["US"], "number_kind"),
        ("+18002345678", ["US"], "number_kind"),
        ("+442079460958", ["GB"], "number_kind"),
        ("+447012345678", ["GB"], "number_kind"),
        ("+449012345678", ["GB"], "number_kind"),
        ("+448001234567", ["GB"], "number_kind"),
        ("12345", ["US"], "number_invalid"),
        ("911", ["US"], "number_invalid"),
        ("999", ["GB"], "number_invalid"),
    ],
)
def test_t30_numbers_that_cost_others_money_or_reach_nobody_are_refused(
    text: str, countries: list[str], case: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_number(text, countries)
    assert refused.value.case == case


@given(st.text(max_size=40))
@settings(max_examples=500)
def test_t31_text_becomes_one_number_of_the_country_or_nothing(text: str) -> None:
    try:
        number = parse_number(text, ["US"])
    except RefusedError:
        return
    assert number.isascii()
    assert number.startswith("+1")
    assert parse_number(number, ["US"]) == number


@given(st.integers(2_000_000_000, 9_999_999_999))
@settings(max_examples=500)
def test_t31_e164_stays_what_it_is(national: int) -> None:
    text = f"+1{national}"
    try:
        number = parse_number(text, ["US"])
    except RefusedError:
        return
    assert number == text
    assert phonenumbers.is_valid_number(phonenumbers.parse(number))


def test_dial_codes_are_sorted_and_named_once() -> None:
    assert dial_codes(["US", "GB", "CA"]) == ["+1", "+44"]


def test_t27_two_digits_are_all_that_is_shown() -> None:
    assert last_digits("+14155550123") == "23"
