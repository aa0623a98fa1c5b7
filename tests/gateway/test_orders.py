"""The body of a request: small JSON of the right shape, or a clear refusal; never a fault of ours."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.orders import OrderError, parse_order
from serving import bodies

from . import made
from .conftest import MakeSite
from .site import Site

pytestmark = pytest.mark.anyio

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


async def test_an_order_as_auth0_posts_it(site: Site) -> None:
    request = {"ip": made.ADDRESS, "user-agent": "Mozilla/5.0"}
    reply = await site.sms(recipient="+1 (415) 555-0123", req=request)
    assert reply.status == 200
    assert reply.document["status"] == "accepted"
    assert site.sent == [(made.MOBILE, made.TEXT)]


async def test_the_answer_names_the_request_that_the_log_tells_of(site: Site) -> None:
    reply = await site.sms()
    (entry,) = site.logged("sms")
    assert entry["request"] == reply.document["id"]
    assert (entry["carrier"], entry["outcome"], entry["country"]) == ("clickatell", "accepted", "US")
    assert entry["number_end"] == "23"


async def test_keys_that_nobody_knows_are_ignored(site: Site) -> None:
    assert (await site.sms(tenant="x", client={"id": 1}, req={"ip": "x", "more": []})).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"text"',
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"{}",
        b'{"recipient": "+14155550123"}',
        b'{"body": "x"}',
        b'{"recipient": ["+14155550123"], "body": "x"}',
        b'{"recipient": "+14155550123", "body": {"text": "x"}}',
        b'{"recipient": 14155550123, "body": "x"}',
        b'{"recipient": null, "body": "x"}',
        b'{"recipient": "+14155550123", "body": "x", "sender": 5}',
        b'{"recipient": "+14155550123", "recipient": "+12025550177", "body": "x"}',
        b'{"recipient": "+14155550123", "body": "x", "req": {"a": {"b": {"c": {"d": {}}}}}}',
        b"[" * 4000,
        b'{"a":' * 1500,
    ],
)
async def test_t33_what_is_no_order_is_refused(site: Site, body: bytes) -> None:
    reply = await site.post(body)
    assert (reply.status, reply.error) == (400, "bad_request")
    assert site.sent == []


async def test_t33_8192_bytes_and_not_one_more(site: Site) -> None:
    order = made.order()
    padding = bodies.BODY_BYTES - len(json.dumps({**order, "pad": ""}))
    assert (await site.post(json.dumps({**order, "pad": "x" * padding}).encode())).status == 200
    reply = await site.post(json.dumps({**order, "pad": "x" * (padding + 1)}).encode())
    assert (reply.status, reply.error) == (413, "too_large")
    assert reply.headers["connection"] == "close"


async def test_t33_a_body_without_end_is_cut_off(site: Site) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0)
            yield b" " * 1024

    headers = {"authorization": f"Bearer {made.token()}"}
    reply = await site.call("POST", "/sms", headers, endless())
    assert reply.status == 413
    assert site.read_bytes <= bodies.BODY_BYTES + 1024


@pytest.mark.parametrize("length", ["8193", "x", "-1", "+5", "1e3", "9" * 40, ""])
async def test_t33_an_announced_length_that_will_not_do(site: Site, length: str) -> None:
    reply = await site.post(b"{}", **{"content-length": length})
    assert reply.status == 413
    assert site.read_bytes == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "text/plain"},
        {"content-type": ""},
        {"content-encoding": "gzip"},
        {"content-encoding": "identity"},
    ],
)
async def test_t33_json_and_nothing_else(site: Site, headers: dict[str, str]) -> None:
    reply = await site.post(json.dumps(made.order()).encode(), **headers)
    assert (reply.status, reply.error) == (415, "media_type")


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
async def test_json_by_any_of_its_spellings(site: Site, kind: str) -> None:
    assert (await site.post(json.dumps(made.order()).encode(), **{"content-type": kind})).status == 200


async def test_t34_a_body_that_does_not_come_is_not_waited_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    reply = await site.call("POST", "/sms", {"authorization": f"Bearer {made.token()}"}, slow())
    assert (reply.status, reply.error) == (408, "too_slow")
    assert reply.headers["connection"] == "close"


async def test_only_post_has_an_answer(site: Site) -> None:
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "post"):
        reply = await site.call(method, "/sms", {"authorization": f"Bearer {made.token()}"})
        assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert site.sent == []


@pytest.mark.parametrize("path", ["/", "/sms/", "/SMS", "//sms", "/smsx", "/sms/x", "/verify"])
async def test_there_are_no_other_addresses(site: Site, path: str) -> None:
    reply = await site.call("POST", path, {"authorization": f"Bearer {made.token()}"})
    assert (reply.status, reply.error) == (404, "not_found")


@pytest.mark.parametrize(
    ("senders", "sender", "answer"),
    [
        ([], None, 200),
        ([], "", 200),
        ([], "Acme", 422),
        (["Acme"], None, 200),
        (["Acme"], "Acme", 200),
        (["Acme"], " Acme ", 200),
        (["Acme"], "ACME", 422),
        (["Acme"], "Acme\r\nX: y", 422),
        (["Acme"], "\x00Acme", 422),
        (["Acme"], "+14155550100", 422),
    ],
)
async def test_t40_a_sender_is_one_of_the_stages(
    make_site: MakeSite, senders: list[str], sender: str | None, answer: int
) -> None:
    site = make_site(senders=senders)
    reply = await site.sms(sender=sender)
    assert reply.status == answer
    if answer == 200:
        (message,) = site.carriers["clickatell"].asked
        assert message.sender == (senders[0] if senders else None)
    else:
        assert reply.error == "sender_refused"
        assert site.sent == []


@given(st.binary(max_size=200))
def test_any_bytes_are_an_order_or_none(noise: bytes) -> None:
    try:
        order = parse_order(noise)
    except OrderError:
        return
    assert isinstance(order.recipient, str)


@given(JSON)
def test_any_json_is_an_order_or_none(document: Any) -> None:
    try:
        order = parse_order(json.dumps(document).encode())
    except OrderError:
        return
    assert isinstance(order.text, str)


@given(JSON, JSON, JSON, JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
async def test_no_order_is_a_fault_of_ours(site: Site, to: Any, text: Any, sender: Any, req: Any) -> None:
    order = {"recipient": to, "body": text, "sender": sender, "req": req}
    assert (await site.post(json.dumps(order).encode())).status in (200, 400, 413, 422)


@given(st.text(max_size=30), st.text(max_size=80), st.text(max_size=15))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
async def test_no_text_is_a_fault_of_ours(site: Site, to: str, text: str, sender: str) -> None:
    reply = await site.sms(recipient=to, body=text, sender=sender)
    assert reply.status in (200, 422, 429)
