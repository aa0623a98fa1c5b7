"""Doing one thing to many stages: so many at a time, one's failure its own, with an end on request."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from .job import Job
from .journal import SOURCES

_LOOK_SECONDS = 0.2
# Measured for an update (docs/fleet.md): a worker, the engine and the plugin.
STAGE_BYTES = 200 * 2**20
# Most of an update is waiting for the tenant.
_PER_CORE = 3


@dataclass
class Result:
    """How it went with one stage: done, failed, interrupted, or waiting when it was never begun."""

    stage: str
    outcome: str = "waiting"
    why: str = ""
    changes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    link: str = ""
    fingerprint: str = ""


@dataclass
class Fleet:
    """Jobs, and what has become of them. `tell` is called with each result, `show` often."""

    jobs: Sequence[Job]
    parallel: int
    tell: Callable[[Result], None]
    show: Callable[["Fleet"], None]
    results: dict[str, Result] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)
    engines: dict[str, int] = field(default_factory=dict)
    interruptions: int = 0

    def run(self) -> list[Result]:
        """Every job's result, in the jobs' order."""
        waiting = deque(self.jobs)
        with (
            _crew(Path(self.jobs[0].log).with_name("crew.log")) as crew,
            self._interruptible(),
            selectors.DefaultSelector() as ready,
        ):
            lines = Lines(crew)
            ready.register(lines.descriptor, selectors.EVENT_READ)
            while (waiting and not self.interruptions) or self.steps:
                while waiting and len(self.steps) < self.parallel and not self.interruptions:
                    self._begin(waiting.popleft(), crew)
                if ready.select(_LOOK_SECONDS):
                    for message in lines.new():
                        self._hear(message)
                    if lines.is_over:
                        self._lost()
                        waiting.clear()
                self.show(self)
        return [self.results.get(job.stage, Result(job.stage)) for job in self.jobs]

    def _begin(self, job: Job, crew: "subprocess.Popen[bytes]") -> None:
        self.steps[job.stage] = "starting"
        Path(job.log).unlink(missing_ok=True)
        if crew.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                crew.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
                crew.stdin.flush()

    def _hear(self, message: dict[str, Any]) -> None:
        stage = str(message["stage"])
        if "step" in message:
            self.steps[stage] = str(message["step"])
        elif "engine" in message:
            self.engines[stage] = int(message["engine"])
            if self.interruptions > 1:
                self._end_engine(self.engines[stage])
        elif "result" in message:
            self.results[stage] = self._judged(Result(stage, **message["result"]))
        elif "ended" in message:
            self._end(stage, f"Its process ended with code {message['ended']}; its log may say why")

    def _judged(self, result: Result) -> Result:
        if result.outcome == "failed" and self.interruptions > 1:
            result.outcome = "interrupted"
        return result

    def _lost(self) -> None:
        for stage in list(self.steps):
            self._end(stage, "The process that all workers belong to was killed")

    def _end(self, stage: str, why: str) -> None:
        self.steps.pop(stage, None)
        self.engines.pop(stage, None)
        self.tell(self.results.setdefault(stage, Result(stage, "failed", why)))

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(number, self._interrupted) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)

    def _interrupted(self, *_: object) -> None:
        """Once: no stage begins any more. Again: the engines finish their step; and again: they give up."""
        self.interruptions += 1
        if self.interruptions > 1:
            for pid in list(self.engines.values()):
                self._end_engine(pid)

    @staticmethod
    def _end_engine(pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)


class Lines:
    """The crew's messages, as far as they have come."""

    def __init__(self, crew: "subprocess.Popen[bytes]") -> None:
        if crew.stdout is None:
            raise ValueError("the crew has no pipe")
        self.descriptor = crew.stdout.fileno()
        self.is_over = False
        self._rest = b""

    def new(self) -> Iterator[dict[str, Any]]:
        chunk = os.read(self.descriptor, 65536)
        self.is_over = not chunk
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        yield from (json.loads(line) for line in whole)


@contextmanager
def _crew(complaints: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with os.fdopen(os.open(complaints, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
        crew = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.crew"],
            cwd=SOURCES,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            # A terminal's Ctrl-C is for the fleet to pass on.
            start_new_session=True,
        )
    try:
        yield crew
    finally:
        for pipe in (crew.stdin, crew.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        crew.wait()


def usual_parallel() -> int:
    """How many stages at a time this machine can take."""
    by_cores = _PER_CORE * len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4
    return max(1, min(by_cores, int(_free_bytes() / 2 / STAGE_BYTES)))


def _free_bytes() -> int:
    """What the machine has free, or the container that this runs in (kernel.org: cgroup-v2, memory.max)."""
    free, group = psutil.virtual_memory().available, Path("/sys/fs/cgroup")
    with contextlib.suppress(OSError, ValueError):
        most, used = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
        free = min(free, most - used)
    return int(free)
