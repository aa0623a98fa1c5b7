"""Running Pulumi: in a session of its own, interrupted when a person says so, and never left behind.

At the first SIGINT Pulumi finishes its step and saves its state; at the second it gives up. A terminal's
Ctrl-C goes to all of its group, so that an engine there would hear of it twice. Ours hears of it from us:
once each time that a person, or whoever ends a job, sends SIGINT, SIGTERM or SIGHUP.
"""

import contextlib
import math
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import IO, Any

import psutil

# How long to wait after each of our own signals once the time is up.
PATIENCE = (30.0, 5.0)
# What the step that an interruption lets end may take: six minutes when Auth0 cannot build an Action.
_STEP_SECONDS = 400.0
_KILLED_SECONDS = 5.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# A cloud's ids of a request tell a person nothing.
_REQUEST = re.compile(r",? ?(RequestID|HostID): [^,]*")


@dataclass(frozen=True)
class Ended:
    """How a command ended. `is_late`: it had to be stopped; `is_quiet`: what it printed is here alone."""

    code: int
    is_quiet: bool
    is_late: bool = False
    out: str = field(default="", repr=False)
    err: str = field(default="", repr=False)

    @property
    def why(self) -> str:
        """Why it failed, in its own words where they are known."""
        where = "" if self.is_quiet else "; what it said is above"
        return complaint(self.err or self.out) or f"It ended with code {self.code}{where}."


def complaint(said: str) -> str:
    """Pulumi's errors in what it printed, without colours; else its last line."""
    lines = [line for line in _COLOURS.sub("", said).strip().splitlines() if line.strip()]
    errors = [line.removeprefix("error:").strip() for line in lines if line.startswith("error:")]
    return _REQUEST.sub("", " ".join(errors or lines[-1:]))


def run(
    words: Sequence[str],
    env: Mapping[str, str],
    *,
    quiet: bool = False,
    given: str | None = None,
    is_asking: bool = False,
    seconds: float | None = None,
    patience: Sequence[float] = PATIENCE,
    cwd: str | None = None,
    output: IO[Any] | None = None,
    kept_open: Sequence[int] = (),
    began: Callable[[int], None] = lambda pid: None,
) -> Ended:
    """Run a command to its end, and tell how that was. Raises KeyboardInterrupt, after its end, for a signal.

    `quiet` keeps what it prints, `output` is a file for it; else it is the person's. It reads what is
    `given`, or the person's input when `is_asking`. After `seconds` it is interrupted as often as there is
    `patience`, then killed with all that it has started; a person's signal gives it the time of a step more.
    `began` is told its pid.
    """
    sink = subprocess.PIPE if quiet else output
    with _listening() as person:
        child = subprocess.Popen(
            words,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.PIPE if given is not None else None if is_asking else subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            pass_fds=kept_open,
        )
        with child:
            watch = _Watch(child, person, given)
            try:
                person.meet(child)
                began(child.pid)
                is_late = not watch.ends_within(seconds, bool(patience))
                if is_late:
                    watch.end(patience)
            except BaseException:
                kill(child)
                raise
    if person.signals:
        raise KeyboardInterrupt
    return Ended(child.returncode, quiet, is_late, watch.out, watch.err)


class _Person:
    """Whoever sends us signals; a child that they meet hears of each."""

    def __init__(self) -> None:
        self.signals = 0
        self.last = -math.inf
        self._child: subprocess.Popen[str] | None = None

    def meet(self, child: "subprocess.Popen[str]") -> None:
        self._child = child
        for _ in range(self.signals):
            child.send_signal(signal.SIGINT)

    def signalled(self, _number: int, _frame: FrameType | None) -> None:
        self.signals += 1
        self.last = time.monotonic()
        if self._child is not None:
            self._child.send_signal(signal.SIGINT)


@contextmanager
def _listening() -> Iterator[_Person]:
    """What is ignored, as under nohup, stays so."""
    person, before = _Person(), dict[signal.Signals, Any]()
    try:
        for number in SIGNALS:
            if (handler := signal.getsignal(number)) != signal.SIG_IGN:
                before[number] = handler
                signal.signal(number, person.signalled)
        yield person
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Watch:
    """Waiting for a child, and reading what it prints meanwhile."""

    def __init__(self, child: "subprocess.Popen[str]", person: _Person, given: str | None) -> None:
        self._child, self._person, self._given = child, person, given
        self.out = self.err = ""

    def ends_within(self, seconds: float | None, is_patient: bool) -> bool:
        """Whether it ends in time; a person's signal puts that off."""
        until = math.inf if seconds is None else time.monotonic() + seconds
        while not self._ends(until):
            after_step = self._person.last + _STEP_SECONDS if is_patient else -math.inf
            if after_step <= until:
                return False
            until = after_step
        return True

    def end(self, patience: Sequence[float]) -> None:
        """Ask as often as there is patience, then insist; what it has started ends with it."""
        family = _family([psutil.Process(self._child.pid)])
        for seconds in patience:
            self._child.send_signal(signal.SIGINT)
            if self._ends(time.monotonic() + seconds):
                break
        # Plugins outlive an engine that has given up or was killed, and go on with its work.
        kill(self._child, family)

    def _ends(self, until: float) -> bool:
        given, self._given = self._given, None
        timeout = None if until == math.inf else max(0.0, until - time.monotonic())
        try:
            out, err = self._child.communicate(given, timeout)
        except subprocess.TimeoutExpired:
            return False
        self.out, self.err = out or "", err or ""
        return True


def kill(child: "subprocess.Popen[Any]", family: Iterable[psutil.Process] = ()) -> None:
    """Kill a child of ours, what was known as its family, and what that is by now; wait for their end."""
    known = set(family)
    if child.poll() is None:
        known.add(psutil.Process(child.pid))
    for each in known:
        # What stands still starts nothing more.
        with contextlib.suppress(psutil.NoSuchProcess):
            each.suspend()
    for each in (whole := _family(known)):
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    child.wait()
    until = time.monotonic() + _KILLED_SECONDS
    while any(map(_lives, whole)) and time.monotonic() < until:
        psutil.wait_procs(whole, timeout=0.02)


def _family(processes: Iterable[psutil.Process]) -> set[psutil.Process]:
    """They and all that they have started, as far as that can be seen."""
    found = set(processes)
    for each in tuple(found):
        with contextlib.suppress(psutil.NoSuchProcess):
            found.update(each.children(recursive=True))
    return found


def _lives(process: psutil.Process) -> bool:
    # The first process of a container may take its time to bury the dead.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
