"""Running Pulumi: interrupted once each time that a person says so, ended in time, and never left behind."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from ops import engine
from tests.form.waiting import until

HERE = {"PATH": os.environ["PATH"]}
# Notes each signal in `told`; ends once `step` is there and one has come, and notes that in `saved`.
PULUMI = """
import os, pathlib, signal, sys, threading
here = pathlib.Path(sys.argv[1])
told = []
def tell(number, _):
    told.append(number)
    (here / "told").write_text(" ".join(signal.Signals(each).name for each in told))
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, tell)
(here / "session").write_text(str(os.getsid(0)))
(here / "on").touch()
while not (told and (here / "step").exists()):
    threading.Event().wait(0.01)
(here / "saved").touch()
"""
# As in a terminal: its Ctrl-C goes to all of the group.
OURS = """
import os, sys
sys.path.insert(0, {root!r})
from ops import engine
engine.run([sys.executable, "-c", {program!r}, {here!r}], dict(os.environ), seconds={seconds})
"""
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def at(moment: Callable[[], bool], do: Callable[[], object]) -> Iterator[None]:
    """`do` it in another thread, once it is the moment."""

    def wait() -> None:
        until(moment)
        do()

    thread = threading.Thread(target=wait)
    thread.start()
    yield
    thread.join()


def python(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", program, *arguments]


def told(here: Path) -> list[str]:
    return (here / "told").read_text().split() if (here / "told").exists() else []


def is_over(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_what_ends_by_itself_keeps_its_code_and_what_it_said() -> None:
    said = "import sys; print(sys.stdin.read()); print('error: no', file=sys.stderr); raise SystemExit(7)"
    ran = engine.run(python(said), HERE, quiet=True, given="ä", seconds=60)
    assert (ran.code, ran.out, ran.err, ran.is_late) == (7, "ä\n", "error: no\n", False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_passed_on_once_and_the_step_waited_for(tmp_path: Path, number: signal.Signals) -> None:
    before = [signal.getsignal(each) for each in engine.SIGNALS]
    send = at((tmp_path / "on").exists, lambda: os.kill(os.getpid(), number))
    finish = at(lambda: told(tmp_path) != [], (tmp_path / "step").touch)
    with send, finish, pytest.raises(KeyboardInterrupt):
        engine.run(python(PULUMI, str(tmp_path)), HERE)
    assert told(tmp_path) == ["SIGINT"]
    assert (tmp_path / "saved").exists()
    assert [signal.getsignal(each) for each in engine.SIGNALS] == before


def test_a_second_signal_of_a_persons_is_passed_on_too(tmp_path: Path) -> None:
    once = at((tmp_path / "on").exists, lambda: os.kill(os.getpid(), signal.SIGINT))
    again = at(lambda: len(told(tmp_path)) == 1, lambda: os.kill(os.getpid(), signal.SIGTERM))
    finish = at(lambda: len(told(tmp_path)) == 2, (tmp_path / "step").touch)
    with once, again, finish, pytest.raises(KeyboardInterrupt):
        engine.run(python(PULUMI, str(tmp_path)), HERE, quiet=True)
    assert told(tmp_path) == ["SIGINT", "SIGINT"]


def test_after_a_persons_signal_the_step_has_its_time(tmp_path: Path) -> None:
    """Our own end, which comes soon here, is no second interruption of a step that is under way."""

    def interrupt(_: int) -> None:
        until((tmp_path / "on").exists)
        os.kill(os.getpid(), signal.SIGINT)

    def finish() -> None:
        threading.Event().wait(1)
        (tmp_path / "step").touch()

    with at(lambda: told(tmp_path) != [], finish), pytest.raises(KeyboardInterrupt):
        engine.run(python(PULUMI, str(tmp_path)), HERE, seconds=0.5, patience=(0.1, 0.1), began=interrupt)
    assert told(tmp_path) == ["SIGINT"]
    assert (tmp_path / "saved").exists()


def test_a_key_at_the_terminal_reaches_it_once(tmp_path: Path) -> None:
    ours = OURS.format(root=str(ROOT), program=PULUMI, here=str(tmp_path), seconds=60)
    group = subprocess.Popen(
        python(ours),
        start_new_session=True,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    until((tmp_path / "on").exists)
    os.killpg(group.pid, signal.SIGINT)
    until(lambda: told(tmp_path) != [])
    (tmp_path / "step").touch()
    group.wait(60)
    # Two at once would be told as one.
    assert int((tmp_path / "session").read_text()) != group.pid
    assert told(tmp_path) == ["SIGINT"]
    assert (tmp_path / "saved").exists()


def test_a_signal_while_it_is_started_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    class Popen(subprocess.Popen[str]):
        def __init__(self, *given: object, **named: object) -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            super().__init__(*given, **named)  # type: ignore[call-overload]  # passed on as they are

    monkeypatch.setattr(subprocess, "Popen", Popen)
    with pytest.raises(KeyboardInterrupt):
        engine.run(["sleep", "60"], HERE, seconds=30)


def test_what_is_ignored_stays_ignored(tmp_path: Path) -> None:
    """As under nohup: nobody who leaves the terminal means the update."""

    def leave() -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        (tmp_path / "step").touch()

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        program = PULUMI.replace("told and ", "")
        with at((tmp_path / "on").exists, leave):
            assert engine.run(python(program, str(tmp_path)), HERE).code == 0
        assert told(tmp_path) == []
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file by which a program says that it has begun: its time is up then, however slow the machine."""
    file = tmp_path / "ready"

    class Late(subprocess.Popen[str]):
        waited = False

        def communicate(self, input: str | None = None, timeout: float | None = None) -> tuple[str, str]:
            if self.waited:
                return super().communicate(input, timeout)
            self.waited = True
            until(file.exists)
            raise subprocess.TimeoutExpired(self.args, timeout or 0)

    monkeypatch.setattr(subprocess, "Popen", Late)
    return file


def test_what_ends_at_the_first_signal_is_let_end(late: Path, tmp_path: Path) -> None:
    program = f"""
import pathlib, signal, sys
def saved(*_):
    pathlib.Path({str(tmp_path / "saved")!r}).touch()
    sys.exit(1)
signal.signal(signal.SIGINT, saved)
pathlib.Path({str(late)!r}).touch()
while True: signal.pause()
"""
    assert engine.run(python(program), HERE, seconds=0, patience=(60, 60)).is_late
    assert (tmp_path / "saved").exists()


ORPHANS = """
import pathlib, signal, subprocess, sys
here = pathlib.Path({here!r})
def start(*_):
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)
    with (here / "pids").open("a") as pids: print(child.pid, file=pids)
signal.signal(signal.SIGINT, start)
start()
(here / "ready").touch()
while True: signal.pause()
"""


def test_what_does_not_end_is_killed_with_all_that_it_has_started(late: Path, tmp_path: Path) -> None:
    """Also with what it has started since it was told to end; it is over when the command is."""

    class Patience(tuple[float, ...]):
        """One signal, and as long as it takes to start another because of it."""

        def __iter__(self) -> Iterator[float]:
            yield 0.1
            until(lambda: len((tmp_path / "pids").read_text().split()) > 1)

    program = ORPHANS.format(here=str(tmp_path))
    assert engine.run(python(program), HERE, seconds=0, patience=Patience([0.1])).is_late
    orphans = (tmp_path / "pids").read_text().split()
    assert [pid for pid in orphans if not is_over(int(pid))] == []


def test_what_fails_while_it_runs_leaves_nothing(tmp_path: Path) -> None:
    def fail(pid: int) -> None:
        until((tmp_path / "ready").exists)
        raise ValueError(pid)

    with pytest.raises(ValueError, match=r"\d+") as error:
        engine.run(python(ORPHANS.format(here=str(tmp_path))), HERE, began=fail)
    pids = [*(tmp_path / "pids").read_text().split(), str(error.value)]
    assert [pid for pid in pids if not is_over(int(pid))] == []


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "noise\n\x1b[31merror: \x1b[0mthe stack is currently locked\nmore\n",
            "the stack is currently locked",
        ),
        ("error: one\n  more\nerror: two\n", "one two"),
        ("only\nthe last\n\n", "the last"),
        ("error: denied, RequestID: 1f, HostID: x, api error", "denied, api error"),
        ("", ""),
    ],
)
def test_its_errors_are_found_in_what_it_said(said: str, why: str) -> None:
    assert engine.complaint(said) == why


def test_where_it_said_nothing_its_code_is_told() -> None:
    assert engine.Ended(3, is_quiet=True).why == "It ended with code 3."
    assert engine.Ended(3, is_quiet=False).why == "It ended with code 3; what it said is above."
