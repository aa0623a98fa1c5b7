"""Request bodies, read up to a limit and held against what an endpoint takes."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from starlette.requests import Request

from . import errors

# Inlined files count as well. (https://vercel.com/docs/limits)
JSON_BYTES = 10 * 2**20

Json = Any
# What a member may be: JSON types, apart by |, for example "string|null".
Shape = Mapping[str, str]

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


async def read(request: Request, limit: int) -> bytes:
    """The whole body; refused as soon as it is longer than `limit` bytes."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise errors.too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise errors.too_large(limit)
    return bytes(body)


async def json_body(request: Request) -> Json:
    try:
        return json.loads(await read(request, JSON_BYTES) or b"{}")
    except (ValueError, RecursionError) as error:
        raise errors.bad_request("Invalid JSON") from error


async def object_body(request: Request, shape: Shape, required: Collection[str] = ()) -> dict[str, Any]:
    """The body as an object of this shape."""
    return checked(await json_body(request), shape, required)


def checked(given: Json, shape: Shape, required: Collection[str] = ()) -> dict[str, Any]:
    """`given` itself, if it is an object with known members of the right types and all that are required."""
    if not isinstance(given, dict):
        raise errors.invalid("should be object.")
    for name in required:
        if name not in given:
            raise errors.invalid(f"missing required property `{name}`.")
    for name, value in given.items():
        if name not in shape:
            raise errors.invalid(f"should NOT have additional property `{name}`.")
        if not any(_is(value, kind) for kind in shape[name].split("|")):
            raise errors.invalid(f"`{name}` should be {shape[name].replace('|', ', ')}.")
    return given


def text(value: Json, name: str, longest: int) -> str:
    """A string of one to `longest` characters that can be stored and sent."""
    if not isinstance(value, str):
        raise errors.invalid(f"`{name}` should be string.")
    if not value:
        raise errors.invalid(f"`{name}` should NOT be shorter than 1 characters.")
    if len(value) > longest:
        raise errors.invalid(f"`{name}` should NOT be longer than {longest} characters.")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise errors.invalid(f"`{name}` should be text.")
    return value


def _is(value: Json, kind: str) -> bool:
    # True is an int to Python, and not to whoever wrote the JSON.
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])
