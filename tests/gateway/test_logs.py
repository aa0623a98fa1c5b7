"""The log and the traces: listed fields alone, and nothing that belongs to a person."""

import ast
import io
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from gateway.logs import json_logger
from gateway.settings import load_settings
from gateway.tracing import NoTracer, OpenTelemetry, tracing
from gateway.transports.base import Outcome, Receipt
from serving.environment import SettingsError

from . import made
from .conftest import MakeSite
from .site import Site
from .stubs import StubCarrier

pytestmark = pytest.mark.anyio

ROOMS = [made.ROOT / "gateway", made.ROOT / "serving"]
SOURCES = sorted(file for room in ROOMS for file in room.rglob("*.py"))


async def test_one_line_tells_of_one_request(site: Site) -> None:
    await site.sms(req={"ip": made.ADDRESS, "user-agent": "agent-canary"})
    (entry,) = site.events
    assert entry.keys() == {
        *("event", "level", "time", "request", "answer", "ms", "number", "number_end", "country"),
        *("tries", "carrier", "ambiguous", "outcome", "code", "reference"),
    }
    assert (entry["level"], entry["answer"], entry["reference"]) == ("info", "accepted", "carrier-reference")
    for canary in (made.ADDRESS, "agent-canary", made.MOBILE[2:]):
        assert canary not in site.log.getvalue()


async def test_the_same_number_has_the_same_name_and_under_another_key_another(make_site: MakeSite) -> None:
    one, other = make_site(), make_site(env={"SMS_GATEWAY_SECRET": "o" * 43})
    for n in range(2):
        await one.sms(body=f"Your code is {n:06}")
    await other.sms(made.token("o" * 43))
    names = [entry["number"] for site in (one, other) for entry in site.events]
    assert names[0] == names[1] != names[2]
    assert re.fullmatch(r"[0-9a-f]{16}", names[0])


def test_fields_that_nobody_decided_on_are_dropped() -> None:
    stream = io.StringIO()
    json_logger(stream).info("sms", request="r", phone=made.MOBILE, text=made.TEXT)
    entry = json.loads(stream.getvalue())
    assert entry.keys() == {"event", "level", "time", "request", "reason"}
    assert entry["reason"] == "unlisted fields dropped"


@pytest.mark.parametrize("reason", ["é", "\ud800", "a\nb"])
def test_a_line_is_ascii_whatever_it_tells(reason: str) -> None:
    stream = io.StringIO()
    json_logger(stream).info("sms", reason=reason)
    told = stream.getvalue()
    assert told.isascii()
    assert told.count("\n") == 1
    assert json.loads(told)["reason"] == reason


async def test_t43_a_fault_of_ours_is_told_without_its_message(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"canary {made.MOBILE} {made.TEXT}")

    monkeypatch.setattr("gateway.service.parse_order", broken)
    site = make_site()
    reply = await site.sms()
    assert reply.status == 500
    assert reply.document.keys() == {"error", "id"}
    (failed, told) = site.events
    assert (failed["event"], failed["error"]) == ("failed", "RuntimeError")
    assert failed["where"].startswith("tests.gateway.test_logs:")
    assert told["answer"] == "internal"
    assert "canary" not in site.log.getvalue() + reply.body.decode()


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_t54_secrets_are_compared_in_constant_time(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            if any(isinstance(part, ast.Compare) for part in (node.left, *node.comparators)):
                continue  # compares whether two are there
            text = ast.unparse(node).lower()
            assert not any(word in text for word in ("signature", "mac", "secret", "token")), text


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_the_rooms_keep_their_habits(file: Path) -> None:
    text = file.read_text()
    assert "import logging" not in text or file.name == "aws.py"  # to quieten its SDK
    assert "httpx" not in text
    assert not re.search(r"^\s*print\(", text, flags=re.MULTILINE) or file.name in (
        "__main__.py",
        "openapi.py",
    )


class Collector:
    """An OpenTelemetry collector that keeps what it is sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    @property
    def spans(self) -> list[Span]:
        found = []
        for body in self.bodies:
            request = ExportTraceServiceRequest.FromString(body)
            found += [s for r in request.resource_spans for scope in r.scope_spans for s in scope.spans]
        return found


@contextmanager
def collecting() -> Iterator[tuple[Collector, str]]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the standard library's name
            collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


async def test_t43_traces_tell_the_way_and_nothing_personal(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = StubCarrier("clickatell")
    first.script.append(Receipt(Outcome.RETRYABLE, code="19"))
    with collecting() as (collector, url):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        with tracing(True) as tracer:
            assert isinstance(tracer, OpenTelemetry)
            site = make_site(first, StubCarrier("webhook"), tracer=tracer)
            parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            await site.post(json.dumps(made.order()).encode(), traceparent=parent)
        spans = {span.name: span for span in collector.spans}
    assert spans.keys() == {"sms", "send clickatell", "send webhook"}
    assert {span.trace_id.hex() for span in spans.values()} == {"0af7651916cd43dd8448eb211c80319c"}
    assert spans["sms"].parent_span_id.hex() == "b7ad6b7169203331"
    assert spans["send webhook"].parent_span_id == spans["sms"].span_id
    attributes = {a.key: a.value.string_value for span in spans.values() for a in span.attributes}
    assert attributes["sms.answer"] == "accepted"
    sent = b"".join(collector.bodies)
    for canary in (made.MOBILE[1:], "482913", made.token(), made.SECRET):
        assert canary.encode() not in sent


def test_there_are_no_traces_unless_they_are_asked_for() -> None:
    with tracing(False) as tracer:
        assert isinstance(tracer, NoTracer)


def test_traces_without_their_package_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.settings.find_spec", lambda name: None)
    file = tmp_path / "stage.json"
    file.write_text(json.dumps(made.stage()))
    with pytest.raises(SettingsError, match=r": pip install opentelemetry-sdk opentelemetry-exporter-otlp"):
        load_settings(made.environment(file, OTEL_EXPORTER_OTLP_ENDPOINT="http://localhost:4318"))
