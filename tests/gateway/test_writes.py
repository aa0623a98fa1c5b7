"""A response's head and body are one write, and nothing is held back for longer than a turn of the loop."""

import asyncio

import pytest

from serving.writes import JoinedWrites

pytestmark = pytest.mark.anyio


class Recorder(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.did: list[bytes | str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.did.append(bytes(data))

    def close(self) -> None:
        self.did.append("close")

    def abort(self) -> None:
        self.did.append("abort")

    def is_closing(self) -> bool:
        return "close" in self.did


def joined() -> tuple[Recorder, JoinedWrites]:
    recorder = Recorder()
    return recorder, JoinedWrites(recorder, asyncio.get_running_loop())


async def test_two_writes_are_one() -> None:
    recorder, transport = joined()
    transport.write(b"head ")
    transport.write(b"body")
    assert recorder.did == [b"head body"]
    await asyncio.sleep(0)
    assert recorder.did == [b"head body"]


async def test_a_write_without_another_goes_out_at_the_loops_next_turn() -> None:
    recorder, transport = joined()
    transport.write(b"head")
    assert recorder.did == []
    await asyncio.sleep(0)
    assert recorder.did == [b"head"]


async def test_order_is_kept_however_many_there_are() -> None:
    recorder, transport = joined()
    for n in range(5):
        transport.write(b"%d" % n)
    await asyncio.sleep(0)
    assert recorder.did == [b"01", b"23", b"4"]


async def test_closing_sends_what_is_held_and_aborting_does_not_wait() -> None:
    recorder, transport = joined()
    transport.write(b"last")
    transport.close()
    assert recorder.did == [b"last", "close"]
    assert transport.is_closing()
    transport.abort()
    await asyncio.sleep(0)
    assert recorder.did == [b"last", "close", "abort"]
