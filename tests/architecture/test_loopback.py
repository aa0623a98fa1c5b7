"""Tests stay on their machine: the guard that every one of them runs under."""

import asyncio
import socket
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import NetworkRefusedError, is_loopback

# Documentation's addresses (RFC 5737, RFC 3849): nobody answers there, should the guard ever be gone.
AWAY = ["192.0.2.1", "2001:db8::1"]


@pytest.mark.parametrize("host", AWAY)
@pytest.mark.parametrize("how", ["connect", "connect_ex"])
def test_a_connection_beyond_loopback_is_refused(host: str, how: str) -> None:
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as away:
        away.setblocking(False)
        with pytest.raises(NetworkRefusedError, match=host):
            getattr(away, how)((host, 443))


def test_a_datagram_beyond_loopback_is_refused() -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as away:
        with pytest.raises(NetworkRefusedError):
            away.sendto(b"x", (AWAY[0], 53))
        with pytest.raises(NetworkRefusedError):
            away.sendmsg([b"x"], [], 0, (AWAY[0], 53))


@pytest.mark.parametrize(
    "look_up",
    [
        lambda name: socket.getaddrinfo(name, 443),
        socket.gethostbyname,
        socket.gethostbyaddr,
        lambda name: socket.create_connection((name, 443), 1),
        lambda name: asyncio.run(open_connection(name)),
    ],
)
@pytest.mark.parametrize("name", ["example.com", "localhost.example.com", "notlocalhost"])
def test_a_name_beyond_loopback_is_not_looked_up(look_up: Callable[[str], Any], name: str) -> None:
    with pytest.raises(NetworkRefusedError, match=name):
        look_up(name)


async def open_connection(name: str) -> None:
    await asyncio.open_connection(name, 443)


def test_loopback_and_unix_sockets_are_allowed() -> None:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "localhost")):
        with closing(socket.socket(family)) as server, closing(socket.socket(family)) as client:
            server.bind((host, 0))
            server.listen()
            client.connect(server.getsockname())
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(socket.socket(socket.AF_UNIX)) as server,
        closing(socket.socket(socket.AF_UNIX)) as client,
    ):
        server.bind(str(Path(folder) / "s"))
        server.listen()
        client.connect(server.getsockname())


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        (b"LOCALHOST.", True),
        ("app.localhost", True),
        (None, True),
        ("", True),
        ("0.0.0.0", False),  # noqa: S104  # it is judged, not listened on
        ("10.0.0.1", False),
        ("127.0.0.1.example.com", False),
        ("localhost.evil", False),
        ("fe80::1%lo", False),
        ("::ffff:192.0.2.1", False),
    ],
)
def test_what_counts_as_loopback(host: object, expected: bool) -> None:
    assert is_loopback(host) is expected
