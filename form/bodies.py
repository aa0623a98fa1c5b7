"""Reads what a page's form sends, and nothing bigger, slower or stranger."""

import asyncio
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

BODY_BYTES = 8 * 1024
QUERY_BYTES = 12 * 1024  # a request token with its longest claims, and the longest state
FIELDS = 16
BODY_SECONDS = 5.0
FORM = "application/x-www-form-urlencoded"


async def read_fields(request: Request) -> dict[str, str]:
    """The form's fields, each at most once; HTTPException 400, 408, 413 or 415 for anything else."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(415)
    if "content-encoding" in request.headers:
        raise HTTPException(415)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read(request)
    except TimeoutError:
        raise HTTPException(408, headers={"connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    return parse_fields(body)


async def _read(request: Request) -> bytes:
    announced = request.headers.get("content-length", "0")
    if not announced.isascii() or not announced.isdecimal() or int(announced[:12]) > BODY_BYTES:
        raise _too_much()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise _too_much()
    return bytes(body)


def _too_much() -> HTTPException:
    return HTTPException(413, headers={"connection": "close"})


def parse_fields(encoded: bytes) -> dict[str, str]:
    """URL-encoded fields, from a body or a query; HTTPException 400 for doubles, excess or bad UTF-8."""
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=FIELDS,
            encoding="utf-8",
            errors="strict",
        )
    except ValueError:
        raise HTTPException(400) from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise HTTPException(400)
    return fields


def parse_query(request: Request) -> dict[str, str]:
    """The query's parameters under the same rules."""
    query: bytes = request.scope["query_string"]
    if len(query) > QUERY_BYTES:
        raise HTTPException(400)
    return parse_fields(query)
