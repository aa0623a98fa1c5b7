"""`python -m sandbox dump|load`: everything a sandbox knows, as one JSON file."""

import argparse
import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import files
from .store import Store

_DATABASE = "sandbox.sqlite3"


class TransferError(Exception):
    """It can't be done; the text says why and what mends it."""


def dump(arguments: list[str]) -> int:
    """Write the state of a sandbox, running or not, to a file that its owner alone may read."""
    given = _parser("dump", "where to write it").parse_args(arguments)
    return _done(lambda: _dump(given.data, given.file))


def load(arguments: list[str]) -> int:
    """Put a state back that `dump` wrote; the sandbox must not be running."""
    given = _parser("load", "what `dump` wrote").parse_args(arguments)
    return _done(lambda: _load(given.data, given.file))


def _dump(data: Path, file: Path) -> None:
    if not (data / _DATABASE).exists():
        raise TransferError(f"{data} holds no sandbox. Name its folder with --data.")
    store = Store(data / _DATABASE)
    try:
        # It holds secrets and the signing key.
        files.write_private(file, json.dumps(store.dump(), indent=1).encode())
    finally:
        store.close()


def _load(data: Path, file: Path) -> None:
    kinds = _read(file)
    data.mkdir(parents=True, exist_ok=True)
    handle = files.lock(data / "lock")
    if handle is None:
        raise TransferError(
            f"A sandbox is running on {data}. Stop it first, or send the file to its /_sandbox/state."
        )
    with handle:
        store = Store(data / _DATABASE)
        try:
            store.load(kinds)
        finally:
            store.close()


def _read(file: Path) -> dict[str, dict[str, dict[str, Any]]]:
    kinds = json.loads(file.read_text())
    if not isinstance(kinds, dict) or not all(_are_documents(found) for found in kinds.values()):
        raise TransferError(f"{file} is not what `python -m sandbox dump` writes.")
    return kinds


def _are_documents(found: Any) -> bool:
    return isinstance(found, dict) and all(isinstance(doc, dict) for doc in found.values())


def _done(work: Callable[[], None]) -> int:
    try:
        work()
    except (TransferError, OSError, ValueError, sqlite3.DatabaseError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser(name: str, meaning: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m sandbox {name}")
    parser.add_argument("file", type=Path, help=meaning)
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(".local/sandbox"),
        help="its folder (default: %(default)s)",
    )
    return parser
