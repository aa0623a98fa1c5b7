"""The client of Twilio Verify, against a scripted one over TLS on loopback."""

import asyncio
import base64
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from aiohttp import TCPConnector

from form import twilio
from form.errors import MaybeSentError, RefusedError
from form.twilio import TwilioVerify, Verdict, connected

from . import made
from .neighbours import RIGHT, Neighbours, Scripted
from .waiting import eventually

pytestmark = pytest.mark.anyio

KEY, SECRET = "SK" + "1" * 32, "twilio-secret-canary-8a1f"


@pytest.fixture
def authority(neighbours: Neighbours, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "ca.pem"
    neighbours.ca.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


@pytest.fixture
async def verify(neighbours: Neighbours, authority: Path) -> AsyncIterator[TwilioVerify]:
    before = psutil.Process().num_fds()
    async with connected(neighbours.twilio_url, made.SERVICE, "sms", KEY, SECRET) as client:
        yield client
    # Connections given up in mid-request say goodbye to TLS after the session is closed.
    await eventually(lambda: psutil.Process().num_fds() <= before)


def error(code: int, status: int = 400, **headers: str) -> Scripted:
    body = {"code": code, "message": "as told", "more_info": "", "status": status}
    return Scripted(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_start_asks_as_the_documentation_says(verify: TwilioVerify, neighbours: Neighbours) -> None:
    sid = await verify.start(made.MOBILE)
    assert sid in {verification["sid"] for verification in neighbours.pending.values()}
    (call,) = neighbours.calls
    assert call.path == f"/v2/Services/{made.SERVICE}/Verifications"
    assert call.form == {"To": made.MOBILE, "Channel": "sms"}
    assert base64.b64decode(call.authorization.removeprefix("Basic ")).decode() == f"{KEY}:{SECRET}"


async def test_a_check_goes_by_the_verification(verify: TwilioVerify, neighbours: Neighbours) -> None:
    sid = await verify.start(made.MOBILE)
    assert await verify.check(made.MOBILE, "000000", sid) is Verdict.WRONG
    assert await verify.check(made.MOBILE, RIGHT, sid) is Verdict.APPROVED
    assert await verify.check(made.MOBILE, RIGHT, sid) is Verdict.GONE
    assert neighbours.checks[0].form == {"Code": "000000", "VerificationSid": sid}


async def test_a_check_without_a_verification_goes_by_the_number(
    verify: TwilioVerify, neighbours: Neighbours
) -> None:
    await verify.start(made.MOBILE)
    assert await verify.check(made.MOBILE, RIGHT, None) is Verdict.APPROVED
    assert neighbours.checks[0].form == {"Code": RIGHT, "To": made.MOBILE}


async def test_a_cancelled_verification_makes_room_for_a_new_code(verify: TwilioVerify) -> None:
    sid = await verify.start(made.MOBILE)
    assert await verify.start(made.MOBILE) == sid
    await verify.cancel(sid)
    assert await verify.start(made.MOBILE) != sid
    await verify.cancel(sid)


@pytest.mark.parametrize(
    ("code", "status", "case", "wait"),
    [
        (60200, 400, "number_invalid", 0),
        (60006, 400, "number_invalid", 0),
        (21211, 400, "number_invalid", 0),
        (60205, 403, "number_landline", 0),
        (60202, 429, "tries_used", 0),
        (60203, 429, "sends_used", 600),
        (60207, 429, "busy", 30),
        (60212, 429, "busy", 30),
        (20429, 429, "busy", 30),
        (60238, 403, "number_blocked", 0),
        (60410, 403, "number_blocked", 0),
        (60412, 403, "number_blocked", 0),
        (60605, 403, "country_off", 0),
        (60204, 403, "unavailable", 0),
        (20003, 401, "unavailable", 0),
        (20404, 404, "unavailable", 0),
        (99999, 400, "unavailable", 0),
    ],
)
async def test_every_error_of_a_start_becomes_its_own_case(
    verify: TwilioVerify, neighbours: Neighbours, code: int, status: int, case: str, wait: int
) -> None:
    neighbours.script.append(error(code, status))
    with pytest.raises(RefusedError) as refused:
        await verify.start(made.MOBILE)
    assert (refused.value.case, refused.value.wait, refused.value.vendor_code) == (case, wait, code)
    assert len(neighbours.starts) == 1


@pytest.mark.parametrize(
    ("header", "wait"), [("7", 7), ("99999999999999", 3600), ("-1", 30), ("soon", 30), ("٣", 30), ("", 30)]
)
async def test_f01_retry_after_is_passed_on(
    verify: TwilioVerify, neighbours: Neighbours, header: str, wait: int
) -> None:
    neighbours.script.append(error(20429, 429, Retry_After=header))
    with pytest.raises(RefusedError) as refused:
        await verify.start(made.MOBILE)
    assert refused.value.wait == wait
    assert len(neighbours.starts) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_f02_a_start_is_tried_once_more_after_a_5xx(
    verify: TwilioVerify, neighbours: Neighbours, status: int
) -> None:
    neighbours.script.append(Scripted(status, b"<html>oops</html>"))
    assert (await verify.start(made.MOBILE)).startswith("VE")
    assert len(neighbours.starts) == 2
    neighbours.script.extend([Scripted(status)] * 2)
    with pytest.raises(RefusedError) as refused:
        await verify.start(made.MOBILE)
    assert refused.value.case == "unavailable"
    assert len(neighbours.starts) == 4


async def test_f02_a_check_is_not_repeated_after_a_5xx(verify: TwilioVerify, neighbours: Neighbours) -> None:
    neighbours.script.append(Scripted(503))
    with pytest.raises(RefusedError):
        await verify.check(made.MOBILE, RIGHT, "VE1234")
    assert len(neighbours.checks) == 1


async def test_f03_a_start_without_an_answer_may_have_been_sent(
    verify: TwilioVerify, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio, "TOTAL_SECONDS", 0.3)
    neighbours.script.append(Scripted(hang=5))
    started = time.monotonic()
    with pytest.raises(MaybeSentError):
        await verify.start(made.MOBILE)
    assert time.monotonic() - started < 2
    assert len(neighbours.starts) == 1


async def test_f04_a_start_cut_off_may_have_been_sent(verify: TwilioVerify, neighbours: Neighbours) -> None:
    neighbours.script.append(Scripted(apply=True, reset=True))
    with pytest.raises(MaybeSentError):
        await verify.start(made.MOBILE)
    assert len(neighbours.starts) == 1
    assert await verify.check(made.MOBILE, RIGHT, None) is Verdict.APPROVED


async def test_f03_nobody_listening_is_a_plain_refusal(authority: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        url = f"https://127.0.0.1:{taken.getsockname()[1]}"
        async with connected(url, made.SERVICE, "sms", KEY, SECRET) as verify:
            with pytest.raises(RefusedError) as refused:
                await verify.start(made.MOBILE)
            assert refused.value.case == "unavailable"
            with pytest.raises(RefusedError):
                await verify.check(made.MOBILE, RIGHT, None)
            await verify.cancel("VE1234")


@pytest.mark.parametrize("fault", [Scripted(hang=5), Scripted(reset=True)])
async def test_f03_a_check_without_an_answer_is_no_verdict(
    verify: TwilioVerify, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch, fault: Scripted
) -> None:
    monkeypatch.setattr(twilio, "TOTAL_SECONDS", 0.3)
    neighbours.script.append(fault)
    with pytest.raises(RefusedError) as refused:
        await verify.check(made.MOBILE, RIGHT, "VE1234")
    assert refused.value.case == "unavailable"


async def test_f05_slow_answers_do_not_queue_up(verify: TwilioVerify, neighbours: Neighbours) -> None:
    neighbours.script.extend([Scripted(status=404, body={"code": 20404}, hang=0.5)] * 100)
    started = time.monotonic()
    verdicts = await asyncio.gather(*(verify.check(made.MOBILE, RIGHT, "VE1234") for _ in range(100)))
    assert verdicts == [Verdict.GONE] * 100
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    ("code", "status", "verdict"), [(20404, 404, Verdict.GONE), (60202, 429, Verdict.EXHAUSTED)]
)
async def test_f06_errors_of_a_check_that_are_verdicts(
    verify: TwilioVerify, neighbours: Neighbours, code: int, status: int, verdict: Verdict
) -> None:
    neighbours.script.append(error(code, status))
    assert await verify.check(made.MOBILE, RIGHT, "VE1234") is verdict


@pytest.mark.parametrize(("code", "case"), [(20429, "busy"), (20003, "unavailable"), (60200, "unavailable")])
async def test_errors_of_a_check_that_are_no_verdicts(
    verify: TwilioVerify, neighbours: Neighbours, code: int, case: str
) -> None:
    neighbours.script.append(error(code))
    with pytest.raises(RefusedError) as refused:
        await verify.check(made.MOBILE, RIGHT, "VE1234")
    assert (refused.value.case, refused.value.vendor_code) == (case, code)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("pending", Verdict.WRONG),
        ("max_attempts_reached", Verdict.EXHAUSTED),
        ("expired", Verdict.GONE),
        ("canceled", Verdict.GONE),
        ("deleted", Verdict.GONE),
        ("failed", Verdict.GONE),
    ],
)
async def test_f07_no_status_but_approved_is_a_success(
    verify: TwilioVerify, neighbours: Neighbours, status: str, verdict: Verdict
) -> None:
    body = {"sid": "VE1234", "to": made.MOBILE, "status": status, "valid": True}
    neighbours.script.append(Scripted(200, body))
    assert await verify.check(made.MOBILE, RIGHT, "VE1234") is verdict


APPROVED = {"sid": "VE1234", "to": made.MOBILE, "status": "approved", "valid": True}
GARBAGE = [
    b"",
    b"null",
    b"[]",
    b'"approved"',
    b"{",
    b"<html>approved</html>",
    b"\xff\xfe",
    b"[" * 50_000,
    b'{"sid":"VE1234","to":"+14155550123","status":"approved"}' + b" " * 70_000,
    b'{"status":"Approved"}',
    b'{"status":["approved"]}',
    b'{"status":true,"valid":true}',
    b'{"valid":true}',
]


@pytest.mark.parametrize("body", GARBAGE, ids=lambda body: repr(body[:24]))
async def test_f07_garbage_is_never_a_verdict(
    verify: TwilioVerify, neighbours: Neighbours, body: bytes
) -> None:
    neighbours.script.append(Scripted(200, body))
    with pytest.raises(RefusedError) as refused:
        await verify.check(made.MOBILE, RIGHT, "VE1234")
    assert refused.value.case == "unavailable"


@pytest.mark.parametrize(
    "wrong",
    [{"to": made.OTHER_MOBILE}, {"to": None}, {"sid": "VE9999"}, {"sid": None}, {"status": "APPROVED"}],
)
async def test_f07_an_approval_of_something_else_is_none(
    verify: TwilioVerify, neighbours: Neighbours, wrong: dict[str, str]
) -> None:
    neighbours.script.append(Scripted(200, {**APPROVED, **wrong}))
    with pytest.raises(RefusedError):
        await verify.check(made.MOBILE, RIGHT, "VE1234")


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 500])
async def test_f07_approved_under_an_error_status_is_none(
    verify: TwilioVerify, neighbours: Neighbours, status: int
) -> None:
    neighbours.script.append(Scripted(status, APPROVED, {"Location": f"{neighbours.twilio_url}/elsewhere"}))
    with pytest.raises(RefusedError):
        await verify.check(made.MOBILE, RIGHT, "VE1234")
    assert [call.path.rsplit("/", 1)[1] for call in neighbours.calls] == ["VerificationCheck"]


@pytest.mark.parametrize("sid", [None, "", 7, "VE/../x", "VE 1", "VE1234?x=y", "V" * 65, "VEé4"])
async def test_f07_a_start_without_a_usable_verification_is_refused(
    verify: TwilioVerify, neighbours: Neighbours, sid: object
) -> None:
    neighbours.script.append(Scripted(201, {"sid": sid, "to": made.MOBILE, "status": "pending"}))
    with pytest.raises(RefusedError):
        await verify.start(made.MOBILE)


async def test_t42_a_certificate_of_an_unknown_authority_is_refused(
    neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    async with connected(neighbours.twilio_url, made.SERVICE, "sms", KEY, SECRET) as verify:
        with pytest.raises(RefusedError) as refused:
            await verify.start(made.MOBILE)
    assert refused.value.case == "unavailable"
    assert neighbours.calls == []


async def test_the_connection_is_the_standard_one(authority: Path) -> None:
    async with connected("https://localhost", made.SERVICE, "sms", KEY, SECRET) as verify:
        connector = verify._session.connector
        assert isinstance(connector, TCPConnector)
        context = connector._ssl
        assert isinstance(context, ssl.SSLContext)
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert not verify._session.trust_env
    assert (twilio.CONNECT_SECONDS, twilio.TOTAL_SECONDS) == (2.0, 8.0)


def test_every_case_named_for_twilio_has_a_text() -> None:
    from form.texts import PROBLEMS

    assert set(twilio.CASES.values()) <= set(PROBLEMS)
    assert all(re.search(r"[.!]$", text) for text in PROBLEMS.values())
