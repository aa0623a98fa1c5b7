"""Flow `action`: the Action sends the code at login and checks it when the browser returns."""

import base64
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from . import made
from .made import DENY
from .runner import NOW, ActionRunner, Run
from .test_asking import asked

CODE = made.code(flow="action")
OPTIONAL = made.code(flow="action", enforcement="optional")
SID, OTHER_SID = "VE" + "1" * 32, "VE" + "2" * 32
STARTED = {"status": 201, "json": {"sid": SID, "status": "pending", "to": made.PHONE}}
APPROVED = {"status": 200, "json": {"sid": SID, "status": "approved", "valid": True}}
WRONG = {"status": 200, "json": {"sid": SID, "status": "pending", "valid": False}}
GONE = {"status": 404, "json": {"code": 20404, "message": "not found", "status": 404}}


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pending(*, age: float = 10, fails: Any = 0, phone: str = made.PHONE, sid: str = SID) -> dict[str, Any]:
    return {"phone_pending": {"sid": sid, "phone": phone, "sent_at": iso(NOW - age), "fails": fails}}


def person(hint: str = made.PHONE, **app_metadata: Any) -> dict[str, Any]:
    return made.hinted(hint, secrets=made.TWILIO_SECRETS, user={"app_metadata": app_metadata})


def failure(status: int, code: int | None = None) -> dict[str, Any]:
    return {"status": status, "json": {"code": code, "message": f"to {made.PHONE}", "status": status}}


def start(node: ActionRunner, event: dict[str, Any], *answers: dict[str, Any], code: str = CODE) -> Run:
    return node.run(code, made.EXECUTE, event, twilio=list(answers))


def check(node: ActionRunner, event: dict[str, Any], *answers: dict[str, Any], sent: Any = "123456") -> Run:
    token = made.signed(made.result_claims("submitted", sealed=made.sealed({"code": sent})))
    return node.run(CODE, made.CONTINUE, made.returning(event, token), twilio=list(answers))


# ---- at login -------------------------------------------------------------------------------------


def test_one_sms_is_sent_and_remembered_before_the_redirect(node: ActionRunner) -> None:
    run = start(node, person(), STARTED)
    claims = asked(run)
    assert (claims["flow"], claims["phone"]) == ("action", made.PHONE)
    assert "notice" not in claims
    assert run.app_metadata == {
        "phone_pending": {
            "sid": SID,
            "phone": made.PHONE,
            "sent_at": iso(NOW),
            "fails": 0,
            "sends": [NOW],
        }
    }
    assert run.calls.index("setAppMetadata") < run.calls.index("sendUserTo")
    [request] = run.fetches
    assert request["url"] == "https://verify.twilio.com/v2/Services/VA" + "0" * 32 + "/Verifications"
    assert request["method"] == "POST"
    assert request["redirect"] == "error"
    assert parse_qs(request["body"]) == {"To": [made.PHONE], "Channel": ["sms"]}
    basic = base64.b64decode(request["headers"]["authorization"].removeprefix("Basic ")).decode()
    assert basic == "SK" + "0" * 32 + ":made-up-secret"


def test_the_wait_for_twilio_is_bounded(node: ActionRunner) -> None:
    run = start(node, person(), {"hang": True})
    assert run.denial == DENY["unavailable"]
    assert run.timeouts == [5000]
    assert len(run.fetches) == 1


@pytest.mark.parametrize("hint", ["", "no number"])
def test_without_a_known_number_there_is_nothing_to_send_to(node: ActionRunner, hint: str) -> None:
    run = start(node, person(hint))
    assert run.denial == DENY["numberMissing"]
    assert run.fetches == []
    assert start(node, person(hint), code=OPTIONAL).passed


@pytest.mark.parametrize(("age", "sends"), [(0, False), (29, False), (30, True), (599, True), (600, True)])
def test_inside_the_resend_interval_the_code_is_not_sent_again(
    node: ActionRunner, age: int, sends: bool
) -> None:
    run = start(node, person(**pending(age=age)), STARTED)
    asked(run)
    assert len(run.fetches) == int(sends)


def test_after_a_wrong_code_the_form_says_so(node: ActionRunner) -> None:
    run = start(node, person(**pending(fails=1)))
    assert asked(run)["notice"] == "code_wrong"
    assert run.fetches == []
    assert "notice" not in asked(start(node, person(**pending(fails=0))))


def test_a_repeated_code_and_a_new_one_keep_the_persons_wrong_tries(node: ActionRunner) -> None:
    event = person(**pending(age=60, fails=3))
    assert start(node, event, STARTED).app_metadata["phone_pending"]["fails"] == 3
    fresh = {"status": 201, "json": {"sid": OTHER_SID, "status": "pending"}}
    assert start(node, event, fresh).app_metadata["phone_pending"] == {
        "sid": OTHER_SID,
        "phone": made.PHONE,
        "sent_at": iso(NOW),
        "fails": 3,
        "sends": [NOW],
    }


def test_t22_another_hint_is_no_way_round_the_lock(node: ActionRunner) -> None:
    run = start(node, person(made.OTHER, **pending(fails=5)), STARTED)
    assert run.denial == DENY["locked"]
    assert run.fetches == []


def test_t28_messages_of_one_person_are_limited_whatever_their_numbers(node: ActionRunner) -> None:
    held = pending(age=60, phone=made.OTHER)["phone_pending"]
    sends = [NOW - 60 * each for each in range(1, 6)]
    refused = start(node, person(phone_pending={**held, "sends": sends}), STARTED)
    assert refused.denial == DENY["locked"]
    assert refused.fetches == []
    sends[-1] = NOW - 3601
    sent = start(node, person(phone_pending={**held, "sends": sends}), STARTED)
    assert sent.app_metadata["phone_pending"]["sends"] == [*sends[:-1], NOW]


def test_t28_an_expired_code_leaves_the_count_of_messages(node: ActionRunner) -> None:
    held = {**pending(age=601)["phone_pending"], "sends": [NOW - 601]}
    run = check(node, person(phone_pending=held), APPROVED)
    assert run.denial == DENY["codeExpired"]
    assert run.app_metadata == {"phone_pending": {"sends": [NOW - 601]}}


def test_t30_numbers_of_other_countries_are_refused_before_twilio_is_asked(node: ActionRunner) -> None:
    run = start(node, person("+4915123456789"), STARTED)
    assert run.denial == DENY["numberRefused"]
    assert run.fetches == []


def test_a_changed_hint_starts_anew(node: ActionRunner) -> None:
    run = start(node, person(made.OTHER, **pending(fails=0)), STARTED)
    assert asked(run)["phone"] == made.OTHER
    assert parse_qs(run.fetches[0]["body"])["To"] == [made.OTHER]
    assert run.app_metadata["phone_pending"]["phone"] == made.OTHER
    assert run.app_metadata["phone_pending"]["fails"] == 0


@pytest.mark.parametrize(("age", "locked"), [(0, True), (599, True), (600, False)])
def test_five_wrong_codes_lock_until_the_code_expires(node: ActionRunner, age: int, locked: bool) -> None:
    run = start(node, person(**pending(age=age, fails=5)), STARTED)
    assert run.denial == (DENY["locked"] if locked else None)
    assert bool(run.fetches) is not locked


@pytest.mark.parametrize(
    "broken",
    [
        "text",
        [],
        1,
        {},
        {"sid": SID},
        {**pending()["phone_pending"], "fails": None},
        {**pending()["phone_pending"], "fails": "1"},
        {**pending()["phone_pending"], "sent_at": "yesterday"},
        {**pending()["phone_pending"], "phone": "4155550123"},
    ],
)
def test_a_broken_memory_starts_anew(node: ActionRunner, broken: object) -> None:
    run = start(node, person(phone_pending=broken), STARTED)
    asked(run)
    assert run.app_metadata["phone_pending"]["sid"] == SID
    assert check(node, person(phone_pending=broken)).denial == DENY["codeExpired"]


FAILURES = [
    (failure(400, 60200), "numberRefused"),
    (failure(400, 21211), "numberRefused"),
    (failure(403, 60205), "numberRefused"),
    (failure(403, 60238), "numberRefused"),
    (failure(403, 60410), "numberRefused"),
    (failure(403, 60605), "numberRefused"),
    (failure(403, 60204), "misconfigured"),
    (failure(401, 20003), "misconfigured"),
    (failure(404, 20404), "misconfigured"),
    (failure(403, 20005), "unavailable"),
    (failure(429, 60203), "locked"),
    (failure(429, 60202), "locked"),
    (failure(429, 60212), "unavailable"),
    (failure(429, 20429), "unavailable"),
    (failure(500, 20500), "unavailable"),
    ({"status": 503, "text": "<html>"}, "unavailable"),
    ({"status": 502, "text": ""}, "unavailable"),
    ({"status": 201, "text": "not json"}, "unavailable"),
    ({"status": 201, "json": {}}, "unavailable"),
    ({"status": 201, "json": None}, "unavailable"),
    ({"status": 500, "json": {"sid": SID}}, "unavailable"),
    ({"error": "fetch failed"}, "unavailable"),
    ({"hang": True}, "unavailable"),
]


@pytest.mark.parametrize(("answer", "code"), FAILURES)
def test_f01_f07_what_twilio_cannot_do_is_denied_by_its_kind(
    node: ActionRunner, answer: dict[str, Any], code: str
) -> None:
    run = start(node, person(), answer)
    assert run.denial == DENY[code]
    assert run.app_metadata == {}
    assert len(run.fetches) == 1


@pytest.mark.parametrize(("answer", "_code"), FAILURES)
def test_nobody_who_may_skip_is_kept_out_by_twilio(
    node: ActionRunner, answer: dict[str, Any], _code: str
) -> None:
    assert start(node, person(), answer, code=OPTIONAL).passed


def test_t11_a_fault_of_our_own_denies_even_those_who_may_skip(node: ActionRunner) -> None:
    run = node.run(
        OPTIONAL, made.EXECUTE, person(), twilio=[STARTED], fail={"call": "setAppMetadata", "with": "error"}
    )
    assert run.denial == DENY["internal"]


def test_the_services_name_stays_one_segment_of_the_path(node: ActionRunner) -> None:
    event = made.merged(person(), {"secrets": {"TWILIO_VERIFY_SERVICE": "VA1/../VA2?x=#y"}})
    [request] = start(node, event, STARTED).fetches
    assert request["url"] == "https://verify.twilio.com/v2/Services/VA1%2F..%2FVA2%3Fx%3D%23y/Verifications"


@pytest.mark.parametrize("answer", [failure(429, 60203), failure(500), {"error": "fetch failed"}])
def test_when_a_resend_fails_the_earlier_code_still_serves(
    node: ActionRunner, answer: dict[str, Any]
) -> None:
    run = start(node, person(**pending(age=60, fails=1)), answer)
    assert asked(run)["notice"] == "code_wrong"
    assert run.app_metadata == pending(age=60, fails=1)
    assert start(node, person(**pending(age=60)), failure(429, 60202)).denial == DENY["locked"]


def test_a_change_takes_mfa_here(node: ActionRunner) -> None:
    known = made.verified()["user"]["app_metadata"]
    event = person(made.OTHER, **known)
    run = start(node, event, STARTED)
    assert run.passed
    assert run.fetches == []
    event["authentication"]["methods"].append(made.mfa())
    claims = asked(start(node, event, STARTED))
    assert (claims["phone"], claims["skippable"]) == (made.OTHER, True)
    assert "proven" not in claims


# ---- at the return --------------------------------------------------------------------------------


def test_an_approved_code_verifies_the_number_it_was_sent_to(node: ActionRunner) -> None:
    run = check(node, person(made.OTHER, **pending()), APPROVED)
    assert run.passed
    assert run.app_metadata == {
        "phone_number": made.PHONE,
        "phone_number_verified": True,
        "phone_verified_at": iso(NOW),
        "phone_hint": made.digest(made.OTHER),
    }
    [request] = run.fetches
    assert request["url"].endswith("/VerificationCheck")
    assert parse_qs(request["body"]) == {"VerificationSid": [SID], "Code": ["123456"]}


def test_a_wrong_code_is_counted_and_keeps_the_verification(node: ActionRunner) -> None:
    run = check(node, person(**pending(fails=1)), WRONG)
    assert run.denial == DENY["codeWrong"]
    assert run.app_metadata == pending(fails=2)


def test_the_fifth_wrong_code_locks(node: ActionRunner) -> None:
    run = check(node, person(**pending(fails=4)), WRONG)
    assert run.denial == DENY["locked"]
    assert run.app_metadata == pending(fails=5)


def test_t21_a_sixth_code_never_reaches_twilio(node: ActionRunner) -> None:
    run = check(node, person(**pending(fails=5)), APPROVED)
    assert run.denial == DENY["locked"]
    assert run.fetches == []


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "123",
        "12345678901",
        "12 456",
        "abcdef",
        "\u0661\u0662\u0663\u0664\u0665\u0666",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
        "123456\n",
        "+12345",
        None,
        {"a": 1},
    ],
)
def test_t25_what_is_no_code_counts_as_wrong_and_stays_here(node: ActionRunner, sent: object) -> None:
    run = check(node, person(**pending()), APPROVED, sent=sent)
    assert run.denial == DENY["codeWrong"]
    assert run.app_metadata == pending(fails=1)
    assert run.fetches == []


@pytest.mark.parametrize(
    ("answer", "code", "left"),
    [
        (GONE, "codeExpired", {}),
        ({"status": 404, "text": ""}, "codeExpired", {}),
        ({"status": 200, "json": {"status": "expired"}}, "codeExpired", {}),
        ({"status": 200, "json": {"status": "canceled"}}, "codeExpired", {}),
        ({"status": 200, "json": {"status": "deleted"}}, "codeExpired", {}),
        ({"status": 200, "json": {"status": "failed"}}, "codeExpired", {}),
        ({"status": 200, "json": {"status": "max_attempts_reached"}}, "locked", pending(fails=5)),
        (failure(429, 60202), "locked", pending(fails=5)),
        (failure(401, 20003), "misconfigured", pending()),
        (failure(429, 20429), "unavailable", pending()),
        (failure(500), "unavailable", pending()),
        ({"status": 200, "json": {}}, "unavailable", pending()),
        ({"status": 200, "json": None}, "unavailable", pending()),
        ({"status": 200, "text": "<html>approved</html>"}, "unavailable", pending()),
        ({"status": 500, "json": {"status": "approved"}}, "unavailable", pending()),
        ({"error": "fetch failed"}, "unavailable", pending()),
        ({"hang": True}, "unavailable", pending()),
    ],
)
def test_f06_f07_only_an_approval_verifies(
    node: ActionRunner, answer: dict[str, Any], code: str, left: dict[str, Any]
) -> None:
    run = check(node, person(**pending()), answer)
    assert run.denial == DENY[code]
    assert run.app_metadata == left
    assert len(run.fetches) == 1


@pytest.mark.parametrize(
    "status", ["Approved", "approved ", "", True, 1, ["approved"], {"approved": True}, "valid", "success"]
)
def test_nothing_like_an_approval_is_one(node: ActionRunner, status: object) -> None:
    run = check(node, person(**pending()), {"status": 200, "json": {"status": status, "valid": True}})
    assert run.denial in {DENY["codeExpired"], DENY["unavailable"]}
    assert "phone_number" not in run.app_metadata


@pytest.mark.parametrize("metadata", [{}, pending(age=600)])
def test_a_code_that_nobody_waits_for_is_expired(node: ActionRunner, metadata: dict[str, Any]) -> None:
    run = check(node, person(**metadata), APPROVED)
    assert run.denial == DENY["codeExpired"]
    assert run.app_metadata == {}
    assert run.fetches == []


def test_a_whole_story_of_mistakes_ends_well(node: ActionRunner) -> None:
    sent = start(node, person(), STARTED)
    wrong = check(node, person(**sent.app_metadata), WRONG)
    again = start(node, person(**wrong.app_metadata))
    assert asked(again)["notice"] == "code_wrong"
    assert again.fetches == []
    assert wrong.app_metadata == again.app_metadata
    done = check(node, person(**again.app_metadata), APPROVED)
    assert done.app_metadata["phone_number"] == made.PHONE
    assert "phone_pending" not in done.app_metadata
    assert start(node, person(**done.app_metadata)).calls == []


# ---- Node's own fetch -------------------------------------------------------------------------------


class Verify(HTTPServer):
    """A loopback Twilio Verify that approves 123456."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.seen: list[tuple[str, dict[str, str], str]] = []


class Answering(BaseHTTPRequestHandler):
    server: Verify

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.seen.append(
            (self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        )
        answer = b'{"sid": "VE1", "status": "approved"}'
        self.send_response(302 if "/moved/" in self.path else 201)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def verify() -> Iterator[Verify]:
    with Verify() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_nodes_fetch_sends_a_form_that_twilio_reads(node: ActionRunner, verify: Verify) -> None:
    code = made.code(flow="action", twilioVerifyUrl=f"http://127.0.0.1:{verify.server_port}")
    run = node.run(code, made.EXECUTE, person(), realFetch=True)
    asked(run)
    assert run.app_metadata["phone_pending"]["sid"] == "VE1"
    [(path, headers, body)] = verify.seen
    assert path == "/v2/Services/VA" + "0" * 32 + "/Verifications"
    assert headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert body == "To=%2B14155550123&Channel=sms"


def test_t41_a_redirect_by_twilio_is_not_followed(node: ActionRunner, verify: Verify) -> None:
    code = made.code(flow="action", twilioVerifyUrl=f"http://127.0.0.1:{verify.server_port}/moved")
    run = node.run(code, made.EXECUTE, person(), realFetch=True)
    assert run.denial == DENY["unavailable"]
    assert len(verify.seen) == 1


def test_a_refused_connection_is_no_internal_error(node: ActionRunner) -> None:
    run = node.run(
        made.code(flow="action", twilioVerifyUrl="http://127.0.0.1:9"), made.EXECUTE, person(), realFetch=True
    )
    assert run.denial == DENY["unavailable"]
