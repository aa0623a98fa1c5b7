"""`python -m tests.fidelity DIR`: replay a folder of recordings and print the totals by resource."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sandbox.coverage.figures import RECORDINGS
from sandbox.testing import RunningSandbox

from . import record, totals
from .folder import Folder, FolderError, find
from .replay import Replayed, replay


def main(arguments: list[str] | None = None) -> int:
    """0 after a replay, whatever it found; 1 with a sentence on stderr where nothing could be replayed."""
    given = _parser().parse_args(arguments)
    try:
        folder = find(given.folder)
        replayed = _replay(folder, given.only or folder.names(), given.salt)
    except FolderError as error:
        print(error, file=sys.stderr)
        return 1
    _report(folder, replayed)
    if given.write:
        record.write(record.record(folder, replayed, datetime.now(UTC).date().isoformat()))
    return 0


def _replay(folder: Folder, names: Sequence[str], salt: str | None) -> list[Replayed]:
    with RunningSandbox() as sandbox:
        replayed = []
        for number, name in enumerate(names, 1):
            one = replay(folder, sandbox, name, salt)
            print(f"[{number}/{len(names)}] {one.matched:4d}/{len(one.requests):<4d} {name}", flush=True)
            replayed.append(one)
    return replayed


def _report(folder: Folder, replayed: Sequence[Replayed]) -> None:
    missed = [one for one in replayed if one.first]
    if missed:
        print("\nWhat missed, and the first difference of each:")
        for one in missed:
            print(f"  {one.name}\n    {(one.first or '')[:300]}")
    print("\nMatched in full, by resource:")
    for label, counted in totals.count(totals.every(replayed), totals.resource).items():
        print(totals.line(label, counted))
    print("\nMatched in full, by list:")
    for label, counted in totals.by_list(replayed, folder.lists).items():
        print(totals.line(label, counted))
    whole = len(replayed) - len(missed)
    print(f"{whole} of {len(replayed)} recordings match from their first request to their last.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fidelity", description=__doc__)
    parser.add_argument("folder", type=Path, help="the recordings; the tool that replays them lies there too")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these recordings alone")
    parser.add_argument("--salt", help="rename the recorded entities, so that no canned answer fits")
    parser.add_argument("--write", action="store_true", help=f"keep the figures in {RECORDINGS.name}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
