"""Requests to carriers over real TLS: verified, without redirects, ended in time; what their ends mean."""

import asyncio
import datetime
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme
from aiohttp import web
from aiohttp.resolver import ThreadedResolver

from gateway.delivery import Lane, lane
from gateway.exchange import BODY_BYTES, CONNECT_SECONDS, DNS_SECONDS, open_wire
from gateway.transports.base import HttpRequest, HttpResponse, Message, Outcome, Receipt
from gateway.transports.webhook import Webhook, WebhookSettings
from gateway.wire import Wire

from . import made
from .vendors import Scripted, Vendor, trust, vendor

pytestmark = pytest.mark.anyio

MESSAGE = Message(made.MOBILE, made.TEXT, None, "US", "0" * 32)
ROOM = made.ROOT / "gateway"


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def trusted(ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trust(ca, tmp_path)))


@pytest.fixture
async def hook(ca: trustme.CA) -> AsyncIterator[Vendor]:
    async with vendor(ca) as running:
        yield running


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with open_wire(public_only=False) as opened:
        yield opened


def webhook(url: str, wire: Wire) -> Lane:
    settings = WebhookSettings.model_validate({"secret": made.CARRIER_KEYS["SMS_WEBHOOK_SECRET"]})
    return lane(Webhook.of(settings, url), wire)


async def sent(url: str, wire: Wire, message: Message = MESSAGE) -> Receipt:
    return await webhook(url, wire).send(message, 5)


async def test_a_message_goes_out_over_verified_tls(hook: Vendor, wire: Wire) -> None:
    receipt = await sent(hook.url, wire)
    assert (receipt.outcome, receipt.reference) == (Outcome.ACCEPTED, "v1")
    assert [(m["to"], m["text"]) for m in hook.received] == [(made.MOBILE, made.TEXT)]


@pytest.mark.parametrize(
    "text", ["Code 482913\r\nX-Evil: 1", "&to=%2B1900\u0000", '"}],"x":"', "ملف ✓ 😀", "a" * 300, "\n"]
)
async def test_t40_fields_arrive_intact_in_one_request(hook: Vendor, wire: Wire, text: str) -> None:
    message = Message(made.MOBILE, text, "Acme", "US", "0" * 32)
    await sent(hook.url, wire, message)
    assert [(m["text"], m["sender"]) for m in hook.received] == [(text, "Acme")]
    assert len(hook.requests) == 1
    assert "X-Evil" not in hook.requests[0][1]


async def test_connections_are_kept_and_no_cookie_is(hook: Vendor, wire: Wire) -> None:
    hook.script.append(Scripted(200, {"status": "accepted", "id": "1"}, {"Set-Cookie": "a=b"}))
    for _ in range(3):
        await sent(hook.url, wire)
    assert len(wire.connector._conns) == 1
    assert all("Cookie" not in headers for _, headers in hook.requests)


async def test_f25_a_refused_connection_was_certainly_no_send(wire: Wire) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"https://localhost:{probe.getsockname()[1]}"
    began = time.monotonic()
    assert await sent(url, wire) == Receipt(Outcome.RETRYABLE, code="unreachable")
    assert time.monotonic() - began < CONNECT_SECONDS


async def test_f25_the_next_carrier_has_it_within_a_second(hook: Vendor, wire: Wire) -> None:
    down, up = webhook("https://localhost:9", wire), webhook(hook.url, wire)
    began = time.monotonic()
    outcomes = [(await way.send(MESSAGE, 5)).outcome for way in (down, up)]
    assert outcomes == [Outcome.RETRYABLE, Outcome.ACCEPTED]
    assert time.monotonic() - began < CONNECT_SECONDS


@pytest.mark.parametrize("names", [("other.example",), ("*.localhost",)])
async def test_f33_t42_a_certificate_for_another_host_is_refused(
    ca: trustme.CA, wire: Wire, names: tuple[str, ...]
) -> None:
    async with vendor(ca, *names) as wrong:
        assert await sent(wrong.url, wire) == Receipt(Outcome.RETRYABLE, code="certificate")
        assert wrong.requests == []


async def test_f33_t42_a_certificate_of_a_stranger_is_refused(wire: Wire) -> None:
    async with vendor(trustme.CA()) as stranger:
        assert await sent(stranger.url, wire) == Receipt(Outcome.RETRYABLE, code="certificate")
        assert stranger.requests == []


async def test_f33_an_expired_certificate_is_refused(ca: trustme.CA, wire: Wire) -> None:
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("localhost", not_before=past, not_after=past + datetime.timedelta(days=1)).configure_cert(
        context
    )
    runner = web.AppRunner(web.Application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    url = f"https://localhost:{runner.addresses[0][1]}"
    assert await sent(url, wire) == Receipt(Outcome.RETRYABLE, code="certificate")
    await runner.cleanup()


async def test_t42_plain_http_is_no_tls(wire: Wire) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        receipt = await sent(f"https://localhost:{server.sockets[0].getsockname()[1]}", wire)
    assert receipt.outcome is Outcome.RETRYABLE


def test_t42_no_code_of_the_room_switches_verification_off() -> None:
    for file in ROOM.rglob("*.py"):
        assert not re.search(r"CERT_NONE|check_hostname|verify\s*=\s*False|ssl\s*=\s*False", file.read_text())


async def test_a_reset_after_the_request_is_ambiguous(hook: Vendor, wire: Wire) -> None:
    hook.script.append(Scripted(reset=True))
    assert await sent(hook.url, wire) == Receipt(Outcome.AMBIGUOUS, code="no_answer")


async def test_an_answer_cut_short_is_ambiguous(ca: trustme.CA, wire: Wire) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()
        writer.transport.abort()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("localhost").configure_cert(context)
    server = await asyncio.start_server(cut, "127.0.0.1", 0, ssl=context)
    async with server:
        receipt = await sent(f"https://localhost:{server.sockets[0].getsockname()[1]}", wire)
    assert receipt == Receipt(Outcome.AMBIGUOUS, code="no_answer")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_t41_redirects_are_not_followed(hook: Vendor, wire: Wire, status: int) -> None:
    for location in (hook.url + "/other", "http://169.254.169.254/latest/meta-data/", "https://127.0.0.1/"):
        hook.script.append(Scripted(status, headers={"Location": location}))
        assert (await sent(hook.url, wire)).outcome is not Outcome.ACCEPTED
    assert [path for path, _ in hook.requests] == ["/hook"] * 3


async def test_t41_no_private_address_is_asked_where_carriers_are_public(hook: Vendor) -> None:
    async with open_wire(public_only=True) as wire:
        for host in ("localhost", "form.localhost"):
            receipt = await sent(f"https://{host}:{hook.port}/hook", wire)
            assert receipt == Receipt(Outcome.RETRYABLE, code="unreachable")
    assert hook.requests == []


async def test_f32_a_name_that_does_not_resolve_costs_two_seconds_at_most(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(*_: object, **__: object) -> list[object]:
        raise OSError(None, "Name or service not known")

    monkeypatch.setattr(ThreadedResolver, "resolve", nobody)
    assert await sent("https://gone.example.com", wire) == Receipt(Outcome.RETRYABLE, code="unreachable")

    async def slow(*_: object, **__: object) -> list[object]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(ThreadedResolver, "resolve", slow)
    began = time.monotonic()
    receipt = await sent("https://slow.example.com", wire)
    assert receipt == Receipt(Outcome.RETRYABLE, code="unreachable")
    assert time.monotonic() - began < 2 * CONNECT_SECONDS


async def test_f32_names_are_asked_again_after_a_minute(wire: Wire) -> None:
    assert DNS_SECONDS == 60
    assert wire.connector._cached_hosts._ttl == DNS_SECONDS  # type: ignore[attr-defined] # a TCPConnector


class Loud:
    """A carrier that is satisfied with anything, to see what its server's answer became."""

    name = "loud"
    timeout = 5.0

    def __init__(self, url: str) -> None:
        self._url = url
        self.responses: list[HttpResponse] = []

    def request(self, message: Message) -> HttpRequest:
        return HttpRequest(self._url, form={"to": message.to, "text": message.text})

    def read(self, response: HttpResponse) -> Receipt:
        self.responses.append(response)
        return Receipt(Outcome.ACCEPTED)


async def test_an_answers_body_is_read_to_64_kib_and_no_further(hook: Vendor, wire: Wire) -> None:
    loud = Loud(hook.url)
    hook.script.append(Scripted(201, b"x" * (10 * BODY_BYTES), {"Retry-After": "7"}))
    await lane(loud, wire).send(MESSAGE, 5)  # type: ignore[arg-type] # as much of a carrier as is asked for
    (response,) = loud.responses
    assert (response.status, len(response.body)) == (201, BODY_BYTES)
    assert response.headers["retry-after"] == "7"


async def test_proxies_of_the_environment_count_for_nothing(
    hook: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    async with open_wire(public_only=False) as wire:
        receipt = await sent(hook.url, wire)
    assert receipt.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("status", [200, 400, 503])
async def test_a_receipt_has_the_answers_status(hook: Vendor, wire: Wire, status: int) -> None:
    hook.script.append(Scripted(status, {"status": "misconfigured"}))
    receipt = await sent(hook.url, wire)
    assert receipt == Receipt(Outcome.CONFIGURATION, code="misconfigured", status=status)


async def test_f27_a_hanging_server_is_given_up(hook: Vendor, wire: Wire) -> None:
    hook.script.append(Scripted(hang=True))
    sending = asyncio.ensure_future(sent(hook.url, wire))
    await hook.reached()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert (await sent(hook.url, wire)).outcome is Outcome.ACCEPTED
