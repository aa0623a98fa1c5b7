"""The messages the sandbox has sent, read from its log."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

import phonenumbers

from ..store import Doc, Store

# How quickly a waiting reader notices a message; one look is an indexed query of some 20 µs.
_LOOK_SECONDS = 0.1
# What a phone's autofill would take for a code: digits that are no part of a phone number or a longer word.
_CODE = re.compile(r"(?<![\w+])[0-9]{4,10}(?!\w)")
_SEPARATORS = re.compile(r"[\s().-]")


@dataclass(frozen=True)
class Message:
    """One message; `at` is ISO 8601 in UTC, `code` None when the text holds none."""

    sequence: int
    to: str
    sender: str
    body: str
    channel: str
    code: str | None
    at: str

    @classmethod
    def from_doc(cls, sequence: int, doc: Doc) -> "Message":
        found = _CODE.search(doc["body"])
        code = doc.get("code") or (found.group() if found else None)
        channel = doc.get("channel", "sms")
        return cls(sequence, doc["to"], doc.get("from") or "Unknown", doc["body"], channel, code, doc["at"])

    def public(self) -> dict[str, Any]:
        fields = asdict(self)
        return {"from" if name == "sender" else name: value for name, value in fields.items()}


@dataclass(frozen=True)
class Reading:
    """What came after a sequence number; `latest` is the newest one known, 0 when the log is empty."""

    messages: list[Message]
    latest: int
    # The log was emptied since: what the reader has seen before is gone.
    emptied: bool = False


def read(store: Store, to: str | None = None, since: int = 0) -> Reading:
    """Messages after `since`, the oldest first, of the number `to` or of all."""
    # One earlier than asked for: if the reader's last message is missing, somebody has emptied the log.
    rows = store.since("messages", max(since - 1, 0))
    emptied = since > 0 and (not rows or rows[0][0] != since)
    messages = [
        Message.from_doc(number, doc) for number, doc in rows if number > since and to in (None, doc["to"])
    ]
    latest = messages[-1].sequence if messages else 0 if emptied else since
    return Reading(messages, latest, emptied)


async def wait(
    store: Store, to: str | None, since: int, seconds: float, gone: Callable[[], Awaitable[bool]]
) -> Reading:
    """As `read`, but with nothing to tell only after `seconds`, or at once when the reader is `gone`."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        reading = read(store, to, since)
        if reading.messages or reading.emptied or await gone():
            return reading
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            return reading
        await asyncio.sleep(min(_LOOK_SECONDS, left))


def number(given: str | None) -> str | None:
    """E.164 from what stands in a query, where an unescaped + reads as a space; None when there is none."""
    if given is None:
        return None
    digits = _SEPARATORS.sub("", given).removeprefix("+")
    return f"+{digits}" if digits else None


def spaced(e164: str) -> str:
    """The number as its country writes it, for reading: +44 7700 900123."""
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
