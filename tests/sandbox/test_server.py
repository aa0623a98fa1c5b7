"""The sandbox as a process: how it starts, refuses to start, stops, and what outlives it."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import requests

from sandbox.__main__ import main
from sandbox.readiness import NotReadyError
from sandbox.testing import RunningSandbox

from .process_driver import DEADLINE, started


@contextmanager
def five_in_a_row() -> Iterator[list[socket.socket]]:
    """Five listening sockets whose ports follow each other."""
    while True:
        with ExitStack() as stack, suppress(OSError):
            sockets: list[socket.socket] = []
            for _ in range(5):
                listener = stack.enter_context(socket.socket())
                listener.bind(("127.0.0.1", sockets[-1].getsockname()[1] + 1 if sockets else 0))
                listener.listen()
                sockets.append(listener)
            yield sockets
            return


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_the_ready_file_tells_everything_and_everything_answers(data: Path) -> None:
    with started(data) as process:
        ready = process.ready
        assert set(ready) == {
            "auth0",
            "twilio",
            "handset",
            "app",
            "control",
            "ca",
            "tls",
            "twilio_account",
            "carriers",
            "demo_client",
            "vercel",
            "pid",
        }
        assert set(ready["auth0"]) == {"domain", "client_id", "client_secret"}
        assert set(ready["vercel"]) == {"api", "token", "team", "port", "log"}
        assert set(ready["twilio_account"]) == {"api_key", "api_secret", "verify_service"}
        assert ready["pid"] == process.popen.pid
        assert process.ready_file.stat().st_mode & 0o777 == 0o600
        assert all(Path(path).is_absolute() for path in (ready["ca"], *ready["tls"].values()))
        assert process.get(f"{ready['control']}/health").json() == {"status": "ok"}
        assert process.get(f"{process.url}/.well-known/jwks.json").status_code == 200
        assert process.get(f"{ready['twilio']}/nowhere").status_code in (401, 404, 501)
        assert process.api("GET", "/tenants/settings")
        for name in ("handset", "app"):
            port = ready[name].rpartition(":")[2]
            page = process.get(f"https://localhost:{port}/", headers={"Host": f"{name}.localhost:{port}"})
            assert page.status_code < 400, name


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(data: Path, number: int) -> None:
    with started(data) as process:
        assert process.stop(number) == 0
        assert not process.ready_file.exists()


def test_idle_connections_do_not_hold_up_the_end(data: Path) -> None:
    with started(data) as process, requests.Session() as session:
        session.verify = process.ready["ca"]
        session.trust_env = False
        session.get(f"{process.ready['control']}/health")
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(5) == 0


def test_everything_survives_a_kill(data: Path) -> None:
    with started(data) as process:
        before = process.ready
        client = process.api("POST", "/clients", json={"name": "survivor"})
        process.popen.kill()
        assert process.popen.wait(DEADLINE) == -signal.SIGKILL
        assert process.ready_file.exists()
    with started(data) as again:
        assert again.ready["pid"] != before["pid"]
        assert again.ready["auth0"]["client_secret"] == before["auth0"]["client_secret"]
        assert again.ready["twilio_account"] == before["twilio_account"]
        assert again.ready["ca"] == before["ca"]
        assert again.api("GET", f"/clients/{client['client_id']}")["name"] == "survivor"


def test_the_ready_file_of_a_killed_run_is_removed_before_the_next_is_ready(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = data.parent / "ready.json"
    stale.write_text("{}")

    async def broken(*_: object) -> None:
        assert not stale.exists()
        raise NotReadyError("Not yet.")

    monkeypatch.setattr("sandbox.readiness.probe", broken)
    assert main(["--port", "0", "--data", str(data), "--ready-file", str(stale)]) == 1
    assert "Not yet." in capsys.readouterr().err


def test_a_refused_start_leaves_the_running_one_s_ready_file(data: Path) -> None:
    with started(data) as process:
        assert main(["--port", "0", "--data", str(data), "--ready-file", str(process.ready_file)]) == 1
        assert process.ready_file.exists()


def test_a_second_one_on_the_same_data_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with started(data) as process:
        assert main(["--port", "0", "--data", str(data)]) == 1
        message = capsys.readouterr().err
        assert message.startswith(f"Another sandbox is running on {data}.")
        assert "--data" in message
        assert process.get(f"{process.ready['control']}/health").status_code == 200


@pytest.mark.parametrize("offset", range(5))
def test_a_port_in_use_is_named_once(data: Path, capsys: pytest.CaptureFixture[str], offset: int) -> None:
    with five_in_a_row() as ports:
        for position, listener in enumerate(ports):
            if position != offset:
                listener.close()
        port = ports[offset].getsockname()[1]
        assert main(["--port", str(port - offset), "--data", str(data)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert f"Port {port} on 127.0.0.1 is in use." in captured.err
    assert "--port" in captured.err


def test_a_port_that_is_none_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "65534", "--data", str(data)]) == 1
    assert "Choose another with --port." in capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])  # noqa: S104 - must be refused
def test_t52_other_machines_are_kept_out(data: Path, capsys: pytest.CaptureFixture[str], host: str) -> None:
    assert main(["--host", host, "--port", "0", "--data", str(data)]) == 1
    message = capsys.readouterr().err
    assert f"{host} can be reached from other machines" in message
    assert "--allow-remote" in message
    assert not data.exists()


def test_data_that_can_not_be_used_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["--port", "0", "--data", str(tmp_path / "file")]) == 1
    assert f"{tmp_path / 'file'} can't be used: File exists. Choose another" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["sandbox.sqlite3", "tls/ca.pem", "tls/server.pem"])
def test_damaged_data_is_named_and_nothing_is_left_behind(
    data: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    with RunningSandbox(data):
        pass
    (data / name).write_bytes(b"damaged" * 1000)
    assert main(["--port", "0", "--data", str(data)]) == 1
    message = capsys.readouterr().err
    assert message.startswith(f"{data} holds something that is not a sandbox's:")
    assert "Traceback" not in message


def test_a_service_that_does_not_answer_stops_the_start(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise NotReadyError("The app service at https://x does not answer.")

    monkeypatch.setattr("sandbox.readiness.probe", broken)
    ready_file = data.parent / "ready.json"
    assert main(["--port", "0", "--data", str(data), "--ready-file", str(ready_file)]) == 1
    assert "The app service at https://x does not answer." in capsys.readouterr().err
    assert not ready_file.exists()


def test_a_failed_start_leaves_the_data_free_for_the_next(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["--port", str(taken.getsockname()[1]), "--data", str(data)]) == 1
    assert "in use" in capsys.readouterr().err
    with RunningSandbox(data) as running:
        assert running.ready["pid"] == os.getpid()


def test_t52_it_listens_on_loopback_alone(running_sandbox: RunningSandbox) -> None:
    """Bound addresses, not promises: the kernel's own list."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {row[1] for row in rows if row[3] == "0A"}
    addresses = running_sandbox.addresses
    for service in (
        addresses.auth0,
        addresses.twilio,
        addresses.handset,
        addresses.app,
        addresses.service,
    ):
        port = f":{int(service.rpartition(':')[2]):04X}"
        assert [address for address in listening if address.endswith(port)] == [f"0100007F{port}"]


def test_the_data_directory_is_the_owner_s_alone(data: Path) -> None:
    with RunningSandbox(data):
        assert data.stat().st_mode & 0o777 == 0o700
        assert {path.name for path in data.iterdir()} >= {"lock", "sandbox.sqlite3", "tls", "vercel"}


def test_no_node_process_runs_before_the_first_execution_or_after_the_end(data: Path) -> None:
    with RunningSandbox(data) as running:
        runner = running.sandbox.runner
        assert getattr(runner, "pid", None) is None
        assert running.call(lambda: runner.check("const x = 1;")) is None
        pid = getattr(runner, "pid", None)
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()
