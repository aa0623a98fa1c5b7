"""What is deployed lives exactly as long as the sandbox: over a restart, and never beyond a kill."""

import asyncio
import fcntl
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from sandbox.vercel import residence
from tests.journey.ports import free_ports

from .process_driver import Process, started
from .vercel_driver import Vercel, app, until


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@contextmanager
def account(process: Process) -> Iterator[Vercel]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = process.ready["ca"]
        yield Vercel(process.ready, session)


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_production_deployment_runs_again_and_nothing_lived_on(
    data: Path, number: signal.Signals
) -> None:
    with started(data) as process, account(process) as vercel:
        vercel.project("form")
        vercel.ok("POST", "/v10/projects/form/domains", {"name": "form.localhost"})
        made = vercel.released("form", app("one"))
        vercel.released("form", {"asgi.py": b"app = 1"})
        pid = vercel.visit().json()["pid"]
        process.stop(number)
        assert until(lambda: not lives(pid))
    with started(data) as process, account(process) as vercel:
        # No waiting: ready means that the address answers.
        seen = vercel.visit(host="form.localhost").json()
        assert (seen["word"], seen["environment"]["VERCEL_DEPLOYMENT_ID"]) == ("one", made["id"])
        assert vercel.deployment(made["id"])["readyState"] == "READY"


def test_a_killed_one_gives_its_ports_back(data: Path) -> None:
    port = free_ports()
    with started(data, "--port", str(port)) as process, account(process) as vercel:
        assert vercel.access["port"] == port + 4
        vercel.project("form")
        vercel.released("form", app("one"))
    with started(data, "--port", str(port)) as process, account(process) as vercel:
        assert vercel.word() == "one"


@pytest.mark.anyio
async def test_a_start_waits_for_what_an_earlier_run_left(data: Path) -> None:
    (data / "vercel").mkdir(parents=True)
    with (data / "vercel" / "lock").open("w") as left:
        fcntl.flock(left, fcntl.LOCK_EX)
        waiting = asyncio.create_task(residence.deserted(data))
        done, _ = await asyncio.wait([waiting], timeout=0.1)
        assert done == set()
    await asyncio.wait_for(waiting, 60)


def test_a_build_that_was_cut_off_is_done_after_the_next_start(data: Path) -> None:
    go = data.with_name("go")
    waits = f"import os, threading\nwhile not os.path.exists({str(go)!r}): threading.Event().wait(0.01)\n"
    slow = waits.encode() + app("one")["asgi.py"]
    with started(data) as process, account(process) as vercel:
        vercel.project("form")
        made = vercel.deploy("form", {"asgi.py": slow})["id"]
        until(lambda: vercel.deployment(made)["readyState"] == "BUILDING")
        process.popen.kill()
        process.popen.wait()
    go.touch()
    with started(data) as process, account(process) as vercel:
        assert vercel.finished(made)["aliasAssigned"] is True
        assert vercel.word() == "one"


def test_a_deployment_that_runs_no_more_does_not_stop_the_sandbox(data: Path) -> None:
    with started(data) as process, account(process) as vercel:
        vercel.project("form")
        vercel.released("form", app("one"))
    with started(data, "--python", "/nowhere/python") as process, account(process) as vercel:
        answer = vercel.visit()
        assert answer.headers["x-vercel-error"] == "FUNCTION_INVOCATION_FAILED"
        failed = vercel.released("form", app("two"))
        assert "/nowhere/python can't be run" in failed["errorMessage"]
    with started(data) as process, account(process) as vercel:
        assert vercel.word() == "one"
