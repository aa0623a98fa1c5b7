"""Whatever is sent to a carrier: it answers, in a client's fault, and the handset stays readable."""

import asyncio
import copy
import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.carriers.app import create_router, credentials
from sandbox.context import Sandbox
from sandbox.handset import inbox
from sandbox.testing import memory_sandbox

from .carriers_driver import DIALECTS, TEXT, TO, Dialect, Wire, signed

SANDBOX = memory_sandbox()
ROUTER = create_router(SANDBOX)
ENV = credentials(SANDBOX)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(TO),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
JSON_DIALECTS = [
    dialect for dialect in DIALECTS if dialect.name not in ("twilio", "vonage", "africastalking")
]


def post(path: str, headers: dict[str, str], body: bytes) -> int:
    """The status of one request, straight to the carriers' routes."""
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    raw = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": quote(path).encode()}
    asyncio.run(ROUTER({**scope, "query_string": b"", "headers": raw, "root_path": ""}, receive, send))
    return status


def headers_of(wire: Wire) -> dict[str, str]:
    kind = "application/x-www-form-urlencoded" if wire.form else "application/json"
    basic = b64encode(":".join(wire.auth).encode()).decode() if wire.auth else None
    return {"Content-Type": kind, **wire.headers, **({"Authorization": f"Basic {basic}"} if basic else {})}


def body_of(wire: Wire) -> Any:
    return json.loads(wire.body) if isinstance(wire.body, bytes) else copy.deepcopy(wire.body)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value, the whole first."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def with_one_replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    target = value
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = new
    return value


def readable(sandbox: Sandbox) -> bool:
    reading = inbox.read(sandbox.store)
    sandbox.store.clear(keep=("seed",))
    return all(isinstance(message.sender, str) for message in reading.messages)


@pytest.mark.parametrize("dialect", JSON_DIALECTS, ids=lambda dialect: dialect.name)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_json_in_any_place_is_answered(dialect: Dialect, data: st.DataObject) -> None:
    wire = dialect.wire(ENV[dialect.name], TO, TEXT)
    body = body_of(wire)
    place = data.draw(st.sampled_from(list(places(body))))
    raw = json.dumps(with_one_replaced(body, place, data.draw(JSON))).encode()
    headers = headers_of(wire)
    if dialect.name == "webhook":
        headers |= signed(ENV["webhook"]["SMS_WEBHOOK_SECRET"], raw)
    assert 200 <= post(f"/{dialect.name}{wire.path}", headers, raw) < 500
    assert readable(SANDBOX)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@settings(max_examples=30, deadline=None)
@given(raw=st.binary(max_size=64))
def test_any_bytes_are_answered(dialect: Dialect, raw: bytes) -> None:
    wire = dialect.wire(ENV[dialect.name], TO, TEXT)
    assert 200 <= post(f"/{dialect.name}{wire.path}", headers_of(wire), raw) < 500
    assert readable(SANDBOX)


@pytest.mark.parametrize("name", ["twilio", "vonage", "africastalking"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_text_in_any_field_is_answered(name: str, data: st.DataObject) -> None:
    dialect = next(dialect for dialect in DIALECTS if dialect.name == name)
    wire = dialect.wire(ENV[name], TO, TEXT)
    field = data.draw(st.sampled_from(list(wire.body)))
    body = {**wire.body, field: data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))}
    assert 200 <= post(f"/{name}{wire.path}", headers_of(wire), urlencode(body).encode()) < 500
    assert readable(SANDBOX)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@settings(max_examples=30, deadline=None)
@given(value=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40))
def test_any_authorization_but_the_right_one_sends_nothing(dialect: Dialect, value: str) -> None:
    wire = dialect.wire(ENV[dialect.name], TO, TEXT)
    headers = headers_of(wire)
    named = {"africastalking": "apiKey", "webhook": "X-Sms-Signature"}.get(dialect.name, "Authorization")
    if dialect.name == "vonage":
        wire = dialect.wire({**ENV["vonage"], "VONAGE_API_SECRET": value}, TO, TEXT)
    raw = urlencode(wire.body).encode() if wire.form else json.dumps(body_of(wire)).encode()
    assert 200 <= post(f"/{dialect.name}{wire.path}", {**headers, named: value}, raw) < 500
    assert SANDBOX.store.all("messages") == []
