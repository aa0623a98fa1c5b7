"""The contract that every carrier fulfils: what its answers mean, whatever they are."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.transports import REGISTRY, carrier_class
from gateway.transports.base import HttpResponse, Outcome, Receipt

from .carrier_case import TEXT, TO, WORDS, Case, answer
from .carrier_table import CASES

BY_NAME = [pytest.param(case, id=case.name) for case in CASES]
FAILURES = [
    pytest.param(case, *failure, id=f"{case.name}-{failure[0]}-{failure[1]}")
    for case in CASES
    for failure in case.failures
]
OTHERS = [
    pytest.param(case, *other, id=f"{case.name}-{number}")
    for case in CASES
    for number, other in enumerate(case.others)
]
CARRIERS = {case.name: case.carrier() for case in CASES}
CODE = re.compile(r"\d{1,5}|[A-Za-z][A-Za-z0-9_.-]{0,63}")
REFERENCE = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")
each_carrier = pytest.mark.parametrize("case", BY_NAME)


def test_the_table_has_every_carrier_of_the_registry() -> None:
    assert {case.name for case in CASES} | {"aws", "log"} == set(REGISTRY)


@each_carrier
def test_an_accepted_answer_is_accepted_with_the_carriers_id(case: Case) -> None:
    assert case.carrier().read(case.accepted()) == Receipt(Outcome.ACCEPTED, reference=case.reference)


@pytest.mark.parametrize(("case", "status", "code", "outcome"), FAILURES)
def test_a_documented_failure_means_what_the_table_says(
    case: Case, status: int, code: int | str, outcome: Outcome
) -> None:
    receipt = case.carrier().read(answer(status, case.error(code)))
    assert (receipt.outcome, receipt.code) == (outcome, str(code))
    assert receipt.reference is None


@pytest.mark.parametrize(("case", "status", "body", "outcome", "code"), OTHERS)
def test_an_answer_of_another_shape_means_what_the_table_says(
    case: Case, status: int, body: Any, outcome: Outcome, code: str
) -> None:
    assert case.carrier().read(answer(status, body)) == Receipt(outcome, code=code)


@each_carrier
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.AMBIGUOUS),
        (302, Outcome.CONFIGURATION),
        (401, Outcome.CONFIGURATION),
        (403, Outcome.CONFIGURATION),
        (408, Outcome.AMBIGUOUS),
        (429, Outcome.RETRYABLE),
        (500, Outcome.AMBIGUOUS),
        (502, Outcome.AMBIGUOUS),
        (503, Outcome.AMBIGUOUS),
        (504, Outcome.AMBIGUOUS),
    ],
)
def test_without_a_readable_body_the_status_decides(case: Case, status: int, outcome: Outcome) -> None:
    for body in (b"", b"<html>Bad gateway</html>", b"{}", b"[]", b"null", b'"accepted"'):
        assert case.carrier().read(HttpResponse(status, body)) == Receipt(outcome, code=f"http_{status}")


@each_carrier
def test_an_accepting_body_counts_for_nothing_under_an_error_status(case: Case) -> None:
    for status in (302, 400, 401, 404, 429, 500, 503):
        assert case.carrier().read(answer(status, case.taken[1])).outcome is not Outcome.ACCEPTED


@each_carrier
def test_an_accepting_body_cut_anywhere_is_ambiguous(case: Case) -> None:
    whole = case.accepted()
    for length in range(len(whole.body)):
        receipt = case.carrier().read(HttpResponse(whole.status, whole.body[:length]))
        assert receipt.outcome is Outcome.AMBIGUOUS


@each_carrier
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_an_answer_may_begin_with_a_byte_order_mark(case: Case, encoding: str) -> None:
    whole = case.accepted()
    body = whole.body.decode().encode(encoding)
    assert case.carrier().read(HttpResponse(whole.status, body)).outcome is Outcome.ACCEPTED


@each_carrier
def test_an_id_that_no_log_should_hold_is_left_out(case: Case) -> None:
    body = case.accepted().body.replace(case.reference.encode(), b"id with spaces\\n" + b"x" * 400)
    receipt = case.carrier().read(HttpResponse(case.taken[0], body))
    assert receipt == Receipt(Outcome.ACCEPTED)


@each_carrier
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("-1", None),
        ("1e9", None),
        ("9999999", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_seconds(case: Case, value: str, seconds: float | None) -> None:
    for name in ("Retry-After", "retry-after"):
        assert case.carrier().read(answer(429, b"", {name: value})).retry_after == seconds


@each_carrier
@pytest.mark.parametrize(
    "words",
    [WORDS, TEXT, TO, TO[1:], "482915", 482915, -1, True, "code482915", " ", "", "x" * 65, "a\nb", ["7"]],
)
def test_words_and_numbers_never_become_a_code(case: Case, words: Any) -> None:
    for status in (200, 201, 202, 207, 400, 500):
        assert case.carrier().read(answer(status, case.error(words))).code == f"http_{status}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[Case, HttpResponse]:
    """A real answer with one value in it replaced by anything, or bytes of any kind."""
    case = draw(st.sampled_from(CASES))
    status = draw(st.sampled_from([0, 100, 199, 200, 201, 202, 204, 207, 302, 400, 401, 429, 500, 503, 999]))
    if draw(st.integers(0, 3)) == 0:
        return case, HttpResponse(status, draw(st.binary(max_size=200)))
    bodies = [case.taken[1], *(case.error(f[1]) for f in case.failures), *(o[1] for o in case.others)]
    body = draw(st.sampled_from([body for body in bodies if not isinstance(body, bytes)]))
    return case, answer(status, replaced(draw, body))


def replaced(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: replaced(draw, value[key])}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [replaced(draw, value[0]), *value[1:]]
    return draw(JSON)


@given(spoilt())
def test_whatever_the_bytes_are_reading_returns_a_receipt_fit_for_a_log(
    drawn: tuple[Case, HttpResponse],
) -> None:
    case, response = drawn
    receipt = CARRIERS[case.name].read(response)
    assert isinstance(receipt.outcome, Outcome)
    assert receipt.code is None or CODE.fullmatch(receipt.code)
    assert receipt.reference is None or REFERENCE.fullmatch(receipt.reference)
    assert (receipt.outcome is Outcome.ACCEPTED) == (receipt.code is None)
    if receipt.outcome is Outcome.ACCEPTED:
        assert 200 <= response.status < 300


@pytest.mark.parametrize(
    "body", [b"[" * 60_000, b'{"a":' * 10_000, b"9" * 60_000, b'{"messages":[' + b"\xff" * 9]
)
@each_carrier
def test_bodies_that_break_parsers_are_survived(case: Case, body: bytes) -> None:
    assert case.carrier().read(HttpResponse(200, body)).outcome is Outcome.AMBIGUOUS


@each_carrier
def test_an_unknown_refusal_lets_another_carrier_try(case: Case) -> None:
    for status in (400, 404, 409, 413, 422):
        assert case.carrier().read(HttpResponse(status, b"{}")).outcome is Outcome.CONFIGURATION


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_carrier_states_its_name_its_time_and_its_hosts(name: str) -> None:
    kind = carrier_class(name)
    assert kind.name == name
    assert 0 < kind.timeout <= 8
    assert kind.base_url == "" or kind.base_url.startswith("https://")
    assert not kind.base_url.endswith("/")
    host = kind.base_url.removeprefix("https://")
    assert host == "" or any(host == known or host.endswith("." + known) for known in kind.hosts)
    assert getattr(kind, "development", False) == (name == "log")
