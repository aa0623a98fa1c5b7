"""Strangers at a listener that speaks TLS: whoever connects and says nothing is not kept."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trustme

from serving import server
from serving.server import Listen, server_config
from tests.form.waiting import until


async def hello(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        for word in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{word}.complete"})
        return
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def port(tmp_path: Path, ca: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(server, "HANDSHAKE_SECONDS", 0.3)
    leaf, ready = ca.issue_cert("localhost"), tmp_path / "ready.json"
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    leaf.cert_chain_pems[0].write_to_path(str(certificate))
    leaf.private_key_pem.write_to_path(str(key))
    listen = Listen("127.0.0.1", 0, certificate, key, ready)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = server._Announced(server_config(hello, listen), listen, None)
        thread = threading.Thread(target=running.run, args=([listener],))
        thread.start()
        until(ready.exists)
        yield int(json.loads(ready.read_text())["port"])
        running.should_exit = True
        thread.join(10)


@pytest.mark.parametrize("begun", [b"", b"\x16\x03\x01"])
def test_t34_a_handshake_that_does_not_come_ends_the_connection(port: int, begun: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(begun)
        began = time.monotonic()
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""
        assert 0.1 < time.monotonic() - began < 3


def test_whoever_shakes_hands_is_served(port: int, ca: trustme.CA) -> None:
    context = ssl.create_default_context()
    ca.configure_trust(context)
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 204")
