"""Reads a request's body, and nothing bigger or slower."""

from collections.abc import Iterable

from starlette.types import Receive

from .timing import Patience

BODY_BYTES = 8 * 1024
BODY_SECONDS = 5.0
PATIENCE = Patience(BODY_SECONDS)

RawHeaders = Iterable[tuple[bytes, bytes]]


class BodyError(Exception):
    """The body won't do. `status`: 400, 408, 413 or 415; `close`: the connection holds the rest of it."""

    def __init__(self, status: int, close: bool = False) -> None:
        super().__init__(status)
        self.status = status
        self.close = close


def expect_type(headers: RawHeaders, media_type: bytes) -> None:
    """BodyError 415 unless the content is of this type and not encoded."""
    found = dict(headers)
    if found.get(b"content-type", b"").partition(b";")[0].strip().lower() != media_type:
        raise BodyError(415)
    if b"content-encoding" in found:
        raise BodyError(415)


async def read_body(headers: RawHeaders, receive: Receive) -> bytes:
    """The whole body, at most 8 KiB within 5 seconds; BodyError 400, 408 or 413 otherwise."""
    announced = dict(headers).get(b"content-length", b"0")
    if not announced.isdigit() or int(announced[:12]) > BODY_BYTES:
        raise BodyError(413, close=True)
    try:
        with PATIENCE.wait():
            return await _read(receive)
    except TimeoutError:
        raise BodyError(408, close=True) from None


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BodyError(400)
        body += message.get("body", b"")
        if len(body) > BODY_BYTES:
            raise BodyError(413, close=True)
        if not message.get("more_body", False):
            return bytes(body)
