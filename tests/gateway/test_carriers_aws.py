"""AWS End User Messaging: by the SDK's stubs, and over the wire to a server of our own."""

import asyncio
import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.transports import aws, carrier_class
from gateway.transports.aws import Aws, AwsSettings
from gateway.transports.base import Outcome, Receipt

from .carrier_case import TEXT, TO, WORDS, settings_of, sms
from .vendors import trust

pytestmark = pytest.mark.anyio

SECRET = "awsawsawsawsawssecretsecretsecret"
ENV = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIAAKIAAKIAAKIAAKIA",
    "AWS_SECRET_ACCESS_KEY": SECRET,
}
OK = {"MessageId": "1a2b-3c4d"}
OPERATION = "send_text_message"


def made(base_url: str = "", **more: str) -> Aws:
    return Aws.of(settings_of(AwsSettings, {**ENV, **more}), base_url)


@pytest.fixture(scope="module")
def carrier() -> Iterator[Aws]:
    """One for all that stub it: the SDK takes its time to make a client."""
    carrier = made()
    yield carrier
    asyncio.run(carrier.close())


def stubbed(carrier: Aws) -> Any:
    return import_module("botocore.stub").Stubber(carrier.client)


async def test_a_message_with_an_id_is_accepted(carrier: Aws) -> None:
    expected = {
        "DestinationPhoneNumber": TO,
        "MessageBody": TEXT,
        "MessageType": "TRANSACTIONAL",
        "OriginationIdentity": "Acme",
    }
    with stubbed(carrier) as stub:
        stub.add_response(OPERATION, OK, expected)
        assert await carrier.send(sms(sender="Acme"), 8) == Receipt(Outcome.ACCEPTED, reference="1a2b-3c4d")
        stub.assert_no_pending_responses()


async def test_an_answer_without_an_id_is_ambiguous(carrier: Aws) -> None:
    with stubbed(carrier) as stub:
        stub.add_response(OPERATION, {})
        assert await carrier.send(sms(), 8) == Receipt(Outcome.AMBIGUOUS, code="no_message_id")


PROTECTED = "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE"
FAILURES = [
    ("ConflictException", 400, "DESTINATION_PHONE_NUMBER_OPTED_OUT", Outcome.OPTED_OUT),
    ("ConflictException", 400, PROTECTED, Outcome.REFUSED),
    ("ConflictException", 400, "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION", Outcome.CONFIGURATION),
    ("ConflictException", 400, "DESTINATION_PHONE_NUMBER_NOT_VERIFIED", Outcome.CONFIGURATION),
    ("ConflictException", 400, "NO_ORIGINATION_IDENTITIES_FOUND", Outcome.CONFIGURATION),
    ("ValidationException", 400, "SENDER_ID_NOT_REGISTERED", Outcome.CONFIGURATION),
    ("AccessDeniedException", 400, "ACCOUNT_DISABLED", Outcome.CONFIGURATION),
    ("ServiceQuotaExceededException", 402, "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT", Outcome.CONFIGURATION),
    ("ThrottlingException", 400, None, Outcome.RETRYABLE),
    ("ResourceNotFoundException", 400, None, Outcome.CONFIGURATION),
    ("UnrecognizedClientException", 400, None, Outcome.CONFIGURATION),
    ("ExpiredTokenException", 403, None, Outcome.CONFIGURATION),
    ("InternalServerException", 500, None, Outcome.AMBIGUOUS),
    ("Unknown", 503, None, Outcome.AMBIGUOUS),
]


@pytest.mark.parametrize(("error", "status", "reason", "outcome"), FAILURES)
async def test_a_documented_failure_means_what_the_table_says(
    carrier: Aws, error: str, status: int, reason: str | None, outcome: Outcome
) -> None:
    fields = {} if reason is None else {"Reason": reason}
    with stubbed(carrier) as stub:
        stub.add_client_error(OPERATION, error, WORDS, status, modeled_fields=fields)
        receipt = await carrier.send(sms(), 8)
    assert receipt == Receipt(outcome, code=reason or error, status=status)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("DestinationPhoneNumber", Outcome.REFUSED),
        ("MessageBody", Outcome.REFUSED),
        ("OriginationIdentity", Outcome.CONFIGURATION),
    ],
)
async def test_what_is_invalid_decides_whose_fault_it_is(carrier: Aws, name: str, outcome: Outcome) -> None:
    fields = {"Reason": "FIELD_VALIDATION_FAILED", "Fields": [{"Name": name, "Message": WORDS}]}
    with stubbed(carrier) as stub:
        stub.add_client_error(OPERATION, "ValidationException", WORDS, 400, modeled_fields=fields)
        receipt = await carrier.send(sms(), 8)
    assert receipt == Receipt(outcome, code="FIELD_VALIDATION_FAILED", status=400)


async def test_indias_ids_go_to_india_alone() -> None:
    carrier = made(AWS_SMS_INDIA_ENTITY_ID="1101", AWS_SMS_INDIA_TEMPLATE_ID="1107")
    assert carrier.parameters(sms(country="IN"))["DestinationCountryParameters"] == {
        "IN_ENTITY_ID": "1101",
        "IN_TEMPLATE_ID": "1107",
    }
    assert "DestinationCountryParameters" not in carrier.parameters(sms())
    await carrier.close()


async def test_its_own_identity_and_configuration_set_are_used() -> None:
    carrier = made(AWS_SMS_ORIGINATION_IDENTITY="pool-1", AWS_SMS_CONFIGURATION_SET="otp")
    sent = carrier.parameters(sms(sender="Acme"))
    assert (sent["OriginationIdentity"], sent["ConfigurationSetName"]) == ("pool-1", "otp")
    await carrier.close()


def test_half_a_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="set both or neither") as caught:
        settings_of(AwsSettings, {"AWS_REGION": "eu-west-1", "AWS_SECRET_ACCESS_KEY": SECRET})
    assert SECRET not in str(caught.value)


async def test_nothing_secret_is_shown(carrier: Aws) -> None:
    assert SECRET not in repr(carrier) + repr(carrier.account)


def test_without_the_sdk_the_class_can_not_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.delitem(sys.modules, "gateway.transports.aws")
    with pytest.raises(ImportError) as caught:
        carrier_class("aws")
    assert caught.value.name == "boto3"


ANY = st.none() | st.integers() | st.text(max_size=40)


@given(
    st.fixed_dictionaries(
        {"ResponseMetadata": st.fixed_dictionaries({"HTTPStatusCode": st.integers(0, 999)})},
        optional={
            "Error": st.fixed_dictionaries({}, optional={"Code": ANY, "Message": ANY}),
            "Reason": ANY,
            "Fields": st.lists(st.fixed_dictionaries({}, optional={"Name": ANY})),
        },
    )
)
def test_any_error_is_read(answer: dict[str, Any]) -> None:
    receipt = aws.read(answer)
    assert receipt.outcome is not Outcome.ACCEPTED
    assert receipt.code
    assert not set(receipt.code) & set(" \n+")


@dataclass
class Service:
    """An HTTP server of the service: answers as it is told, keeps what it got."""

    server: ThreadingHTTPServer
    url: str
    requests: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    status: int = 200
    body: bytes = json.dumps(OK).encode()
    hold: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def service() -> Iterator[Service]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    made = Service(server, f"http://127.0.0.1:{server.server_address[1]}")
    made.hold.set()
    server.RequestHandlerClass = handler(made)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.hold.set()
    server.shutdown()
    server.server_close()
    thread.join()


def handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            service.requests.append((dict(self.headers), json.loads(content)))
            service.hold.wait(10)
            self.send_response(service.status)
            self.send_header("Content-Length", str(len(service.body)))
            self.end_headers()
            self.wfile.write(service.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


async def test_over_the_wire_it_is_one_signed_request(service: Service) -> None:
    carrier = made(service.url)
    assert await carrier.send(sms("a\r\nb & ' \" 🎉", "Acme"), 8) == Receipt(
        Outcome.ACCEPTED, reference="1a2b-3c4d"
    )
    await carrier.close()
    ((headers, body),) = service.requests
    assert headers["X-Amz-Target"] == "PinpointSMSVoiceV2.SendTextMessage"
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIAAKIAAKIAAKIAAKIA/")
    assert "/eu-west-1/sms-voice/aws4_request" in headers["Authorization"]
    assert body["MessageBody"] == "a\r\nb & ' \" 🎉"


async def test_the_sdk_tries_nothing_again(service: Service) -> None:
    carrier = made(service.url)
    service.body = b'{"__type": "Unknown", "message": "-"}'
    for service.status in (500, 503, 429):
        receipt = await carrier.send(sms(), 8)
        assert receipt.outcome is (Outcome.RETRYABLE if service.status == 429 else Outcome.AMBIGUOUS)
    await carrier.close()
    assert len(service.requests) == 3


async def test_an_accepting_status_with_other_bytes_is_ambiguous(service: Service) -> None:
    carrier = made(service.url)
    for body in (b"", b"{", b"[]", b"\xff", b'{"MessageId": 7}', b"<html>"):
        service.body = body
        assert (await carrier.send(sms(), 8)).outcome is Outcome.AMBIGUOUS
    await carrier.close()


async def test_a_slow_service_is_left_in_time_and_ambiguous(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "READ_SECONDS", 0.2)
    service.hold.clear()
    carrier = made(service.url)
    begun = time.monotonic()
    receipt = await carrier.send(sms(), 4)
    await carrier.close()
    assert receipt == Receipt(Outcome.AMBIGUOUS, code="ReadTimeoutError")
    assert time.monotonic() - begun < 3


async def test_nothing_listens_so_nothing_was_sent(unused: str) -> None:
    carrier = made(unused)
    receipt = await carrier.send(sms(), 8)
    await carrier.close()
    assert receipt == Receipt(Outcome.RETRYABLE, code="EndpointConnectionError")


@pytest.fixture
def unused(service: Service) -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return f"http://127.0.0.1:{server.server_address[1]}"


async def test_a_certificate_that_nobody_vouches_for_stops_before_anything_is_sent(service: Service) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    service.server.socket = context.wrap_socket(service.server.socket, server_side=True)
    carrier = made(service.url.replace("http://127.0.0.1", "https://localhost"))
    receipt = await carrier.send(sms(), 8)
    await carrier.close()
    assert receipt == Receipt(Outcome.CONFIGURATION, code="SSLError")
    assert service.requests == []


async def test_what_could_not_end_in_time_is_not_begun(service: Service) -> None:
    carrier = made(service.url)
    assert await carrier.send(sms(), aws.CONNECT_SECONDS + aws.READ_SECONDS - 0.1) == Receipt(
        Outcome.RETRYABLE, code="no_time_left", late=True
    )
    await carrier.close()
    assert service.requests == []


@pytest.mark.parametrize("over_tls", [False, True])
async def test_what_is_connected_too_late_is_not_sent(
    service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, over_tls: bool
) -> None:
    if over_tls:
        ca, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("localhost").configure_cert(context)
        service.server.socket = context.wrap_socket(service.server.socket, server_side=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(trust(ca, tmp_path)))
        service.url = service.url.replace("http://127.0.0.1", "https://localhost")
    carrier, look_up, clock = made(service.url), socket.getaddrinfo, [1000.0]

    def slow(*args: Any, **options: Any) -> Any:
        clock[0] += 8 - aws.READ_SECONDS + 0.1
        return look_up(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(aws, "time", SimpleNamespace(monotonic=lambda: clock[0]))
        patch.setattr(socket, "getaddrinfo", slow)
        late = await carrier.send(sms(), 8)
    assert late == Receipt(Outcome.RETRYABLE, code="no_time_left", late=True)
    assert service.requests == []
    assert (await carrier.send(sms("in time"), 8)).outcome is Outcome.ACCEPTED
    await carrier.close()


async def test_who_waits_for_a_thread_and_is_given_up_is_never_sent(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "WORKERS", 1)
    service.hold.clear()
    carrier = made(service.url)
    first = asyncio.create_task(carrier.send(sms("first"), 8))
    await until(lambda: len(service.requests) == 1)
    second = asyncio.create_task(carrier.send(sms("second"), 8))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    service.hold.set()
    assert (await first).outcome is Outcome.ACCEPTED
    await carrier.send(sms("third"), 8)
    await carrier.close()
    assert [body["MessageBody"] for _, body in service.requests] == ["first", "third"]


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0)


async def test_no_request_is_in_the_log_even_at_debug(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    carrier = made(service.url)
    with caplog.at_level("DEBUG"):
        await carrier.send(sms(), 8)
    await carrier.close()
    assert TEXT not in caplog.text
    assert TO not in caplog.text
