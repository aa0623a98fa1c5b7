"""`make bench`: the figures that people feel, beside a peer's where there is one."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from . import peer
from .gateway import gateway_rows
from .measure import Row, machine
from .sandbox import Peer, client_credentials, sandbox_rows, tokens_a_second
from .stage import login_row, preview_row, stage, up_rows, versions


def rows() -> Iterator[Row]:
    yield from sandbox_rows(simulator())
    with stage() as it:
        yield login_row(it)
        yield preview_row(it)
        yield from up_rows(it)
    yield from gateway_rows()


def simulator() -> Peer | None:
    """The peer's figures, by the same measurements; None where it can't be had."""
    script = peer.install()
    if script is None:
        return None
    starts, memory, tokens = [], 0.0, 0.0
    for _ in range(5):
        with (
            tempfile.TemporaryDirectory() as home,
            peer.running(script, Path(home)) as (start, process, ca),
        ):
            starts.append(start)
            url = "https://localhost:4400"
            tokens = tokens_a_second(url, ca, client_credentials(url, "client", "secret"))
            memory = process.memory_full_info().pss / 2**20
    return Peer(median(starts), memory, tokens)


def main() -> None:
    console = Console(width=140)
    table = Table("what", "ours", "goal", "peer", "ratio", box=None)
    for row in rows():
        table.add_row(*row.columns())
    console.print(table)
    console.print(f"\n{machine()}\n{versions()}; peer: {peer.PACKAGE}", highlight=False)


if __name__ == "__main__":
    main()
