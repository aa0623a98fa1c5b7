"""The phone provider's Action: one message of the tenant's, handed to the gateway."""

import base64
import json
import re
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from infra.render.environment import render_template

from . import made
from .runner import NOW, ActionRunner, Run

HANDLER = "onExecuteCustomPhoneProvider"
TEMPLATE = (made.ROOT / "action_src" / "phone_provider.js.j2").read_text()
BUDGET = 6 * 1024
SECRET = made.REQUEST_KEY
TEXT = "Your code for Acme is 123456."
GATEWAY = "https://phone.acme.example/sms"
STAGE: dict[str, Any] = {
    "gatewayUrl": GATEWAY,
    "algorithm": "HS256",
    "secret": "SMS_GATEWAY_SECRET",
    "secretEncoding": "text",
    "subject": "auth0-phone/sms",
    "audience": GATEWAY,
    "from": None,
    "forwardRequestInfo": True,
    "northAmerica": True,
}
ACCEPTED = {"status": 200, "json": {"status": "accepted"}}


@cache
def _rendered(stage: str) -> str:
    return render_template("phone_provider.js.j2", {"stage": json.loads(stage)})


def code(**changes: Any) -> str:
    return _rendered(json.dumps({**STAGE, **changes}, sort_keys=True))


def message(**changes: Any) -> dict[str, Any]:
    """The event of a code to be sent; `changes` are merged in, None removes."""
    event = {
        "notification": {
            "as_text": TEXT,
            "as_voice": TEXT,
            "code": "123456",
            "delivery_method": "text",
            "from": None,
            "locale": "en",
            "message_type": "otp_verify",
            "recipient": made.PHONE,
        },
        "request": {"ip": "203.0.113.7", "user_agent": "Mozilla/5.0", "method": "POST"},
        "secrets": {"SMS_GATEWAY_SECRET": SECRET},
        "user": {"user_id": "sms|1"},
    }
    return made.merged(event, changes)


def run(node: ActionRunner, event: dict[str, Any], *answers: dict[str, Any], **options: Any) -> Run:
    stage = options.pop("stage", {})
    ran = node.run(code(**stage), HANDLER, event, twilio=list(answers or (ACCEPTED,)), **options)
    assert ran.threw is None
    return ran


def sent(ran: Run) -> dict[str, Any]:
    """The body of the one request."""
    (request,) = ran.fetches
    body: dict[str, Any] = json.loads(request["body"])
    return body


def test_a_message_reaches_the_gateway_as_the_connection_would_send_it(node: ActionRunner) -> None:
    ran = run(node, message())
    (request,) = ran.fetches
    assert (request["url"], request["method"], request["redirect"]) == (GATEWAY, "POST", "error")
    assert request["headers"]["content-type"] == "application/json"
    assert sent(ran) == {
        "recipient": made.PHONE,
        "body": TEXT,
        "req": {"ip": "203.0.113.7", "user-agent": "Mozilla/5.0"},
    }
    assert ran.notified == []
    assert ran.timeouts == [15_000]
    assert ran.required == ["node:crypto"]
    assert ran.native


def claims_of(ran: Run, secret: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    scheme, _, token = ran.fetches[0]["headers"]["authorization"].partition(" ")
    assert scheme == "Bearer"
    read = jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"])
    return dict(read.header), dict(read.claims)


def test_the_token_is_short_lived_and_its_own(node: ActionRunner) -> None:
    header, claims = claims_of(run(node, message()), SECRET.encode())
    assert header == {"alg": "HS256", "typ": "JWT"}
    jti = claims.pop("jti")
    assert claims == {"sub": "auth0-phone/sms", "aud": GATEWAY, "iat": NOW, "exp": NOW + 60}
    _, again = claims_of(run(node, message()), SECRET.encode())
    assert again["jti"] != jti


def test_a_base64_secret_signs_with_what_it_decodes_to(node: ActionRunner) -> None:
    ran = run(node, message(), stage={"secretEncoding": "base64"})
    _, claims = claims_of(ran, base64.urlsafe_b64decode(SECRET + "="))
    assert claims["sub"] == "auth0-phone/sms"


@pytest.mark.parametrize(
    "kind", ["otp_verify", "otp_enroll", "blocked_account", "change_password", "password_breach"]
)
def test_every_kind_of_message_is_delivered(node: ActionRunner, kind: str) -> None:
    ran = run(node, message(notification={"message_type": kind, "code": None}))
    assert sent(ran)["body"] == TEXT


@pytest.mark.parametrize(
    ("stage", "event", "sender"),
    [
        ({}, {}, None),
        ({}, {"from": "+14155550100"}, None),
        ({"from": "Acme"}, {}, "Acme"),
        ({"from": "Acme"}, {"from": "Other"}, "Acme"),
    ],
)
def test_the_sender_is_the_stages_whatever_a_template_says(
    node: ActionRunner, stage: dict[str, Any], event: dict[str, Any], sender: str | None
) -> None:
    assert sent(run(node, message(notification=event), stage=stage)).get("sender") == sender


@pytest.mark.parametrize(("stage", "changes"), [({"forwardRequestInfo": False}, {}), ({}, {"request": None})])
def test_the_visitor_is_told_only_when_asked_and_known(
    node: ActionRunner, stage: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert "req" not in sent(run(node, message(**changes), stage=stage))


@pytest.mark.parametrize("status", [400, 401, 413, 415, 422])
def test_what_will_never_do_is_dropped_with_the_gateways_word(node: ActionRunner, status: int) -> None:
    ran = run(node, message(), {"status": status, "json": {"error": "number_kind"}})
    assert ran.notified == [["drop", f"the gateway answered {status} number_kind"]]


@pytest.mark.parametrize("status", [201, 202, 204, 302, 403, 404, 408, 429, 500, 502, 503, 504])
def test_everything_else_is_tried_again(node: ActionRunner, status: int) -> None:
    ran = run(node, message(), {"status": status, "json": {"error": "limited"}})
    assert ran.notified == [["retry", f"the gateway answered {status} limited"]]
    assert ran.cache == {}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"error": "ECONNREFUSED +14155550123"}, "the gateway gave no answer: network"),
        ({"hang": True}, "the gateway gave no answer: time-out"),
        ({"status": 422, "text": "<html>+14155550123</html>"}, "the gateway answered 422 no reason"),
        ({"status": 422, "json": {"error": "x" * 2000}}, "the gateway answered 422 no reason"),
        ({"status": 422, "json": {"error": "sent to +14155550123"}}, "the gateway answered 422 no reason"),
        ({"status": 422, "json": None}, "the gateway answered 422 no reason"),
        ({"status": 422, "json": ["limited"]}, "the gateway answered 422 no reason"),
    ],
)
def test_no_answer_and_a_strange_one_have_plain_reasons(
    node: ActionRunner, answer: dict[str, Any], reason: str
) -> None:
    assert [how[1] for how in run(node, message(), answer).notified] == [reason]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"notification": {"delivery_method": "voice"}}, "voice is not delivered, text is"),
        ({"notification": {"as_text": None}}, "the message has no text"),
        ({"notification": {"as_text": " \n"}}, "the message has no text"),
        ({"notification": {"recipient": None}}, "the recipient is no number in E.164"),
        ({"notification": {"recipient": "0711 123456"}}, "the recipient is no number in E.164"),
        ({"notification": {"recipient": "+0123456789"}}, "the recipient is no number in E.164"),
        (
            {"notification": {"recipient": f"{made.PHONE},{made.OTHER}"}},
            "the recipient is no number in E.164",
        ),
        ({"notification": None}, "the message has no text"),
        ({"secrets": None}, "the secret SMS_GATEWAY_SECRET is missing or short"),
        ({"secrets": {"SMS_GATEWAY_SECRET": "x" * 31}}, "the secret SMS_GATEWAY_SECRET is missing or short"),
    ],
)
def test_what_cannot_be_sent_is_dropped_without_a_call(
    node: ActionRunner, changes: dict[str, Any], reason: str
) -> None:
    ran = run(node, message(**changes))
    assert ran.notified == [["drop", reason]]
    assert ran.fetches == []


@pytest.mark.parametrize("recipient", ["4155550123", "14155550123", "(415) 555-0123", "+1 415 555 0123"])
def test_a_north_american_number_gets_its_prefix_where_the_stage_serves_it(
    node: ActionRunner, recipient: str
) -> None:
    assert sent(run(node, message(notification={"recipient": recipient})))["recipient"] == made.PHONE
    elsewhere = run(node, message(notification={"recipient": recipient}), stage={"northAmerica": False})
    assert bool(elsewhere.fetches) is recipient.startswith("+")


def test_a_repeat_within_a_minute_is_sent_once(node: ActionRunner) -> None:
    first = run(node, message())
    ((entry, kept),) = first.cache.items()
    assert kept == {"value": "sent", "ttl": 60_000}
    again = run(node, message(), cache=first.cache)
    assert again.fetches == []
    assert again.notified == []
    assert len(entry) <= 64
    assert "415" not in entry


@pytest.mark.parametrize("other", [{"recipient": made.OTHER}, {"as_text": "Your code for Acme is 654321."}])
def test_another_message_is_no_repeat(node: ActionRunner, other: dict[str, Any]) -> None:
    first = run(node, message())
    assert len(run(node, message(notification=other), cache=first.cache).fetches) == 1


@pytest.mark.parametrize("answer", [{"status": 503}, {"status": 422}, {"error": "reset"}])
def test_a_failed_try_is_not_remembered_as_sent(node: ActionRunner, answer: dict[str, Any]) -> None:
    first = run(node, message(), answer)
    assert first.cache == {}
    assert len(run(node, message(), cache=first.cache).fetches) == 1


@pytest.mark.parametrize("call", ["cache.get", "cache.set"])
def test_a_broken_cache_stops_no_message(node: ActionRunner, call: str) -> None:
    ran = run(node, message(), fail={"call": call})
    assert len(ran.fetches) == 1
    assert ran.notified == []


@pytest.mark.parametrize(
    "answer", [ACCEPTED, {"status": 422, "json": {"error": "opted_out"}}, {"status": 500}, {"error": TEXT}]
)
def test_neither_number_nor_code_nor_token_is_logged(node: ActionRunner, answer: dict[str, Any]) -> None:
    ran = run(node, message(), answer)
    said = " ".join([*ran.logs, *(reason for _, reason in ran.notified)])
    assert ran.logs
    assert ran.logs[0].startswith("auth0-phone: otp_verify ")
    for private in ("5550123", "123456", "eyJ", SECRET, "203.0.113.7"):
        assert private not in said


def test_what_nobody_foresaw_is_tried_again_and_not_thrown(node: ActionRunner) -> None:
    ran = run(node, message(notification={"recipient": {"toString": 1}}))
    assert ran.notified == [["retry", "internal"]]
    assert ran.logs == ["auth0-phone: otp_verify retry internal"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(sorted(message()["notification"])), JSON, max_size=8),
    st.one_of(JSON, st.just(message()["request"])),
    JSON,
)
def test_whatever_comes_nothing_is_thrown_and_one_end_is_told(
    node: ActionRunner, notification: dict[str, Any], request: Any, answer: Any
) -> None:
    event = message(secrets={"SMS_GATEWAY_SECRET": SECRET})
    event |= {"notification": notification, "request": request}
    ran = run(node, event, {"status": 422, "json": answer})
    assert len(ran.notified) == 1
    assert len(ran.notified[0][1]) <= 1024
    assert len(ran.fetches) <= 1


def test_the_only_injection_is_the_stage() -> None:
    assert re.findall(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", TEMPLATE) == ["{{ stage | js }}"]
    assert re.findall(r"require\([^)]*\)|\bimport\b", TEMPLATE) == ['require("node:crypto")']
    assert TEMPLATE.count("console.") == 1
    assert not re.search(r"^(let|var)\b|\beval\b|new Function|process\.|globalThis", TEMPLATE, re.MULTILINE)


def test_bytes_stay_within_their_budget() -> None:
    assert len(code(**{"gatewayUrl": "https://" + "x" * 240, "audience": "x" * 255}).encode()) <= BUDGET
