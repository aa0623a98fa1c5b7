"""What carriers' answers have in common: JSON that may be anything, codes, HTTP statuses."""

import json
import re
from collections.abc import Mapping

from pydantic_core import from_json

from .base import HttpResponse, Outcome, Receipt

# A code is a short number or one name: room for no sentence, no phone number and no one-time code in a name.
NUMBER = re.compile(r"\d{1,5}")
NAME = re.compile(r"[A-Za-z](?:[A-Za-z_.-]|\d{1,3}(?!\d)){0,63}")
REFERENCE = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")
SECONDS = re.compile(r"\d{1,5}")


def parsed(body: bytes) -> object:
    """The body's JSON value; None when it is none."""
    try:
        return from_json(body, cache_strings="keys")
    except ValueError:
        return _parsed_slowly(body)


def _parsed_slowly(body: bytes) -> object:
    """A byte order mark, UTF-16, half a character: what a server may say and a strict parser doesn't take."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def at(value: object, *path: str | int) -> object:
    """What lies at this path of keys and indices; None where the path ends early."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def code_of(value: object) -> str | None:
    """A carrier's error code as text; None for what doesn't look like one."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, int):
        return str(value) if 0 <= value <= 99_999 else None
    return value if NUMBER.fullmatch(value) or NAME.fullmatch(value) else None


def accepted(reference: object) -> Receipt:
    """The carrier has taken the message on, under this id of its own."""
    shown = isinstance(reference, str) and REFERENCE.fullmatch(reference)
    return Receipt(Outcome.ACCEPTED, reference=str(reference) if shown else None)


def is_id(value: object) -> bool:
    """Whether a carrier named the message at all."""
    return isinstance(value, str) and value != ""


def judged(
    response: HttpResponse, code: object, known: Mapping[str, Outcome], otherwise: Outcome | None = None
) -> Receipt:
    """What an error means: what the carrier's table says of the code; for a code that it hasn't, `otherwise`,
    which a reader gives who knows that nothing was sent; without it what the status says."""
    shown = code_of(code)
    outcome = known.get(shown or "", otherwise or by_status(response.status))
    return Receipt(
        outcome, code=shown or f"http_{response.status}", retry_after=retry_after(response.headers)
    )


def by_status(status: int) -> Outcome:
    """What an HTTP status alone says (RFC 9110 §15).

    A refused request was not sent, and whether message, account or our own request is at fault nobody said:
    so another carrier may try, and the operator should look.
    """
    if status == 429 or status == 425:
        return Outcome.RETRYABLE
    if status == 408 or not 300 <= status < 500:
        return Outcome.AMBIGUOUS
    return Outcome.CONFIGURATION


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds. A date is left out: no request of ours lives long enough to wait for one."""
    for name, value in headers.items():
        if name.lower() == "retry-after" and SECONDS.fullmatch(value):
            return float(value)
    return None
