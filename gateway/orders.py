"""What a request asks for: `{recipient, body, sender?, req?}`, as Auth0 posts it."""

import json
from dataclasses import field
from typing import Any

from serving.values import value

DEPTH = 4


class OrderError(Exception):
    """The body isn't an order."""


@value
class Order:
    """As it was asked, not yet judged. `address` is that of the person who logs in, if Auth0 forwards it."""

    recipient: str = field(repr=False)
    text: str = field(repr=False)
    sender: str | None
    address: str | None = field(repr=False)


def parse_order(body: bytes) -> Order:
    """The order, unknown keys ignored; OrderError for whatever isn't one."""
    try:
        document = DECODER.decode(body.decode())
    except (ValueError, RecursionError):
        raise OrderError from None
    if not isinstance(document, dict) or not _is_shallow(document, DEPTH):
        raise OrderError
    request = document.get("req")
    return Order(
        recipient=_text(document, "recipient"),
        text=_text(document, "body"),
        sender=_text(document, "sender", optional=True).strip() or None,
        address=_address(request),
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that is there twice means something else to every reader."""
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError
    return document


DECODER = json.JSONDecoder(object_pairs_hook=_once)


def _text(document: dict[str, Any], key: str, optional: bool = False) -> str:
    value = document.get(key)
    if value is None and optional:
        return ""
    if not isinstance(value, str):
        raise OrderError
    return value


def _address(request: Any) -> str | None:
    """Never a reason to refuse: it is there to limit by, and absent unless the connection forwards it."""
    value = request.get("ip") if isinstance(request, dict) else None
    return value if isinstance(value, str) and len(value) <= 64 else None


def _is_shallow(value: Any, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(_is_shallow(item, depth - 1) for item in inner)
