"""Many tenants at once: wall time, calls, memory, and how they grow (`python -m bench.fleet`)."""

import argparse
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from tests.ops.fleet_stages import Stages, stages

from .measure import machine
from .stage import versions

_LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Run:
    """One command on all tenants: seconds, Management API calls, and its own processes' memory at most."""

    what: str
    tenants: int
    seconds: float
    calls: int
    megabytes: float

    def columns(self) -> list[str]:
        each = self.tenants
        return [
            self.what,
            str(each),
            f"{self.seconds:.1f}",
            f"{self.seconds / each:.2f}",
            str(self.calls),
            f"{self.calls / each:.1f}",
            f"{self.megabytes:.0f}",
        ]


def runs(count: int, parallel: int | None) -> Sequence[Run]:
    """A fleet's life: previewed, made, left alone, resumed, changed."""
    size = ["--parallel", str(parallel)] if parallel else []
    with tempfile.TemporaryDirectory() as folder, stages(count, Path(folder)) as fleet:

        def run(what: str, *words: str) -> Run:
            return _measured(what, fleet, count, ["--stages", "eu-*", *size, *words])

        found = [run("preview, first", "preview"), run("up, first", "up", "--yes")]
        found += [run("up, no change", "up", "--yes"), run("up --resume, done", "up", "--yes", "--resume")]
        for name in fleet.tenants:
            file = fleet.file(name)
            file.write_text(file.read_text().replace("resendSeconds: 30", "resendSeconds: 45"))
        return [*found, run("preview, one change", "preview"), run("up, one change", "up", "--yes")]


def _measured(what: str, fleet: Stages, count: int, words: list[str]) -> Run:
    fleet.proxy.forget()
    command = fleet.words(*sorted(words, key=lambda word: word not in ("preview", "up")))
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(command, cwd=fleet.folder, env=fleet.env, stdout=said, stderr=said)
        most = Most(lambda: _family_bytes(child.pid))
        code = child.wait()
        taken = time.perf_counter() - began
        if code != 0:
            said.seek(0)
            raise RuntimeError(f"{what}: {said.read()[-3000:]}")
    return Run(what, count, taken, len(fleet.proxy.calls), most.found() / 2**20)


class Most:
    """The largest of what is measured, again and again, until it is asked for."""

    def __init__(self, measure: Callable[[], float]) -> None:
        self._measure, self._most = measure, 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def found(self) -> float:
        self._over.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            self._most = max(self._most, self._measure())


def _family_bytes(pid: int) -> float:
    """What the command, its workers, engines and plugins hold, shared pages divided among them."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        leader = psutil.Process(pid)
        for each in (leader, *leader.children(recursive=True)):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                total += each.memory_full_info().pss
    return total


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.fleet", description=__doc__)
    parser.add_argument("--tenants", type=int, nargs="+", default=[10, 25, 50])
    parser.add_argument("--parallel", type=int, help="stages at a time; the command's own choice when absent")
    given = parser.parse_args()
    console = Console(width=140)
    table = Table("what", "tenants", "s", "s/tenant", "calls", "calls/tenant", "MB at most", box=None)
    for count in given.tenants:
        for run in runs(count, given.parallel):
            table.add_row(*run.columns())
    console.print(table)
    console.print(f"\n{machine()}\n{versions()}", highlight=False)


if __name__ == "__main__":
    main()
