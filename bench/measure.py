"""Timing by repetition: medians, so that one unlucky run says nothing."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One line of the report. `peer` and `peer_name` are absent where nobody else does the same."""

    what: str
    ours: float
    unit: str
    goal: float | None = None
    peer: float | None = None
    peer_name: str = ""
    more: bool = False  # more of it is better

    def columns(self) -> tuple[str, str, str, str, str]:
        ratio = f"{self.ours / self.peer:.2f} x" if self.peer else ""
        peer = f"{self.peer_name} {_number(self.peer)}" if self.peer is not None else ""
        return self.what, f"{_number(self.ours)} {self.unit}", self._judged(), peer, ratio

    def _judged(self) -> str:
        if self.goal is None:
            return ""
        reached = self.ours >= self.goal if self.more else self.ours <= self.goal
        return f"{'met' if reached else 'MISSED'} ({'≥' if self.more else '≤'} {_number(self.goal)})"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def median(times: int, once: Callable[[], float]) -> float:
    """The median of `times` measurements."""
    return statistics.median(once() for _ in range(times))


def seconds(command: Sequence[str], cwd: Path, env: dict[str, str] | None = None) -> float:
    """How long a command takes; it must succeed."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {(done.stdout + done.stderr)[-800:]}")
    return time.perf_counter() - started


def machine() -> str:
    """Cores, processor and system, in one line."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {model}, {platform.system()} {platform.release()}, load {load:.1f}"
