"""What answers at the address: read to its end, and no further than it has to be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from infra.providers import health
from infra.providers.errors import ProviderError
from infra.providers.halt import Halt
from tests.form.waiting import moment

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def answering(*pieces: bytes) -> AsyncIterator[str]:
    """An address that answers so, piece after piece."""

    handlers: list[asyncio.Task[None] | None] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.append(asyncio.current_task())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        # Who has heard enough hangs up.
        with suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await moment(0.05)
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/healthz"
        await asyncio.gather(*filter(None, handlers))


async def test_an_answer_may_come_in_pieces() -> None:
    async with answering(b'{"bui', b'ld": "b', b'1"}') as url:
        await health.answers_with("b1", url, 0.1, Halt())


async def test_an_endless_answer_ends() -> None:
    async with answering(*[b" " * 32768] * 4, b'{"build": "b1"}') as url:
        with pytest.raises(ProviderError, match="it answers 200"):
            await health.answers_with("b1", url, 0.1, Halt())
