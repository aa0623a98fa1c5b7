"""Twilio Verify's checks of a code: which is approved, how often, and what is left afterwards."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from .verify_client import (
    CHECK_KEYS,
    NUMBER,
    OTHER_NUMBER,
    TEN_MINUTES,
    Verify,
    refused,
)


def test_a_wrong_code_is_no_error_but_pending(verify: Verify) -> None:
    started = verify.start().json()
    response = verify.check(verify.wrong_code())
    assert response.status_code in {200, 201}
    assert set(response.json()) == CHECK_KEYS
    assert (response.json()["status"], response.json()["valid"]) == ("pending", False)
    assert response.json()["sid"] == started["sid"]


def test_the_right_code_is_approved_also_after_wrong_ones(verify: Verify) -> None:
    verify.start()
    for _ in range(4):
        verify.check(verify.wrong_code())
    body = verify.check(verify.code()).json()
    assert (body["status"], body["valid"]) == ("approved", True)


@pytest.mark.parametrize("by", ["to", "sid"])
def test_a_check_names_the_number_or_the_verification(verify: Verify, by: str) -> None:
    sid = verify.start().json()["sid"]
    response = verify.check(verify.code(), NUMBER if by == "to" else None, sid if by == "sid" else None)
    assert response.json()["status"] == "approved"


def test_the_sid_decides_when_a_check_names_both(verify: Verify) -> None:
    first, code = verify.start().json(), verify.code()
    verify.start(OTHER_NUMBER)
    assert verify.check(code, to=OTHER_NUMBER, sid=first["sid"]).json()["to"] == NUMBER


def test_after_approval_everything_about_it_is_20404(verify: Verify) -> None:
    sid, code = verify.start().json()["sid"], verify.code()
    verify.check(code)
    body = refused(verify.check(code), 20404, 404)
    service = verify.account["verify_service"]
    assert body["message"] == f"The requested resource /Services/{service}/VerificationCheck was not found"
    refused(verify.check(code, None, sid), 20404, 404)
    refused(verify.fetch(sid), 20404, 404)
    refused(verify.update(sid, "canceled"), 20404, 404)


def test_a_check_of_a_number_that_was_sent_nothing_is_20404(verify: Verify) -> None:
    refused(verify.check("123456"), 20404, 404)


def test_a_sixth_check_is_60202_even_with_the_right_code(verify: Verify) -> None:
    sid = verify.start().json()["sid"]
    answers = [verify.check(verify.wrong_code()) for _ in range(5)]
    assert [answer.json()["status"] for answer in answers] == ["pending"] * 5
    assert refused(verify.check(verify.code()), 60202, 429)["message"] == "Max check attempts reached"
    refused(verify.check(verify.code(), None, sid), 60202, 429)


def test_after_five_checks_only_expiry_helps(verify: Verify) -> None:
    sid, code = verify.start().json()["sid"], verify.code()
    for _ in range(5):
        verify.check(verify.wrong_code())
    refused(verify.start(), 60202, 429)
    refused(verify.fetch(sid), 20404, 404)
    refused(verify.update(sid, "canceled"), 20404, 404)
    assert len(verify.messages()) == 1
    verify.sandbox.clock.advance(TEN_MINUTES)
    refused(verify.check(code), 20404, 404)
    assert verify.start().json()["sid"] != sid


def test_t22_two_sessions_for_one_number_share_code_and_attempts(verify: Verify) -> None:
    first, code = verify.start().json(), verify.code()
    second = verify.start().json()
    assert (second["sid"], verify.code()) == (first["sid"], code)
    for turn in range(5):
        sid = first["sid"] if turn % 2 else None
        assert verify.check(verify.wrong_code(), NUMBER, sid).json()["status"] == "pending"
    refused(verify.check(code, None, second["sid"]), 60202, 429)


def test_t24_parallel_checks_never_exceed_five(verify: Verify) -> None:
    verify.start()
    wrong = verify.wrong_code()
    barrier = Barrier(12)

    def guess(_: int) -> int:
        barrier.wait(10)
        return verify.check(wrong).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = sorted(pool.map(guess, range(12)))
    assert statuses == [200] * 5 + [429] * 7


def test_t24_of_parallel_right_codes_exactly_one_is_approved(verify: Verify) -> None:
    verify.start()
    code = verify.code()
    barrier = Barrier(8)

    def redeem(_: int) -> str:
        barrier.wait(10)
        return str(verify.check(code).json().get("status"))

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(redeem, range(8)))
    assert statuses == ["404"] * 7 + ["approved"]
