"""One HTTP request to a carrier: over verified TLS, without redirects, and with an end to everything."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientTimeout,
    ConnectionTimeoutError,
    TCPConnector,
)
from aiohttp.resolver import ThreadedResolver
from pydantic_core import to_json
from yarl import URL

from .network import PublicResolver, TimedResolver
from .transports.base import Carrier, HttpRequest, HttpResponse, Message, Outcome, Receipt
from .wire import Wire

CONNECT_SECONDS = 2.0
DNS_SECONDS = 60
# Shorter than servers commonly keep an idle connection: one that they close just then loses a message.
IDLE_SECONDS = 4.0
BODY_BYTES = 64 * 1024


@asynccontextmanager
async def open_wire(public_only: bool) -> AsyncIterator[Wire]:
    """The process's way to carriers. `public_only`: to no private address, whatever a name says."""
    async with TCPConnector(
        ssl=ssl.create_default_context(),
        limit=0,  # as many as there are requests, which the server limits
        ttl_dns_cache=DNS_SECONDS,
        keepalive_timeout=IDLE_SECONDS,
        resolver=TimedResolver(PublicResolver() if public_only else ThreadedResolver(), CONNECT_SECONDS),
    ) as connector:
        yield Wire(connector, ClientTimeout(total=None, sock_connect=CONNECT_SECONDS))


async def exchange(wire: Wire, carrier: Carrier, message: Message) -> Receipt:
    """Have the carrier send the message. Never raises for the carrier's sake: what can't have left is
    RETRYABLE; once it may have, silence is AMBIGUOUS. The caller ends it in time."""
    try:
        response = await _ask(wire, carrier.request(message))
    except ConnectionTimeoutError:
        return Receipt(Outcome.RETRYABLE, code="unreachable")
    except ClientConnectorError as error:
        code = "certificate" if isinstance(error.os_error, ssl.SSLError) else "unreachable"
        return Receipt(Outcome.RETRYABLE, code=code)
    except (ClientError, OSError):
        return Receipt(Outcome.AMBIGUOUS, code="no_answer")
    return carrier.read(response).under(response.status)


async def _ask(wire: Wire, request: HttpRequest) -> HttpResponse:
    headers, data = {"User-Agent": "auth0-phone", "Accept": "*/*", **request.headers}, request.content or b""
    if request.json is not None:
        data = to_json(request.json)
        headers["Content-Type"] = "application/json"
    elif request.form is not None:
        data = urlencode(request.form).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    answer = await wire.ask(request.method, URL(request.url), headers, data, BODY_BYTES)
    return HttpResponse(answer.status, answer.body, answer.headers)
