"""The two carriers that are our own: the signed webhook and the log of development."""

import hashlib
import hmac
import io
import json
import sys

import pytest
import time_machine

from gateway.transports.base import Outcome, Receipt
from gateway.transports.log import Log, LogSettings

from .carrier_case import BASE, KEY, TEXT, TO, sms
from .carrier_table import WEBHOOK

pytestmark = pytest.mark.anyio


def test_the_webhook_signs_the_time_and_the_very_bytes_it_sends() -> None:
    with time_machine.travel(1_790_000_000, tick=False):
        request = WEBHOOK.carrier().request(sms("Señal 🎉", "Acme"))
    assert request.content is not None
    expected = hmac.new(WEBHOOK.secrets[0].encode(), b"1790000000." + request.content, hashlib.sha256)
    assert request.headers["X-Sms-Timestamp"] == "1790000000"
    assert request.headers["X-Sms-Signature"] == f"sha256={expected.hexdigest()}"
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.content) == {"to": TO, "text": "Señal 🎉", "sender": "Acme", "key": KEY}
    assert request.url == BASE


def test_another_text_or_another_time_has_another_signature() -> None:
    carrier = WEBHOOK.carrier()
    with time_machine.travel(1_790_000_000, tick=False):
        first, other = carrier.request(sms()), carrier.request(sms(TEXT + "."))
    with time_machine.travel(1_790_000_001, tick=False):
        later = carrier.request(sms())
    assert len({r.headers["X-Sms-Signature"] for r in (first, other, later)}) == 3


def test_a_short_webhook_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 characters"):
        WEBHOOK.carrier(SMS_WEBHOOK_SECRET="x" * 31)


async def test_the_log_shows_the_message_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = 'Your code\r\n{"carrier": "forged"} \x1b[2J "482915"'
    receipt = await Log.of(LogSettings(), "").send(sms(hostile, "Acme"), 1)
    lines = capsys.readouterr().out.splitlines()
    assert receipt == Receipt(Outcome.ACCEPTED, reference=KEY)
    assert [json.loads(line) for line in lines] == [
        {"carrier": "log", "to": TO, "sender": "Acme", "text": hostile}
    ]
    assert "\x1b" not in lines[0]


async def test_a_log_that_can_not_be_written_has_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    receipt = await Log.of(LogSettings(), "").send(sms(), 1)
    assert receipt == Receipt(Outcome.RETRYABLE, code="output_closed")
