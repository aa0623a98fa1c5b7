"""Flow `action` at the return: the Action checks the code, by Node's own fetch too."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from . import made
from .flow_action import APPROVED, GONE, SID, STARTED, WRONG, check, failure, iso, pending, person, start
from .made import DENY
from .runner import NOW, ActionRunner
from .test_asking import asked


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
