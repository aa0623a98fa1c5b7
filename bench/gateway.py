"""The gateway beside what a user would write in Node: the same stub of a carrier over TLS, one core each."""

import shutil
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .carriers import (
    AUDIENCE,
    SECRET,
    SUBJECT,
    Carriers,
    Gateway,
    carriers,
    gateway,
    posted,
    stage_file,
    tool,
)
from .measure import Row
from .tools import kept, load_tool, packages

PACKAGES = ("undici@7.30.2", "jsonwebtoken@9.0.3")
CONNECTIONS = "32"
ROUNDS = 3
PORTS = (18_600, 18_601)


def gateway_rows() -> Iterator[Row]:
    """Requests a second on one core, waits, memory and start; the gateway, then its peer."""
    with tempfile.TemporaryDirectory() as name:
        folder, load = Path(name), load_tool()
        with carriers(load, folder, cpu=1) as stub:
            stage = stage_file(folder, stub, ["clickatell"])
            ours = _measured(load, gateway(folder, stage, stub.ca, PORTS[0], cpu=0), stub)
            peer = _peer(folder, stub)
            theirs = _measured(load, peer, stub) if peer else {}
    yield Row(
        "gateway, requests/s on one core",
        ours["rate"],
        "/s",
        goal=2.5 * theirs["rate"] if theirs else None,
        peer=theirs.get("rate"),
        peer_name="Node",
        more=True,
    )
    for key, what, unit, goal in (
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
        yield Row(what, ours[key], unit, goal, theirs.get(key), "Node")


def _measured(load: Path, it: Gateway, stub: Carriers) -> dict[str, float]:
    it.start()
    try:
        tool(load, "measure", [it], "-for", "1s", "-connections", CONNECTIONS, cpu=1)
        first, runs = 1_000_000, []
        for _ in range(ROUNDS):
            options = ["-for", "3s", "-connections", CONNECTIONS, "-first", str(first)]
            runs.append(tool(load, "measure", [it], *options, cpu=1))
            first = runs[-1]["last"] + 1
        middle = sorted(runs, key=lambda run: run["requests"] / run["seconds"])[ROUNDS // 2]
        rate = middle["requests"] / middle["seconds"]
        through, direct = _calm(load, it, stub, rate / 2, first)
        if any(run["refused"] for run in (*runs, *through, *direct)):
            raise RuntimeError(f"some were refused: {runs, through, direct}; see {it.log.read_text()[-500:]}")
        assert it.process is not None  # noqa: S101 - started above
        memory = it.process.memory_full_info().pss / 2**20
    finally:
        it.stop()
    found = {"rate": rate, "p50": middle["p50"], "p99": middle["p99"], "memory": memory, "start": it.started}
    for share in ("p50", "p99"):
        alone, half = (statistics.median(run[share] for run in those) for those in (direct, through))
        found |= {f"direct {share}": alone, f"half {share}": half, f"added {share}": half - alone}
    return found


def _calm(
    load: Path, it: Gateway, stub: Carriers, rate: float, first: int
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Runs at this rate through the gateway, and in turn with them runs of the same tool at the carrier."""
    through, direct = [], []
    carrier = [f"{stub.url}/clickatell/v1/message"]
    for _ in range(ROUNDS):
        options = ["-for", "3s", "-connections", CONNECTIONS, "-rate", str(rate), "-first", str(first)]
        through.append(tool(load, "measure", [it], *options, cpu=1))
        options += ["-ca", str(stub.ca), "-status", "202"]
        direct.append(posted(load, "measure", carrier, *options, cpu=1))
        first = int(through[-1]["last"]) + 1
    return through, direct


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
