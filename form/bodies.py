"""Reads what a page's form sends, and nothing bigger, slower or stranger."""

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from serving.bodies import BodyError, expect_type, read_body

QUERY_BYTES = 12 * 1024  # a request token with its longest claims, and the longest state
FIELDS = 16
FORM = b"application/x-www-form-urlencoded"


async def read_fields(request: Request) -> dict[str, str]:
    """The form's fields, each at most once; HTTPException 400, 408, 413 or 415 for anything else."""
    try:
        expect_type(request.headers.raw, FORM)
        body = await read_body(request.headers.raw, request.receive)
    except BodyError as error:
        raise HTTPException(error.status, headers={"connection": "close"} if error.close else None) from None
    return parse_fields(body)


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
