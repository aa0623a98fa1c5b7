"""The form as a process: starts, says that it is ready, refuses clearly, serves over TLS, ends gracefully."""

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
import pytest
from uvicorn import Config, Server

from form.__main__ import main
from form.app import Form
from form.errors import RefusedError
from form.settings import Settings
from form.twilio import NoVerify
from serving import connections
from serving.connections import PromptHttpProtocol
from serving.environment import SettingsError
from serving.server import Listen, server_config

from . import made
from .conftest import MakeSettings
from .neighbours import RIGHT, Neighbours, Scripted
from .served import Served, serving
from .visitor import Page
from .waiting import until

# uvicorn, when all is done, lets the signal that ended it end the process: what supervisors expect.
ENDED = -signal.SIGTERM


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, session_neighbours: Neighbours) -> Iterator[Served]:
    """A form that no test ends."""
    with serving(tmp_path_factory.mktemp("served"), session_neighbours) as running:
        yield running


@dataclass
class Ended:
    """A form that served a person and was told to end."""

    link: str
    log: str
    status: int
    children: list[psutil.Process]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, session_neighbours: Neighbours) -> Ended:
    with serving(tmp_path_factory.mktemp("ended"), session_neighbours) as form:
        client, link = Client(form), form.link()
        _, _, page = client.send("GET", link.removeprefix(form.url))
        client.press(client.press(page, "send"), "check", code="000000")
        client.connection.close()
        children = psutil.Process(form.process.pid).children(recursive=True)
        status = form.stop()
    return Ended(link, form.log.read_text(), status, children)


@pytest.fixture
def mortal(tmp_path: Path, neighbours: Neighbours) -> Iterator[Served]:
    """A form of the test's own, to be ended."""
    with serving(tmp_path, neighbours) as running:
        yield running


class Client:
    """A browser's worth of HTTP over a real connection."""

    def __init__(self, served: Served) -> None:
        context = ssl.create_default_context(cafile=str(served.log.with_name("ca.pem")))
        self.connection = HTTPSConnection("localhost", served.port, context=context, timeout=10)
        self.host = served.url.removeprefix("https://")
        self.cookies: dict[str, str] = {}

    def send(
        self, method: str, path: str, body: str | None = None, follow: bool = True, **headers: str
    ) -> tuple[int, Any, Page]:
        given = {
            "Host": self.host,
            "Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items()),
            **headers,
        }
        if body is not None:
            given.setdefault("Content-Type", "application/x-www-form-urlencoded")
        self.connection.request(method, path, body, {name: value for name, value in given.items() if value})
        response = self.connection.getresponse()
        page = Page()
        page.feed(response.read().decode())
        for cookie in response.headers.get_all("set-cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        if response.status == 303 and follow:
            return self.send("GET", response.headers["location"])
        return response.status, response.headers, page

    def press(self, page: Page, button: str, **fields: str) -> Page:
        form = page.form("/" + button)
        status, _, after = self.send("POST", form.action, urlencode({**form.fields, **fields}))
        assert status == 200
        return after


def test_a_person_is_served_over_tls_from_link_to_result(served: Served, neighbours: Neighbours) -> None:
    client = Client(served)
    _, headers, page = client.send("GET", served.link().removeprefix(served.url))
    assert headers["strict-transport-security"]
    assert headers["server"] is None
    page = client.press(client.press(page, "send"), "check", code=RIGHT)
    result = made.open_result(page.form("/continue").fields["phone_result"])
    assert result["sealed"] == {"phone": made.MOBILE}
    assert [call.form.get("To") for call in neighbours.starts] == [made.MOBILE]
    client.connection.close()


def test_t17_the_log_holds_no_token_no_state_and_no_number(ended: Ended) -> None:
    token = ended.link.split("=")[1].split("&")[0]
    for secret in (token, made.STATE, made.MOBILE[1:], made.SUB, "000000"):
        assert secret not in ended.log
    for entry in map(json.loads, ended.log.splitlines()):
        assert entry["event"]


def test_it_ends_gracefully_and_leaves_nothing_behind(ended: Ended) -> None:
    assert ended.status == ENDED
    assert [child for child in ended.children if child.is_running()] == []


def test_a_request_under_way_is_answered_before_the_end(mortal: Served, neighbours: Neighbours) -> None:
    client = Client(mortal)
    _, _, page = client.send("GET", mortal.link().removeprefix(mortal.url))
    form = page.form("/send")
    neighbours.script.append(Scripted(503, hang=0.5))
    answers: list[int] = []

    def press() -> None:
        answers.append(client.send("POST", form.action, urlencode(form.fields), follow=False)[0])

    thread = threading.Thread(target=press)
    thread.start()
    until(lambda: len(neighbours.calls) == 1)
    mortal.process.terminate()
    thread.join(15)
    assert answers == [303]
    assert len(neighbours.starts) == 2
    assert mortal.process.wait(15) == ENDED


def test_the_ready_file_tells_where_it_listens(served: Served) -> None:
    document = json.loads(served.log.with_name("ready.json").read_text())
    assert document == {
        "url": f"https://127.0.0.1:{served.port}",
        "port": served.port,
        "pid": served.process.pid,
    }


def test_health_answers_on_loopback(served: Served) -> None:
    context = ssl.create_default_context(cafile=str(served.log.with_name("ca.pem")))
    connection = HTTPSConnection("127.0.0.1", served.port, context=context, timeout=10)
    connection.request("GET", "/healthz")
    assert json.loads(connection.getresponse().read())["status"] == "ok"
    connection.close()


def test_it_listens_on_loopback_only(served: Served) -> None:
    listening = [c for c in psutil.Process(served.process.pid).net_connections() if c.status == "LISTEN"]
    assert [connection.laddr.ip for connection in listening] == ["127.0.0.1"]


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: +3\r\n\r\nabc",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\r\n folded\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
        b"GET /verify HTTP/1.1\r\n\r\n",
    ],
)
def test_t35_malformed_requests_are_refused(served: Served, raw: bytes) -> None:
    context = ssl.create_default_context(cafile=str(served.log.with_name("ca.pem")))
    with (
        socket.create_connection(("127.0.0.1", served.port), 5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(raw)
        assert b" 400 " in connection.recv(4096).split(b"\r\n")[0]
    assert served.process.poll() is None


def test_wrong_settings_are_told_without_a_trace(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "form"],
        cwd=made.ROOT,
        env={"PATH": os.environ["PATH"], "PHONE_REQUEST_KEY": "canary-too-short"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("The form can't start:\n- ")
    assert "PHONE_REQUEST_KEY must be at least 32 random bytes" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "canary-too-short" not in ended.stderr


def test_a_port_that_is_taken_is_told_without_a_trace(served: Served) -> None:
    command = [sys.executable, "-m", "form", "--port", str(served.port)]
    env = psutil.Process(served.process.pid).environ()
    ended = subprocess.run(command, cwd=made.ROOT, env=env, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"Can't listen on 127.0.0.1 port {served.port}: address already in use")
    assert "Traceback" not in ended.stderr


def test_where_it_cannot_listen_is_told(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in psutil.Process(served.process.pid).environ().items():
        monkeypatch.setenv(name, value)
    assert main(["--host", "192.0.2.1"]) == 2
    assert capsys.readouterr().err.startswith("Can't listen on 192.0.2.1 port 8447")
    assert main(["--ssl-certfile", "/nowhere.pem"]) == 2
    assert capsys.readouterr().err.startswith("/nowhere.pem is not a file")


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--ready-file" in capsys.readouterr().out


def test_any_asgi_server_is_told_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "uvicorn", "asgi:app", "--port", "0", "--no-access-log"],
        cwd=made.ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode != 0
    assert "PHONE_STAGE_FILE is not set" in ended.stderr
    assert "Traceback" not in ended.stderr


def python(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=made.ROOT, env={}, capture_output=True, text=True, check=True).stdout


def test_importing_the_entry_point_reads_nothing() -> None:
    assert python("import asgi; print(asgi.app._app)") == "None\n"


def test_importing_the_form_stays_within_its_budget() -> None:
    code = "import time; a = time.process_time(); import form.app; print(time.process_time() - a)"
    # Most of it are aiohttp, starlette, pydantic and structlog; a cold start pays it once.
    assert any(float(python(code)) < 1.5 for _ in range(3))


def test_what_a_laptop_does_not_need_is_not_imported() -> None:
    code = "import sys, form.__main__; print({'redis', 'pulumi', 'infra', 'sandbox'} & set(sys.modules))"
    assert python(code) == "set()\n"


@pytest.mark.anyio
async def test_a_host_without_lifespan_starts_at_the_first_request(make_settings: MakeSettings) -> None:
    from .visitor import Visitor

    reads: list[int] = []
    settings = make_settings()

    def read() -> Settings:
        reads.append(1)
        return settings

    form = Form(read)
    answers = await asyncio.gather(*(Visitor(form).send("GET", "/healthz") for _ in range(5)))
    assert [answer.status for answer in answers] == [200] * 5
    assert reads == [1]
    await form.aclose()


@pytest.mark.anyio
async def test_a_form_without_a_twilio_account_never_calls_it(make_settings: MakeSettings) -> None:
    from .visitor import Visitor

    form = Form(lambda: make_settings(flow="action"))
    visitor = Visitor(form)
    await visitor.open(flow="action")
    await visitor.press("check", code=RIGHT)
    assert visitor.result["sealed"] == {"code": RIGHT}
    nobody = NoVerify()
    for call in (nobody.start(made.MOBILE), nobody.check(made.MOBILE, RIGHT, None)):
        with pytest.raises(RefusedError):
            await call
    await nobody.cancel("VE1234")
    await form.aclose()


@pytest.mark.anyio
async def test_a_server_with_lifespan_hears_what_is_wrong() -> None:
    def wrong() -> Any:
        raise SettingsError(["PHONE_RESULT_KEY is not set: make one"])

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "lifespan.startup"}

    async def collect(message: Any) -> None:
        sent.append(message)

    await Form(wrong)({"type": "lifespan"}, receive, collect)
    assert [message["type"] for message in sent] == ["lifespan.startup.failed"]
    assert "PHONE_RESULT_KEY is not set" in sent[0]["message"]


def test_the_server_is_set_up_for_strangers(make_settings: MakeSettings) -> None:
    config = server_config(Form(make_settings), Listen("127.0.0.1", 0))
    assert not config.access_log
    assert not config.server_header
    assert not config.proxy_headers
    assert config.timeout_keep_alive == 15
    assert config.limit_concurrency == 2000
    assert config.timeout_graceful_shutdown == 10


@pytest.fixture
def prompt_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(connections, "HEAD_BYTES", 4096)

    async def hello(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    config = Config(hello, port=0, lifespan="off", http=PromptHttpProtocol, log_config=None, ws="none")
    server = Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX: "])
def test_t34_a_head_that_does_not_come_ends_the_connection(prompt_port: int, begun: bytes) -> None:
    with socket.create_connection(("127.0.0.1", prompt_port), 5) as connection:
        connection.sendall(begun)
        started = time.monotonic()
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""
        assert 0.1 < time.monotonic() - started < 3


def test_t34_the_next_request_on_a_connection_has_the_same_limit(prompt_port: int) -> None:
    with socket.create_connection(("127.0.0.1", prompt_port), 5) as connection:
        for _ in range(3):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 204")
        connection.sendall(b"GET / HTTP/1.1\r\nHo")
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""


def test_t34_headers_without_end_are_cut_off(prompt_port: int) -> None:
    with socket.create_connection(("127.0.0.1", prompt_port), 5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        with pytest.raises(ConnectionError):
            send_endless(connection)


def send_endless(connection: socket.socket) -> None:
    for _ in range(10_000):
        connection.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")
