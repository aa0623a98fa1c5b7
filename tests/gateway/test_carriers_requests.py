"""What carriers send: through the client that the gateway uses, to a server that reads it."""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.exchange import exchange, open_wire
from gateway.transports import REGISTRY, carrier_class
from gateway.transports.base import HttpRequest, Message, Outcome, Receipt

from .carrier_case import BASE, KEY, TEXT, TO, Case, decoded, settings_of, sms, variables
from .carrier_table import CASES, MESSAGEBIRD, TELNYX, TWILIO, VONAGE

pytestmark = pytest.mark.anyio

BY_NAME = [pytest.param(case, id=case.name) for case in CASES]
each_carrier = pytest.mark.parametrize("case", BY_NAME)
NAMED = [pytest.param(case, id=case.name) for case in CASES if case.sender is not None]
HOSTILE = [
    "a\r\nX-Injected: 1\r\n\r\nBcc: x",
    "a&to=%2B15005550006&from=evil+=;#?",
    '"}],"to":"+15005550006","x":["',
    "</Body><To>+15005550006</To>\\u0022 \\ ' \" ` ${7*7} {{7*7}}",
    "código de acceso \u2013 你好 🎉 مرحبا e\u0301 \u202e@£¥€",
    "   ",
]


class Server:
    """Keeps the last request's headers and decoded body, and answers as it is told."""

    def __init__(self) -> None:
        app = web.Application()
        app.router.add_post("/{path:.*}", self.answer)
        self.server = TestServer(app)
        self.headers: dict[str, str] = {}
        self.body: Any = None
        self.taken: tuple[int, Any] = (500, {})

    async def answer(self, request: web.Request) -> web.Response:
        self.headers = dict(request.headers)
        self.body = decoded(request.headers["Content-Type"], await request.read())
        status, body = self.taken
        return web.json_response(body, status=status)

    async def receive(
        self, case: Case, messages: Sequence[Message]
    ) -> AsyncIterator[tuple[Message, Receipt]]:
        self.taken = case.taken
        carrier = case.carrier(str(self.server.make_url("/there")))
        async with open_wire(public_only=False) as wire:
            for message in messages:
                yield message, await exchange(wire, carrier, message)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    async with made.server:
        yield made


@each_carrier
async def test_number_and_text_arrive_as_they_are(case: Case, server: Server) -> None:
    messages = [sms(text) for text in (TEXT, *HOSTILE)]
    async for message, receipt in server.receive(case, messages):
        assert case.sent(server.body) == (TO if case.plus else TO[1:], message.text, None)
        assert "X-Injected" not in server.headers
        assert receipt == Receipt(Outcome.ACCEPTED, reference=case.reference, status=case.taken[0])


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES if case.senders])
async def test_the_connections_sender_arrives_as_it_is(case: Case, server: Server) -> None:
    messages = [sms(sender=sender) for sender in ("Acme", "12345", *HOSTILE)]
    async for message, _ in server.receive(case, messages):
        assert case.sent(server.body)[2] == message.sender
        assert "X-Injected" not in server.headers


@each_carrier
def test_the_address_lies_below_the_base_url(case: Case) -> None:
    url = case.carrier().request(sms()).url
    assert url == BASE or url.startswith(BASE + "/")
    parts = urlsplit(url)
    assert (parts.query, parts.fragment, parts.username) == ("", "", None)
    assert ".." not in parts.path
    assert "//" not in parts.path


@pytest.mark.parametrize("case", NAMED)
def test_a_carriers_own_sender_goes_before_the_connections(case: Case) -> None:
    assert case.sender is not None
    carrier = case.carrier(**{case.sender: "+14155550100"})
    _, _, sender = case.sent(body_of(carrier.request(sms(sender="Acme"))))
    assert sender in ("+14155550100", "14155550100")
    assert (sender[0] == "+") == case.plus


@each_carrier
def test_who_has_no_sender_of_its_own_says_whether_it_needs_one(case: Case) -> None:
    needs = getattr(case.carrier(), "needs_sender", False)
    assert needs == (case.name in {"twilio", "vonage", "plivo", "telnyx", "messagebird"})
    if case.sender is not None:
        assert not getattr(case.carrier(**{case.sender: "Acme"}), "needs_sender", False)


def test_a_service_or_profile_picks_the_sender() -> None:
    service = "MG" + "3d" * 16
    twilio = TWILIO.carrier(TWILIO_MESSAGING_SERVICE_SID=service)
    assert body_of(twilio.request(sms(sender="Acme"))) == {
        "To": TO,
        "Body": TEXT,
        "MessagingServiceSid": service,
    }
    profile = "0a1b2c3d-0000-4000-8000-00000000c0de"
    telnyx = TELNYX.carrier(TELNYX_MESSAGING_PROFILE_ID=profile)
    assert body_of(telnyx.request(sms()))["messaging_profile_id"] == profile
    assert not getattr(twilio, "needs_sender", True)
    assert not getattr(telnyx, "needs_sender", True)


@pytest.mark.parametrize(
    ("text", "kind"),
    [(TEXT, "text"), ("{€} [~] ñ\n", "text"), ("ê", "unicode"), ("`", "unicode"), ("🎉", "unicode")],
)
def test_vonage_is_told_when_a_text_does_not_fit_gsm(text: str, kind: str) -> None:
    assert body_of(VONAGE.carrier().request(sms(text)))["type"] == kind


def test_messagebird_is_told_to_look_for_itself() -> None:
    assert body_of(MESSAGEBIRD.carrier().request(sms("ê")))["datacoding"] == "auto"


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in CASES if c.india])
def test_indias_ids_go_to_india_alone(case: Case) -> None:
    carrier = case.carrier(**case.india)
    assert all(repr(i) in repr(body_of(carrier.request(sms(country="IN")))) for i in case.india.values())
    assert not any(i in repr(body_of(carrier.request(sms(country="GB")))) for i in case.india.values())


@each_carrier
def test_the_same_message_makes_the_same_request_but_for_the_clock(case: Case) -> None:
    first, second = case.carrier().request(sms()), case.carrier().request(sms())
    assert body_of(first) == body_of(second)
    assert first.url == second.url


@each_carrier
def test_messages_with_one_key_name_it_alike(case: Case) -> None:
    named = KEY in repr(body_of(case.carrier().request(sms())))
    assert named == (case.name in {"webhook", "vonage", "sinch", "messagebird"})


@each_carrier
def test_no_credential_number_or_text_is_in_what_gets_printed(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    carrier, message = case.carrier(), sms()
    request = carrier.request(message)
    receipt = carrier.read(case.accepted())
    settings = settings_of(carrier.settings, case.env)
    shown = "\n".join(repr(o) for o in (carrier, request, receipt, settings, case.accepted())) + caplog.text
    assert not [secret for secret in case.secrets if secret in shown]
    assert TEXT not in shown
    assert TO[1:] not in shown


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_each_setting_names_its_variable_and_says_what_it_is(name: str) -> None:
    kind = carrier_class(name).settings
    names = list(variables(kind).values())
    assert len(set(names)) == len(names)
    assert all(env.isupper() and env.isidentifier() for env in names)
    assert all(info.description for info in kind.model_fields.values())
    assert kind.model_config["frozen"]
    assert kind.model_config["hide_input_in_errors"]


@each_carrier
def test_a_missing_or_bent_setting_is_refused_without_showing_it(case: Case) -> None:
    kind = carrier_class(case.name).settings
    required = {variables(kind)[n] for n, info in kind.model_fields.items() if info.is_required()}
    assert required == set(case.env)
    for env in required:
        with pytest.raises(ValidationError):
            settings_of(kind, {name: value for name, value in case.env.items() if name != env})
        for bent in ("", case.env[env] + "\r\nX-Injected: 1", "a b", "ключ", case.env[env] + "\n"):
            with pytest.raises(ValidationError) as caught:
                settings_of(kind, {**case.env, env: bent})
            assert case.env[env] not in str(caught.value)


@pytest.mark.parametrize(
    "env",
    ["TWILIO_ACCOUNT_SID", "PLIVO_AUTH_ID", "SINCH_SERVICE_PLAN_ID", "BIRD_WORKSPACE_ID", "BIRD_CHANNEL_ID"],
)
def test_what_goes_into_a_path_can_not_leave_it(env: str) -> None:
    (case,) = (case for case in CASES if env in case.env)
    for bent in ("..", "a/../b", "a?b", "a#b", "a%2Fb"):
        with pytest.raises(ValidationError):
            case.carrier(**{env: bent})


@pytest.mark.parametrize("case", NAMED)
@pytest.mark.parametrize("sender", ["", "ab", "Acme\n", "a" * 12, "+12", "+1234567890123456", "né"])
def test_a_bent_sender_is_refused(case: Case, sender: str) -> None:
    assert case.sender is not None
    with pytest.raises(ValidationError):
        case.carrier(**{case.sender: sender})


@given(st.text(), st.none() | st.text(), st.sampled_from(CASES))
def test_any_text_makes_a_request(text: str, sender: str | None, case: Case) -> None:
    message = replace(sms(), text=text, sender=sender)
    assert case.sent(body_of(case.carrier().request(message)))[1] == text


def body_of(request: HttpRequest) -> Any:
    if request.content is not None:
        return decoded("application/json", request.content)
    return request.json if request.json is not None else dict(request.form or {})
