"""`make bench`: the figures that people feel, beside a peer's where there is one."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from . import peer
from .gateway import gateway_rows
from .measure import Row, machine, median
from .stage import (
    login_row,
    memory_row,
    preview_row,
    ready_seconds,
    running,
    stage,
    up_rows,
    versions,
)


def rows() -> Iterator[Row]:
    start, memory, token = simulator()
    yield Row("sandbox ready, empty data", median(5, ready_seconds), "s", 1, start, "simulator")
    with stage() as it:
        yield login_row(it)
        yield memory_row(it, memory)
        sandbox = running(it)
        ours = peer.milliseconds_a_token(
            f"https://{sandbox.domain}", sandbox.ca, sandbox.client_id, sandbox.client_secret
        )
        yield Row("one token by client_credentials", ours, "ms", None, token, "simulator")
        yield preview_row(it)
        yield from up_rows(it)
    yield from gateway_rows()


def simulator() -> tuple[float | None, float | None, float | None]:
    """The peer's start in seconds, memory in MB and time a token in ms; None where it can't be had."""
    script = peer.install()
    if script is None:
        return None, None, None
    starts, memory, token = [], 0.0, 0.0
    for _ in range(5):
        with (
            tempfile.TemporaryDirectory() as home,
            peer.running(script, Path(home)) as (start, process, ca),
        ):
            starts.append(start)
            token = peer.milliseconds_a_token("https://localhost:4400", ca, "client", "secret")
            memory = process.memory_full_info().pss / 2**20
    return sorted(starts)[2], memory, token


def main() -> None:
    console = Console(width=140)
    table = Table("what", "ours", "goal", "peer", "ratio", box=None)
    for row in rows():
        table.add_row(*row.columns())
    console.print(table)
    console.print(f"\n{machine()}\n{versions()}; peer: {peer.PACKAGE}", highlight=False)


if __name__ == "__main__":
    main()
