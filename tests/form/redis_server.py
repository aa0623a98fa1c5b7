"""A real Redis on a Unix socket, for one test module at a time."""

import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .waiting import until


@dataclass
class RedisServer:
    path: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"unix://{self.path}"

    def command(self, *words: str) -> str:
        """Send one command in Redis' own protocol and return the first part of the answer."""
        encoded = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(str(self.path))
            connection.sendall(encoded.encode())
            return connection.recv(65536).decode()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def start(self) -> None:
        """The same again, empty, after a kill."""
        self.path.unlink(missing_ok=True)
        self.process = _started(self.path)
        self.await_answer()

    def await_answer(self) -> None:
        until(self._answers)

    def _answers(self) -> bool:
        assert self.process.poll() is None, "redis-server has ended"
        try:
            return "PONG" in self.command("PING")
        except OSError:  # not there yet, or there and not listening yet
            return False


def _started(path: Path) -> subprocess.Popen[bytes]:
    arguments = ["--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
    command = ["redis-server", *arguments, "--dir", str(path.parent)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="redis-") as directory:
        path = Path(directory) / "s"
        server = RedisServer(path, _started(path))
        try:
            server.await_answer()
            yield server
        finally:
            server.kill()
