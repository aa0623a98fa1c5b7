"""One request over aiohttp's connections, against servers that speak bytes."""

import asyncio
import gzip
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from aiohttp import (
    BaseConnector,
    ClientConnectorError,
    ClientError,
    ClientRequest,
    ClientTimeout,
    TCPConnector,
)
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from yarl import URL

from gateway.wire import Answered, Wire, _head
from tests.form.waiting import eventually, moment

pytestmark = pytest.mark.anyio

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Server:
    """Answers each request with its bytes in turn; `stays` open after the last one or not."""

    answers: Sequence[bytes]
    stays: bool = True
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while len(self.heads) < len(self.answers):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionResetError):
                break
            self.heads.append(head)
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            self.bodies.append(await reader.readexactly(length))
            writer.write(self.answers[len(self.heads) - 1])
            await writer.drain()
        if self.stays:
            with suppress(ConnectionResetError):
                await reader.read()
        writer.close()


def asking(server: Server) -> AbstractAsyncContextManager[tuple[Wire, URL]]:
    return listening(server.serve)


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[tuple[Wire, URL]]:
    started = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = started.sockets[0].getsockname()[1]
    async with started, TCPConnector(limit=0) as connector:
        wire = Wire(connector, ClientTimeout(sock_connect=30))
        yield wire, URL(f"http://127.0.0.1:{port}/a%20b?c=d")


async def ask(wire: Wire, url: URL, data: bytes = b"body", most: int = 100, **headers: str) -> Answered:
    async with asyncio.timeout(60):
        return await wire.ask("POST", url, headers, data, most)


async def test_the_request_is_as_it_was_asked_for() -> None:
    server = Server([OK])
    async with asking(server) as (wire, url):
        answer = await ask(wire, url, data=b"\xff\0body", Accept="*/*", Key="k")
        expected = f"POST /a%20b?c=d HTTP/1.1\r\nHost: 127.0.0.1:{url.port}\r\nAccept: */*\r\nKey: k\r\n"
    assert server.heads == [expected.encode() + b"Content-Length: 6\r\n\r\n"]
    assert server.bodies == [b"\xff\0body"]
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"ok", "2")


async def test_a_connection_serves_one_request_after_another() -> None:
    server = Server([OK] * 5)
    async with asking(server) as (wire, url):
        for _ in range(5):
            assert (await ask(wire, url)).body == b"ok"
    assert server.connections == 1


async def test_two_at_once_have_a_connection_each() -> None:
    server = Server([OK] * 2)
    async with asking(server) as (wire, url):
        both = await asyncio.gather(ask(wire, url), ask(wire, url))
    assert [answer.body for answer in both] == [b"ok", b"ok"]
    assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\n\r\nok",
    ],
)
async def test_answers_of_every_framing_are_read(answer: bytes) -> None:
    async with asking(Server([answer], stays=False)) as (wire, url):
        assert (await ask(wire, url)).body == b"ok"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nok\r\n0\r\n\r\n",
    ],
)
async def test_what_is_no_whole_answer_is_an_error_and_ends_its_connection(
    answer: bytes,
) -> None:
    server = Server([answer], stays=False)
    async with asking(server) as (wire, url):
        with pytest.raises((ClientError, OSError)):
            await ask(wire, url)
        server.answers = [b"", OK]
        assert (await ask(wire, url)).body == b"ok"
    assert server.connections == 2


async def test_what_follows_an_answer_unasked_is_nobodys_answer() -> None:
    server = Server([OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", OK])
    async with asking(server) as (wire, url):
        assert (await ask(wire, url)).body == b"ok"
        assert (await ask(wire, url)).body == b"ok"


async def test_what_comes_between_two_requests_is_nobodys_answer() -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"body")
        writer.write(OK)
        await asyncio.wait_for(answered.wait(), 10)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        with suppress(ConnectionResetError):
            await reader.read()
        writer.close()

    answered = asyncio.Event()
    async with listening(serve) as (wire, url):
        assert (await ask(wire, url)).body == b"ok"
        answered.set()
        ((protocol, _),) = next(iter(wire.connector._conns.values()))
        async with asyncio.timeout(10):
            while not protocol.should_close:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0)
        assert (await ask(wire, url)).body == b"ok"
    assert connections == 2


async def test_a_server_that_always_speaks_first_was_certainly_sent_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    received = b""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        received += await reader.read()
        writer.close()

    async with listening(serve) as (wire, url):
        # As if its words had come with the handshake each time.
        monkeypatch.setattr(ResponseHandler, "should_close", True)
        with pytest.raises(ClientConnectorError):
            await ask(wire, url)
    assert received == b""


async def test_a_kept_connection_that_ends_is_no_reason_to_send_again() -> None:
    server = Server([OK, b""], stays=False)
    async with asking(server) as (wire, url):
        await ask(wire, url)
        with pytest.raises(ClientError):
            await ask(wire, url)
    assert (server.connections, len(server.bodies)) == (1, 2)


async def test_an_answer_that_swells_is_read_so_far() -> None:
    packed = gzip.compress(bytes(50_000_000))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    async with asking(Server([head.encode() + packed])) as (wire, url):
        assert (await ask(wire, url)).body == bytes(100)


async def test_a_body_is_read_so_far_and_its_connection_closed() -> None:
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 5000
    server = Server([long, OK])
    async with asking(server) as (wire, url):
        assert (await ask(wire, url, most=1000)).body == b"x" * 1000
        assert (await ask(wire, url)).body == b"ok"
    assert server.connections == 2


@pytest.mark.parametrize("begun", ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"])
async def test_who_gives_up_closes_the_connection(begun: str) -> None:
    """Or the next request would have the last one's answer."""
    server = Server([begun.encode(), OK])
    async with asking(server) as (wire, url):
        asked = asyncio.ensure_future(ask(wire, url))
        await eventually(lambda: len(server.bodies) == 1)
        await moment()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert (await ask(wire, url)).body == b"ok"
    assert server.connections == 2


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\ny", "a\ry", "a\0y"])
async def test_a_header_is_one_line(value: str) -> None:
    server = Server([OK])
    async with asking(server) as (wire, url):
        with pytest.raises(ValueError, match="line break"):
            await ask(wire, url, Key=value)
    assert server.connections == 0


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://carrier.example/a", "carrier.example"),
        ("https://carrier.example:8443/a", "carrier.example:8443"),
        ("https://[2001:db8::1]/a", "[2001:db8::1]"),
        ("https://[2001:db8::1]:8443/a", "[2001:db8::1]:8443"),
        ("https://bücher.example/a", "xn--bcher-kva.example"),
        ("https://user:password@carrier.example/a", "carrier.example"),
    ],
)
def test_the_host_is_named_as_http_wants_it(url: str, host: str) -> None:
    assert _head("POST", URL(url), ()) == f"POST /a HTTP/1.1\r\nHost: {host}\r\n".encode()


@pytest.mark.parametrize(
    ("kind", "name", "parameters"),
    [
        (ClientRequest, "connection_key", {"self"}),
        (BaseConnector, "connect", {"req", "traces", "timeout"}),
        (ResponseHandler, "set_response_params", {"read_until_eof"}),
        (ResponseHandler, "read", {"self"}),
        (ResponseHandler, "should_close", {"self"}),
        (Connection, "protocol", {"self"}),
        (Connection, "transport", {"self"}),
        (Connection, "release", {"self"}),
        (Connection, "close", {"self"}),
    ],
)
def test_aiohttp_still_has_what_is_built_on(kind: type, name: str, parameters: set[str]) -> None:
    """Its inner interfaces, which a minor version may change: docs/adr says how to go back to its session."""
    found = getattr(kind, name, None)
    function = found.fget if isinstance(found, property) else found
    assert callable(function), f"aiohttp's {kind.__name__} has no {name} any more: see gateway/wire.py"
    assert parameters <= set(inspect.signature(function).parameters), f"aiohttp's {kind.__name__}.{name}"
