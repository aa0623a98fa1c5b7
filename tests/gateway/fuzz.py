"""Hostile requests without end: `python -m tests.gateway.fuzz --inputs 50000`.

Half are made from the OpenAPI document (in and out of its schema), half are raw: bytes, any JSON, and orders
with hostile texts. No answer may be a 5xx, take long, or break the document's own schema.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import made
from .site import Reply, Site, site_of

SECONDS = 2.0
DOCUMENT = made.ROOT / "docs" / "openapi" / "gateway.json"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=20,
)
NUMBERS = st.sampled_from([made.MOBILE, made.BRITISH, "+1 415 555 0123", "+19002345678", "911"])
HOSTILE = st.text(max_size=400) | st.from_regex(r"\+?[0-9 ().,;x\n-]{0,40}", fullmatch=True)
ORDERS = st.fixed_dictionaries(
    {"recipient": NUMBERS | NUMBERS | HOSTILE, "body": st.just(made.TEXT) | HOSTILE},
    optional={
        "sender": st.just("") | HOSTILE,
        "req": st.fixed_dictionaries({"ip": HOSTILE}) | JSON,
        "x": JSON,
    },
)
BAD_TOKENS = ("", "x.y.z", made.token("o" * 43))
# Most are good: what lies behind the token is what is looked for.
TOKENS = st.integers(0, 29).map(lambda n: BAD_TOKENS[n - 27] if n >= 27 else made.token())
BODIES = st.binary(max_size=9000) | (JSON | ORDERS).map(lambda value: json.dumps(value).encode())
RAW = st.tuples(BODIES, TOKENS)


@dataclass
class Findings:
    """What was answered, how often; and what must not be."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def inputs(self) -> int:
        return self.statuses.total()

    def add(self, reply: Reply, seconds: float, what: object) -> None:
        self.statuses[reply.status] += 1
        self.slowest = max(self.slowest, seconds)
        if reply.status >= 500 or seconds > SECONDS:
            self.faults.append(f"{reply.status} after {seconds:.1f} s: {what!r:.300}")


def operation() -> Any:
    """The one that sends, from the committed document."""
    return schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_text()))["/sms"]["POST"]


def by_schema(site: Site, inputs: int, found: Findings, loop: asyncio.AbstractEventLoop) -> None:
    """Requests that the document describes, and others that break it; answers are held against it."""
    sms = operation()
    modes = schemathesis.GenerationMode

    @given(sms.as_strategy(generation_mode=modes.POSITIVE) | sms.as_strategy(generation_mode=modes.NEGATIVE))
    @_examples(inputs)
    def one(case: Any) -> None:
        headers = {name.lower(): str(value) for name, value in (case.headers or {}).items()}
        headers["authorization"] = f"Bearer {made.token()}"
        printable = {n: v for n, v in headers.items() if v.isprintable() and v.isascii()}
        body = case.body if isinstance(case.body, bytes) else json.dumps(case.body, default=str).encode()
        reply = _ask(site, loop, found, printable, body)
        sms.validate_response(response_of(reply))

    one()


def by_bytes(site: Site, inputs: int, found: Findings, loop: asyncio.AbstractEventLoop) -> None:
    """Anything at all, with good tokens and bad ones."""

    @given(RAW)
    @_examples(inputs)
    def one(sent: tuple[bytes, str]) -> None:
        body, token = sent
        _ask(site, loop, found, {"authorization": f"Bearer {token}"}, body)

    one()


def _examples(inputs: int) -> settings:
    return settings(
        max_examples=inputs, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )


def _ask(
    site: Site, loop: asyncio.AbstractEventLoop, found: Findings, headers: dict[str, str], body: bytes
) -> Reply:
    began = time.monotonic()
    reply = loop.run_until_complete(asyncio.wait_for(site.call("POST", "/sms", headers, body), 30))
    found.add(reply, time.monotonic() - began, body)
    return reply


def response_of(reply: Reply) -> schemathesis.Response:
    request = requests.Request("POST", "http://gateway/sms").prepare()
    headers = {name: [value] for name, value in reply.headers.items()}
    return schemathesis.Response(reply.status, headers, reply.body, request, 0.0, True)


def fuzz(inputs: int) -> Findings:
    """Ask a gateway in this process so often; its limits are off, since 429 would hide what lies behind."""
    found, loop = Findings(), asyncio.new_event_loop()
    with tempfile.TemporaryDirectory() as directory:
        site = site_of(Path(directory), limits=dict.fromkeys(made.LIMITS, ""))
        while found.inputs < inputs:
            batch = min(2500, -(-(inputs - found.inputs) // 2))
            by_schema(site, batch, found, loop)
            by_bytes(site, batch, found, loop)
    loop.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gateway.fuzz")
    parser.add_argument("--inputs", type=int, default=50_000, help="at least so many (default: %(default)s)")
    began = time.monotonic()
    found = fuzz(parser.parse_args().inputs)
    answers = ", ".join(f"{status}: {count}" for status, count in sorted(found.statuses.items()))
    print(f"{found.inputs} inputs in {time.monotonic() - began:.0f} s; answers {answers}")
    print(f"slowest {found.slowest * 1000:.0f} ms; faults {len(found.faults)}")
    print("\n".join(found.faults[:20]))
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
