"""`Joining`: what is written in one go leaves in one piece, and nothing stays behind."""

import asyncio
from typing import Any, cast

import pytest

from sandbox.testing import RunningSandbox
from sandbox.writes import Joining


class Wire:
    """A transport that remembers."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


async def joined(*steps: Any) -> Wire:
    """What leaves when these pieces are written; a step of None is one turn of the loop."""
    wire = Wire()
    joining = Joining(cast(asyncio.Transport, wire), asyncio.get_running_loop())
    for step in steps:
        if step is None:
            await asyncio.sleep(0)
        elif step == "close":
            joining.close()
        else:
            joining.write(step)
    await asyncio.sleep(0)
    assert joining.is_closing() == wire.closed
    return wire


@pytest.mark.parametrize(
    ("steps", "sent"),
    [
        ((b"head", b"body"), [b"headbody"]),
        ((b"head", None, b"body"), [b"head", b"body"]),
        ((b"head",), [b"head"]),
        ((b"head", b"body", b"more"), [b"headbody", b"more"]),
        ((b"head", b"body", "close"), [b"headbody"]),
        ((b"head", "close"), [b"head"]),
        (("close",), []),
    ],
)
def test_two_writes_in_one_turn_are_one(steps: tuple[Any, ...], sent: list[bytes]) -> None:
    assert asyncio.run(joined(*steps)).sent == sent


def test_an_answer_of_a_running_sandbox_is_whole(running_sandbox: RunningSandbox) -> None:
    with running_sandbox.session() as session:
        for path in ("/.well-known/jwks.json", "/_sandbox/health", "/no/such/path"):
            answer = session.get(running_sandbox.url + path, timeout=10)
            assert len(answer.content) == int(answer.headers["content-length"])
