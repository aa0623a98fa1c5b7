"""Private files, the lock, and the probe before readiness."""

import asyncio
import ssl
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sandbox import readiness, tls
from sandbox.context import Addresses
from sandbox.files import lock, write_private

ROOT = Path(__file__).resolve().parents[2]


def test_a_private_file_is_the_owner_s_alone(tmp_path: Path) -> None:
    write_private(tmp_path / "f", b"secret")
    assert (tmp_path / "f").read_bytes() == b"secret"
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_file_that_was_open_to_all_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_reader_sees_half_a_file(tmp_path: Path) -> None:
    path, stop, seen = tmp_path / "f", threading.Event(), set[int]()
    contents = [letter * 100_000 for letter in (b"a", b"b")]
    write_private(path, contents[0])

    def read() -> None:
        while not stop.is_set():
            seen.add(len(path.read_bytes()))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(100):
        write_private(path, contents[number % 2])
    stop.set()
    reader.join()
    assert seen == {100_000}


def test_a_lock_is_held_by_one_and_ends_with_its_handle(tmp_path: Path) -> None:
    first = lock(tmp_path / "lock")
    assert first is not None
    assert lock(tmp_path / "lock") is None
    first.close()
    again = lock(tmp_path / "lock")
    assert again is not None
    again.close()


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from sandbox.files import lock;"
        "held = lock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "lock")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert lock(tmp_path / "lock") is None
        process.kill()
    free = lock(tmp_path / "lock")
    assert free is not None
    free.close()


# -- readiness --------------------------------------------------------------------------------------


async def probed(certificates: tls.Certificates, answer: bytes) -> None:
    """Probe four services that all answer the same."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.cert, certificates.key)
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        url = f"localhost:{server.sockets[0].getsockname()[1]}"
        others = [f"https://{name}{url}" for name in ("", "handset.", "app.", "form.")]
        addresses = Addresses(url, *others)
        await readiness.probe(addresses, certificates.ca)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tls.Certificates:
    return tls.prepare(tmp_path_factory.mktemp("tls"))


@pytest.mark.anyio
@pytest.mark.parametrize("status", [b"200 OK", b"303 See Other", b"404 Not Found", b"501 Not Implemented"])
async def test_a_service_that_answers_is_ready(certificates: tls.Certificates, status: bytes) -> None:
    await probed(certificates, b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 500 Oops\r\n\r\n", b"HTTP/1.1 503 Later\r\n\r\n", b"\r\n", b""]
)
async def test_a_service_that_is_broken_is_named(certificates: tls.Certificates, answer: bytes) -> None:
    with pytest.raises(readiness.NotReadyError, match="service at https://"):
        await probed(certificates, answer)
