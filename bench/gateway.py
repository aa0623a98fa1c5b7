"""The gateway beside what a user would write in Node: the same stub of a carrier over TLS, one core each."""

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .carriers import (
    AUDIENCE,
    SECRET,
    SUBJECT,
    Carriers,
    Gateway,
    carriers,
    gateway,
    stage_file,
    tool,
)
from .measure import Row
from .tools import kept, load_tool, packages

PACKAGES = ("undici@7.30.2", "jsonwebtoken@9.0.3")
CONNECTIONS = "32"
ROUNDS = 7
PORTS = (18_600, 18_601, 18_602)
_SYSTEM = Path(f"/usr/bin/python3.{sys.version_info.minor}")

Run = dict[str, Any]


def gateway_rows() -> Iterator[Row]:
    """Requests a second on one core, waits, memory and start; the gateway and its peer in turn."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, load = Path(name), load_tool()
        stub = stack.enter_context(carriers(load, folder, cpu=1))
        stage = stage_file(folder, stub, ["clickatell"])
        everyone = {
            "ours": gateway(folder, stage, stub.ca, PORTS[0], cpu=0),
            "peer": _peer(folder, stub),
            "system": _with_system_python(gateway(folder, stage, stub.ca, PORTS[2], cpu=0)),
        }
        sides = {key: _Side(load, stub, it) for key, it in everyone.items() if it is not None}
        for side in sides.values():
            side.it.start()
            stack.callback(side.it.stop)
        found = _measured(sides)
    yield from _rows(found["ours"], found.get("peer", {}), found.get("system", {}))


def _rows(ours: dict[str, float], peer: dict[str, float], system: dict[str, float]) -> Iterator[Row]:
    rates = [
        ("rate", "gateway, requests/s on one core", ours),
        ("core", "the same, a second of processor time", ours),
        ("rate", f"requests/s on one core, with {_SYSTEM}", system),
        ("core", "the same, a second of processor time", system),
    ]
    for key, what, measured in rates:
        if measured:
            goal = 2.5 * peer[key] if peer else None
            yield Row(what, measured[key], "/s", goal, peer.get(key), "Node", more=True)
    for key, what, unit, least in (
        ("p50", "gateway, p50 with 32 connections", "ms", None),
        ("p99", "gateway, p99 with 32 connections", "ms", None),
        ("direct p50", "half load, p50 of the carrier alone", "ms", None),
        ("half p50", "half load, p50 through the gateway", "ms", None),
        ("added p50", "half load, p50 that it adds", "ms", None),
        ("direct p99", "half load, p99 of the carrier alone", "ms", None),
        ("half p99", "half load, p99 through the gateway", "ms", None),
        ("added p99", "half load, p99 that it adds", "ms", 2.0),
        ("memory", "gateway, memory after it", "MB", None),
        ("start", "gateway, start to first answer", "s", None),
    ):
        yield Row(what, ours[key], unit, least, peer.get(key), "Node")


def _measured(sides: dict[str, "_Side"]) -> dict[str, dict[str, float]]:
    """By turns, so that what else the machine does falls on each alike; medians."""
    for side in sides.values():
        side.post("-for", "1s")
    for _ in range(ROUNDS):
        for side in sides.values():
            side.full_load()
    for _ in range(ROUNDS):
        for side in sides.values():
            side.half_load()
    return {key: side.found() for key, side in sides.items()}


class _Side:
    """One of those that are compared, and the runs with it so far."""

    def __init__(self, load: Path, stub: Carriers, it: Gateway) -> None:
        self.it = it
        self._load = load
        self._beside = ["-beside", f"{stub.url}/clickatell/v1/message", "-ca", str(stub.ca)]
        self._next = 1_000_000
        self._full: list[Run] = []
        self._half: list[Run] = []

    def post(self, *options: str) -> Run:
        """One run of the load tool, with messages that no other run had."""
        first = ["-connections", CONNECTIONS, "-first", str(self._next)]
        run: Run = tool(self._load, "measure", [self.it], *first, *options, cpu=1)
        self._next = run["last"] + 1
        if run["refused"]:
            raise RuntimeError(f"some were refused: {run}; see {self.it.log.read_text()[-500:]}")
        return run

    def full_load(self) -> None:
        before = self._used()
        run = self.post("-for", "2s")
        run |= {"rate": run["requests"] / run["seconds"], "core": run["requests"] / (self._used() - before)}
        self._full.append(run)

    def half_load(self) -> None:
        """At half the rate through the gateway, and in the same run as many messages straight to the carrier,
        one by one in turn: whatever else the machine does, it does to both."""
        rate = _median(self._full, "rate")
        self._half.append(self.post("-for", "2s", "-rate", str(rate), *self._beside))

    def found(self) -> dict[str, float]:
        found = {key: _median(self._full, key) for key in ("rate", "core", "p50", "p99")}
        for share in ("p50", "p99"):
            found[f"direct {share}"] = _median(self._half, f"beside {share}")
            found[f"half {share}"] = _median(self._half, share)
            found[f"added {share}"] = statistics.median(
                run[share] - run[f"beside {share}"] for run in self._half
            )
        return found | {"memory": self._process().memory_full_info().pss / 2**20, "start": self.it.started}

    def _used(self) -> float:
        used = self._process().cpu_times()
        return float(used.user + used.system)

    def _process(self) -> Any:
        assert self.it.process is not None  # noqa: S101 - measured while it runs
        return self.it.process


def _median(runs: list[Run], key: str) -> float:
    return float(statistics.median(run[key] for run in runs))


def _with_system_python(it: Gateway) -> Gateway | None:
    """The same under the distribution's Python, which is built with the optimizations that the image's has
    and a Python of one's own often hasn't; None where there is none of this version."""
    if not _SYSTEM.exists() or _SYSTEM.resolve() == Path(sys.executable).resolve():
        return None
    it.command = [str(_SYSTEM) if word == sys.executable else word for word in it.command]
    site = next(path for path in sys.path if path.endswith("site-packages"))
    it.environment = {**it.environment, "PYTHONPATH": site}
    return it


def _peer(folder: Path, stub: Carriers) -> Gateway | None:
    """The Node peer, or None where npm can't bring its packages."""
    home = kept("peer")
    if packages(home, *PACKAGES) is None:
        return None
    script = shutil.copy(Path(__file__).parent / "load" / "peer.mjs", home / "peer.mjs")
    environment = {
        "PORT": str(PORTS[1]),
        "SECRET": SECRET,
        "AUDIENCE": AUDIENCE,
        "SUBJECT": SUBJECT,
        "CARRIER": stub.url,
        "CA": str(stub.ca),
    }
    return Gateway(["taskset", "-c", "0", "node", str(script)], PORTS[1], environment, folder / "peer.log")
