"""One HTTP request to a carrier: over verified TLS, without redirects, and with an end to everything."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    TCPConnector,
)
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from .network import PublicResolver, TimedResolver
from .transports.base import Carrier, HttpRequest, HttpResponse, Message, Outcome, Receipt

CONNECT_SECONDS = 2.0
DNS_SECONDS = 60
# Shorter than servers commonly keep an idle connection: one that they close just then loses a message.
IDLE_SECONDS = 4.0
BODY_BYTES = 64 * 1024


@asynccontextmanager
async def http_session(public_only: bool) -> AsyncIterator[ClientSession]:
    """The process's one session. `public_only`: no address of the private network, whatever a name says."""
    connector = TCPConnector(
        ssl=ssl.create_default_context(),
        limit=0,  # as many as there are requests, which the server limits
        ttl_dns_cache=DNS_SECONDS,
        keepalive_timeout=IDLE_SECONDS,
        resolver=TimedResolver(PublicResolver() if public_only else ThreadedResolver(), CONNECT_SECONDS),
    )
    async with ClientSession(
        connector=connector,
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        trust_env=False,
        headers={"User-Agent": "auth0-phone"},
    ) as session:
        yield session


async def exchange(session: ClientSession, carrier: Carrier, message: Message) -> Receipt:
    """Have the carrier send the message. Never raises for the carrier's sake: what can't have left is
    RETRYABLE; once it may have, silence is AMBIGUOUS. The caller ends it in time."""
    try:
        response = await _ask(session, carrier.request(message))
    except ConnectionTimeoutError:
        return Receipt(Outcome.RETRYABLE, code="unreachable")
    except ClientConnectorError as error:
        code = "certificate" if isinstance(error.os_error, ssl.SSLError) else "unreachable"
        return Receipt(Outcome.RETRYABLE, code=code)
    except (ClientError, OSError):
        return Receipt(Outcome.AMBIGUOUS, code="no_answer")
    return replace(carrier.read(response), status=response.status)


async def _ask(session: ClientSession, request: HttpRequest) -> HttpResponse:
    headers, data = dict(request.headers), request.content
    if request.json is not None:
        data = json.dumps(request.json).encode()
        headers["Content-Type"] = "application/json"
    elif request.form is not None:
        data = urlencode(request.form).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    url = URL(request.url)
    async with session.request(
        request.method, url, headers=headers, data=data, allow_redirects=False
    ) as response:
        return HttpResponse(response.status, await _body(response), response.headers)


async def _body(response: ClientResponse) -> bytes:
    body, content = b"", response.content
    while not content.at_eof():
        body += await content.readany()
        if len(body) > BODY_BYTES:
            response.close()
            return body[:BODY_BYTES]
    return body
