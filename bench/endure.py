"""`python -m bench.endure`: many messages through restarts and failing carriers; none accepted may be lost.

Two gateways behind one Redis are ended in turn, by TERM and by KILL, while a carrier fails and another
hangs. The sender repeats whatever was not answered by 200. Then: every accepted message has reached a
carrier, and no more have reached one twice than the gateways have counted as ambiguous, those of a killed
gateway among them.
"""

import argparse
import itertools
import json
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .carriers import Gateway, carriers, gateway, stage_file, tool
from .measure import machine
from .tools import load_tool

PORTS = (18_610, 18_611)
REDIS = 18_612
CARRIERS = ("clickatell", "twilio", "webhook")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.endure", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--every", type=float, default=8.0, help="seconds between two restarts")
    parser.add_argument("--connections", type=int, default=512, help="messages under way at a time")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        found = endure(Path(name), options.messages, options.every, options.connections)
    found["seconds"] = round(time.monotonic() - began)
    print(json.dumps(found, indent=2))
    print(machine())
    raise SystemExit(0 if found["sound"] else 1)


def endure(folder: Path, messages: int, every: float, connections: int) -> dict[str, Any]:
    """Run it; `sound` says whether every accepted message was delivered and every double is accounted for."""
    load = load_tool()
    failing = ("-fail", "0.3", "-hang", "0.3", "-stray", "0.1")
    with redis(folder) as url, carriers(load, folder, *failing) as stub:
        stage = stage_file(folder, stub, CARRIERS)
        both = [gateway(folder, stage, stub.ca, port, REDIS_URL=url) for port in PORTS]
        for each in both:
            each.start()
        with restarting(both, every) as kills:
            several = ["-messages", str(messages), "-connections", str(connections)]
            sent = tool(load, "endure", both, *several)
        for each in both:
            each.stop()
        report = stub.report()
    ambiguous = sum(_ambiguous(each.log) for each in both)
    return {
        "messages": messages,
        "accepted": sent["accepted"],
        "answers": sent["answers"],
        "reached a carrier": report["messages"],
        "reached one twice": report["doubled"],
        "counted as ambiguous": ambiguous,
        "cut off": sent["answers"].get("0", 0),
        "nobody there": sent["answers"].get("-1", 0),
        "restarts": dict(kills),
        "sound": sent["accepted"] == messages == report["messages"] and report["doubled"] <= ambiguous,
    }


def _ambiguous(log: Path) -> int:
    """The messages of which a gateway has said that it can't know whether they were sent."""
    return sum('"ambiguous":true' in line for line in log.read_text(errors="replace").splitlines())


@contextmanager
def restarting(both: list[Gateway], every: float) -> Iterator[Counter[str]]:
    """While the block runs, one gateway after the other is ended, gently or not, and started again."""
    over, done = threading.Event(), Counter[str]()

    def restart() -> None:
        turns = [(how, each) for how in (signal.SIGTERM, signal.SIGKILL) for each in both]
        for how, each in itertools.cycle(turns):
            if over.wait(every):
                return
            each.stop(how)
            each.start()
            done[how.name] += 1

    thread = threading.Thread(target=restart)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A real Redis of this run's own."""
    command = [
        "redis-server",
        "--port",
        str(REDIS),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            yield f"redis://127.0.0.1:{REDIS}/0"
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
