"""A request as the login and the Actions' `event.request` see it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from ..context import Addresses
from ..parsing import parsed
from .errors import OAuthError

# A name given twice becomes a list, as in Auth0's `event.request`.
Params = dict[str, Any]

LARGEST_BODY = 256 * 1024


@dataclass(frozen=True)
class Incoming:
    """What of an HTTP request matters later; kept in the transaction as JSON."""

    method: str
    hostname: str
    ip: str
    user_agent: str
    language: str
    query: Params = field(default_factory=dict)
    body: Params = field(default_factory=dict)
    body_alone: bool = False

    def text(self, name: str) -> str | None:
        """A parameter of body or query; None when absent, empty or given twice.

        With `body_alone` the query is for Actions to see, and has no parameters.
        """
        value = (self.body if self.body_alone else {**self.query, **self.body}).get(name)
        return value if isinstance(value, str) and value else None

    def is_repeated(self, name: str) -> bool:
        """Whether a parameter was given more than once."""
        return isinstance({**self.query, **self.body}.get(name), list)


def of_management(addresses: Addresses) -> Incoming:
    """What Actions see of a call of the Management API that set them off."""
    return Incoming("POST", addresses.auth0, "127.0.0.1", "", "")


async def read(request: Request) -> Incoming:
    """The request with its parameters; OAuthError 400 for a body that can't be read."""
    return Incoming(
        method=request.method,
        hostname=request.headers.get("host", ""),
        ip=request.client.host if request.client else "127.0.0.1",
        user_agent=request.headers.get("user-agent", ""),
        language=_language(request.headers.get("accept-language", "")),
        query=parameters(parse_qsl(request.url.query, keep_blank_values=True)),
        body=await _body(request),
    )


async def read_body(request: Request) -> Incoming:
    """As `read`, for an endpoint whose parameters come in the body alone (RFC 6749, 2.3.1 and 3.2)."""
    return replace(await read(request), body_alone=True)


def parameters(pairs: Iterable[tuple[str, str]]) -> Params:
    found: Params = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


async def _body(request: Request) -> Params:
    if request.method != "POST":
        return {}
    raw = await request.body()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
        return _json(raw)
    try:
        return parameters(parse_qsl(raw.decode(), keep_blank_values=True))
    except UnicodeDecodeError as error:
        raise OAuthError("invalid_request", "The body is not valid UTF-8.", 400) from error


def _json(raw: bytes) -> Params:
    try:
        body = parsed(raw)
    except ValueError as error:
        raise OAuthError("invalid_request", "Invalid request payload JSON format", 400) from error
    if not isinstance(body, dict):
        raise OAuthError("invalid_request", "The body must be a JSON object.", 400)
    return body


def _language(header: str) -> str:
    """The browser's first choice: `en-GB,en;q=0.8` is `en-GB`."""
    return header.partition(",")[0].partition(";")[0].strip()
