"""Twilio Verify without a network: two requests at the same instant, very many, and a restart."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message

from sandbox import seed
from sandbox.clock import Clock
from sandbox.context import Sandbox
from sandbox.server import create_sandbox
from sandbox.store import Store
from sandbox.testing import memory_sandbox
from sandbox.twilio.app import create_app

from .verify_client import (
    NUMBER,
    OTHER_NUMBER,
    basic,
)


async def answer(app: ASGIApp, sandbox: Sandbox, endpoint: str, **fields: str) -> dict[str, Any]:
    """POST `fields` to an endpoint without any network; the body, with the HTTP status as `http`."""
    account = sandbox.store.get("seed", "twilio") or {}
    path = f"/v2/Services/{account['verify_service']}/{endpoint}"
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": urlencode(fields).encode(), "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [
        (b"host", b"localhost"),
        (b"authorization", basic(f"{account['api_key']}:{account['api_secret']}").encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers, "scheme": "https", "server": ("localhost", 8444), "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
    body: dict[str, Any] = json.loads(sent[1]["body"])
    return body | {"http": sent[0]["status"]}


def in_process(sandbox: Sandbox, endpoint: str, **fields: str) -> dict[str, Any]:
    return asyncio.run(answer(create_app(sandbox), sandbox, endpoint, **fields))


def test_a_start_while_another_is_being_sent_is_60212(sandbox: Sandbox) -> None:
    async def both() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        app = create_app(sandbox)
        fields = {"Channel": "sms", "To": NUMBER}
        first, second = await asyncio.gather(
            answer(app, sandbox, "Verifications", **fields), answer(app, sandbox, "Verifications", **fields)
        )
        return first, second, await answer(app, sandbox, "Verifications", **fields)

    first, second, later = asyncio.run(both())
    assert (first["http"], second["http"], later["http"]) == (201, 429, 201)
    assert second["code"] == 60212
    assert len(sandbox.store.all("messages")) == 2


class StoppedClock(Clock):
    """Moves only when it is told to."""

    def now(self) -> float:
        return 1_767_225_600.0 + self.offset


@pytest.mark.parametrize(("after", "status"), [(599.9, "approved"), (600, 404)])
def test_the_last_moment_of_a_code(sandbox: Sandbox, after: float, status: str | int) -> None:
    sandbox.clock = StoppedClock()
    in_process(sandbox, "Verifications", To=NUMBER, Channel="sms")
    sandbox.clock.advance(after)
    code = sandbox.store.all("messages")[0]["code"]
    assert in_process(sandbox, "VerificationCheck", To=NUMBER, Code=code)["status"] == status


def test_starts_for_different_numbers_do_not_disturb_each_other(sandbox: Sandbox) -> None:
    async def both() -> list[dict[str, Any]]:
        app = create_app(sandbox)
        numbers = (NUMBER, OTHER_NUMBER)
        return await asyncio.gather(
            *(answer(app, sandbox, "Verifications", To=number, Channel="sms") for number in numbers)
        )

    assert [body["http"] for body in asyncio.run(both())] == [201, 201]


def test_a_refused_start_does_not_block_the_number(sandbox: Sandbox) -> None:
    app = create_app(sandbox)

    async def starts() -> list[int]:
        bodies = [await answer(app, sandbox, "Verifications", To=NUMBER, Channel="sms") for _ in range(7)]
        return [int(body.get("code", body["http"])) for body in bodies]

    assert asyncio.run(starts()) == [201] * 5 + [60203] * 2


@settings(max_examples=60, deadline=None)
@given(code=st.text(max_size=12) | st.text(st.characters(categories=["Nd"]), min_size=4, max_size=10))
def test_t25_whatever_is_typed_only_the_code_itself_is_approved(code: str) -> None:
    sandbox = memory_sandbox()
    in_process(sandbox, "Verifications", To=NUMBER, Channel="call")
    right = sandbox.store.all("messages")[0]["code"]
    body = in_process(sandbox, "VerificationCheck", To=NUMBER, Code=code)
    assert body["http"] in {200, 400}
    assert (body["status"] == "approved") is (code == right)


@settings(max_examples=60, deadline=None)
@given(to=st.text(max_size=20) | st.from_regex(r"\+[0-9]{1,16}", fullmatch=True), channel=st.text(max_size=8))
def test_t40_whatever_is_sent_the_answer_is_twilios(to: str, channel: str) -> None:
    sandbox = memory_sandbox()
    body = in_process(sandbox, "Verifications", To=to, Channel=channel or "sms")
    assert body["http"] in {201, 400, 403, 501}
    assert len(sandbox.store.all("messages")) == (body["http"] == 201)


def test_f09_a_code_survives_a_restart(tmp_path: Path) -> None:
    addresses = memory_sandbox().addresses

    def process() -> Sandbox:
        return create_sandbox(Store(tmp_path / "sandbox.sqlite3"), addresses)

    before = process()
    seed.seed(before)
    started = in_process(before, "Verifications", To=NUMBER, Channel="sms")
    code = before.store.all("messages")[0]["code"]
    before.store.close()
    after = process()
    checked = in_process(after, "VerificationCheck", VerificationSid=started["sid"], Code=code)
    assert checked["status"] == "approved"
    after.store.close()
