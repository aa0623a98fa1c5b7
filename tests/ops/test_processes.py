"""Background processes: found again, told apart from strangers, stopped for real."""

import json
import os
import sys
from pathlib import Path

import psutil
import pytest

from ops.errors import OpsError
from ops.local import LocalState
from ops.processes import Background

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
    it = Background("service", local)
    yield it
    it.stop(seconds=0.1)


def test_a_started_process_is_found_again_by_another_command(
    background: Background, local: LocalState
) -> None:
    started = background.start(STAY, os.environ, "digest")
    again = Background("service", local)
    assert again.process() == started
    assert again.digest() == "digest"


def test_a_process_that_ended_is_not_running(background: Background) -> None:
    process = background.start([sys.executable, "-c", "pass"], os.environ, "")
    process.wait(timeout=5)
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
