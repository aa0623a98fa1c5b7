"""The gateway beside what a user would write in Node: the same stub of a carrier over TLS, one core each."""

import os
import shutil
import subprocess
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
    load_tool,
    stage_file,
    tool,
)
from .measure import Row

PACKAGES = ("undici@7.30.2", "jsonwebtoken@9.0.3")
CONNECTIONS = 32
ROUNDS = 3
PORTS = (18_600, 18_601)


def gateway_rows() -> Iterator[Row]:
    """Requests a second on one core, waits at half of that, memory and start; the gateway, then its peer."""
    with tempfile.TemporaryDirectory() as name:
        folder, load = Path(name), load_tool()
        with carriers(load, folder, cpu=1) as stub:
            stage = stage_file(folder, stub, ["clickatell"])
            ours = _measured(load, gateway(folder, stage, stub.ca, PORTS[0], cpu=0))
            peer = _peer(folder, stub)
            theirs = _measured(load, peer) if peer else {}
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
        ("half", "gateway, added p99 at half load", "ms", 2.0),
        ("memory", "gateway, memory after it", "MB", None),
        ("start", "gateway, start to first answer", "s", None),
    ):
        yield Row(what, ours[key], unit, goal, theirs.get(key), "Node")


def _measured(load: Path, it: Gateway) -> dict[str, float]:
    it.start()
    try:
        tool(load, "measure", [it], "-for", "1s", "-connections", str(CONNECTIONS), cpu=1)
        first, runs = 1_000_000, []
        for _ in range(ROUNDS):
            options = ["-for", "3s", "-connections", str(CONNECTIONS), "-first", str(first)]
            runs.append(tool(load, "measure", [it], *options, cpu=1))
            first = runs[-1]["last"] + 1
        middle = sorted(runs, key=lambda run: run["requests"] / run["seconds"])[ROUNDS // 2]
        if any(run["refused"] for run in runs):
            raise RuntimeError(f"the gateway refused some: {runs}; see {it.log.read_text()[-500:]}")
        rate = middle["requests"] / middle["seconds"]
        half = ["-for", "4s", "-connections", str(CONNECTIONS), "-rate", str(rate / 2), "-first", str(first)]
        calm = tool(load, "measure", [it], *half, cpu=1)
        assert it.process is not None  # noqa: S101 - started above
        memory = it.process.memory_full_info().pss / 2**20
    finally:
        it.stop()
    return {
        "rate": rate,
        "p50": middle["p50"],
        "p99": middle["p99"],
        "half": calm["p99"],
        "memory": memory,
        "start": it.started,
    }


def _peer(folder: Path, stub: Carriers) -> Gateway | None:
    """The Node peer, or None where npm can't bring its packages."""
    cache = (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "auth0-phone" / "bench" / "peer"
    )
    cache.mkdir(parents=True, exist_ok=True)
    if not (cache / "node_modules" / "undici").exists() and shutil.which("npm"):
        command = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(cache), *PACKAGES]
        subprocess.run(command, capture_output=True, check=False)
    if not (cache / "node_modules" / "undici").exists():
        return None
    script = shutil.copy(Path(__file__).parent / "load" / "peer.mjs", cache / "peer.mjs")
    environment = {
        "PORT": str(PORTS[1]),
        "SECRET": SECRET,
        "AUDIENCE": AUDIENCE,
        "SUBJECT": SUBJECT,
        "CARRIER": stub.url,
        "CA": str(stub.ca),
    }
    return Gateway(["taskset", "-c", "0", "node", str(script)], PORTS[1], environment, folder / "peer.log")
