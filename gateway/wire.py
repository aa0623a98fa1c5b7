"""One request over aiohttp's connections: its pool, TLS and parser, without its session's way through them.

`ClientSession.request` also knows redirects, cookies, proxies, middleware and streamed bodies. A gateway uses
none of these, and they were a seventh of what a message cost it: docs/adr/0010-one-request-to-a-carrier.md.
"""

import asyncio
import re
from collections.abc import Mapping
from functools import cached_property, lru_cache

from aiohttp import (
    BaseConnector,
    ClientConnectionError,
    ClientConnectorError,
    ClientPayloadError,
    ClientRequest,
    ClientTimeout,
    ConnectionTimeoutError,
    StreamReader,
)
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.connector import Connection
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDictProxy
from yarl import URL

from serving.values import value

UNFIT = re.compile("[\r\n\0]")
# So many connections are given up at most because something came on them unasked.
TRIES = 20
HEADS = 64  # kept ready


@value
class Answered:
    """A status, its headers, and at most so many bytes of its body as were asked for."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


class _Place(ClientRequest):
    """A request that only says where to connect to, which never changes."""

    @cached_property
    def connection_key(self) -> ConnectionKey:
        return super().connection_key


class Wire:
    """Asks over a connector's connections. `connecting`: how long one may take to be there."""

    def __init__(self, connector: BaseConnector, connecting: ClientTimeout) -> None:
        self.connector = connector
        self._connecting = connecting
        # A connection depends on the URL's origin alone.
        self._places: dict[URL, _Place] = {}

    async def ask(
        self, method: str, url: URL, headers: Mapping[str, str], data: bytes, most: int
    ) -> Answered:
        """The answer to one request, the first `most` bytes of its body; redirects are answers like others.

        Sent once, whatever happens. ConnectionTimeoutError or ClientConnectorError when nothing can have been
        sent, another ClientError or OSError when something may have been. ValueError for a header that isn't
        one.
        """
        head = _head(method, url, tuple(headers.items()))
        request = b"%bContent-Length: %d\r\n\r\n%b" % (head, len(data), data)
        connection = await self._connect(url)
        try:
            return await _exchange(connection, request, most)
        except HttpProcessingError as error:
            connection.close()
            raise ClientPayloadError("no HTTP") from error
        except BaseException:
            connection.close()  # whatever is still to come on it belongs to nobody
            raise

    async def _connect(self, url: URL) -> Connection:
        origin = url.origin()
        place = self._places.get(origin)
        if place is None:
            loop = asyncio.get_running_loop()
            place = self._places[origin] = _Place("POST", origin, loop=loop)
        for _ in range(TRIES):
            connection = await self._opened(place)
            # What a server said since the last answer would be taken for the next one.
            if connection.protocol is not None and not connection.protocol.should_close:
                return connection
            connection.close()
        raise ClientConnectorError(place.connection_key, OSError(None, "it speaks unasked"))

    async def _opened(self, place: ClientRequest) -> Connection:
        try:
            return await self.connector.connect(place, [], self._connecting)
        except TimeoutError as error:
            raise ConnectionTimeoutError from error


async def _exchange(connection: Connection, request: bytes, most: int) -> Answered:
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None:
        raise ClientConnectionError("the connection is gone")
    protocol.set_response_params(read_until_eof=True)
    transport.write(request)
    message, content = await protocol.read()
    while 100 <= message.code < 200 and message.code != 101:  # more is to come: RFC 9110 §15.2
        message, content = await protocol.read()
    body = await _body(content, most)
    connection.release()  # which closes it when there is more to come
    return Answered(message.code, message.headers, body)


async def _body(content: StreamReader, most: int) -> bytes:
    body = b""
    while not content.at_eof() and len(body) <= most:
        body += await content.readany()
    return body[:most]


@lru_cache(maxsize=HEADS)
def _head(method: str, url: URL, headers: tuple[tuple[str, str], ...]) -> bytes:
    """All of a request's head but the length: most carriers' is always the same."""
    lines = [f"{method} {url.raw_path_qs} HTTP/1.1", f"Host: {url.host_port_subcomponent}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if any(map(UNFIT.search, lines)):
        raise ValueError("a line break in a header")
    return "\r\n".join([*lines, ""]).encode("latin-1")
