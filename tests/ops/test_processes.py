"""Background processes and their ports: found again, told apart from strangers, stopped for real."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from ops.errors import OpsError
from ops.halt import command_line, end, halt
from ops.local import LocalState
from ops.ports import refuse_held
from ops.processes import Background
from tests.journey.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
STAY = [sys.executable, "-c", "import signal; signal.pause()"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, sys, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "pathlib.Path(sys.argv[1]).write_text('ready'); signal.pause()",
]


@pytest.fixture
def local(tmp_path: Path) -> LocalState:
    state = LocalState.at(tmp_path, tmp_path / "state")
    state.prepare()
    return state


@pytest.fixture
def background(local: LocalState):  # type: ignore[no-untyped-def]  # a generator fixture
    it = Background("sandbox", local)
    yield it
    it.stop(seconds=0.1)


def waiting_service(local: LocalState) -> psutil.Process:
    """A service of this folder that only waits, as soon as its command line can be seen."""
    process = Background("sandbox", local).start([*STAY, str(local.sandbox_ready)], os.environ, "")
    deadline = time.monotonic() + 10
    while str(local.sandbox_ready) not in command_line(process.pid):
        assert time.monotonic() < deadline, "its command line was never seen"
    return process


def test_a_started_process_is_found_again_by_another_command(
    background: Background, local: LocalState
) -> None:
    started = background.start(STAY, os.environ, "digest")
    again = Background("sandbox", local)
    assert again.process() == started
    assert again.digest() == "digest"


def test_a_process_that_ended_is_not_running(background: Background) -> None:
    process = background.start([sys.executable, "-c", "pass"], os.environ, "")
    process.wait(timeout=60)
    assert background.process() is None


def test_a_stranger_with_the_same_pid_is_left_alone(background: Background) -> None:
    own = psutil.Process()
    note = {"pid": own.pid, "started": own.create_time() - 100, "digest": ""}
    background.pid_file.write_text(json.dumps(note))
    assert background.process() is None
    assert background.stop() is False
    assert own.is_running()


def test_a_pid_file_cut_short_counts_as_none(background: Background) -> None:
    background.pid_file.write_text('{"pid": 1')
    assert background.process() is None


def test_stop_ends_a_process_that_ignores_the_polite_request(background: Background, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    process = background.start([*DEAF, str(ready)], os.environ, "")
    background.await_ready(process, ready, seconds=5)
    assert background.stop(seconds=0.2) is True
    assert not process.is_running()
    assert not background.pid_file.exists()


def test_stop_takes_the_children_along(background: Background, tmp_path: Path) -> None:
    ready = tmp_path / "child"
    parent = (
        "import subprocess, sys, pathlib, signal;"
        "c = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']);"
        "pathlib.Path(sys.argv[1]).write_text(str(c.pid)); signal.pause()"
    )
    process = background.start([sys.executable, "-c", parent, str(ready)], os.environ, "")
    background.await_ready(process, ready, seconds=5)
    child = psutil.Process(int(ready.read_text() or "0") or process.children()[0].pid)
    background.stop(seconds=0.5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_the_dead_that_nobody_has_buried_hold_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.halt._KILLED_SECONDS", 60.0)
    leader = subprocess.Popen(STAY, process_group=0)
    member = subprocess.Popen(STAY, process_group=leader.pid)  # ours, and we ask about it only afterwards
    begun = time.monotonic()
    end(leader.pid)
    assert time.monotonic() - begun < 30
    assert (leader.wait(), member.wait()) == (0, -signal.SIGKILL)


def test_a_service_that_dies_at_its_start_tells_the_last_line_of_its_log(
    background: Background, tmp_path: Path
) -> None:
    process = background.start(
        [sys.executable, "-c", "import sys; sys.exit('port 8443 is in use; choose another with --port')"],
        os.environ,
        "",
    )
    with pytest.raises(OpsError) as refused:
        background.await_ready(process, tmp_path / "never", seconds=5)
    assert "port 8443 is in use" in refused.value.why
    assert str(background.log) in refused.value.mend


def test_a_service_that_is_never_ready_is_stopped(background: Background, tmp_path: Path) -> None:
    process = background.start(STAY, os.environ, "")
    with pytest.raises(OpsError, match="was not ready"):
        background.await_ready(process, tmp_path / "never", seconds=0.1)
    assert not process.is_running()


def test_halt_ends_what_this_folder_started(background: Background, local: LocalState) -> None:
    process = waiting_service(local)
    assert halt(local.folder) == "Stopped sandbox."
    assert not process.is_running()
    assert not Background("sandbox", local).pid_file.exists()
    assert halt(local.folder) == "Nothing was running."


def test_halt_leaves_another_folders_service_alone(tmp_path: Path, local: LocalState) -> None:
    other = LocalState.at(tmp_path, tmp_path / "other")
    other.prepare()
    process = waiting_service(other)
    local.pids.joinpath("sandbox.json").write_text(json.dumps({"pid": process.pid}))
    assert halt(local.folder) == "Nothing was running."
    assert process.is_running()
    assert halt(other.folder) == "Stopped sandbox."


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"pid": "x"}', '{"pid": 4194305}'])
def test_halt_takes_a_note_that_leads_nowhere_for_none(local: LocalState, note: str) -> None:
    local.pids.joinpath("sandbox.json").write_text(note)
    assert halt(local.folder) == "Nothing was running."


def test_halt_needs_python_alone(local: LocalState) -> None:
    process = waiting_service(local)
    # -S: without the folders in which packages are installed
    bare = [sys.executable, "-S", "-m", "ops.halt", str(local.folder)]
    done = subprocess.run(bare, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout.strip(), done.stderr) == ("Stopped sandbox.", "")
    process.wait(timeout=60)


def test_a_free_port_is_no_problem() -> None:
    port = free_ports()
    refuse_held([port], port)


def test_a_held_port_names_its_process_and_the_two_ways_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(OpsError) as refused:
            refuse_held([port], 8443)
    error = refused.value
    assert str(port) in error.what
    assert f"Process {os.getpid()}" in error.why
    assert command_line(os.getpid()).split()[0] in error.why
    assert f"kill {os.getpid()}" in error.mend
    assert "make up PORT=8453" in error.mend


def test_a_port_whose_process_cannot_be_seen_is_refused_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: str) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", denied)
    with socket.create_server(("127.0.0.1", 0)) as held, pytest.raises(OpsError) as refused:
        refuse_held([held.getsockname()[1]], 8443)
    assert "cannot be seen" in refused.value.why
    assert "make up PORT=8453" in refused.value.mend
