"""Which operations a client called: kept for sandbox/COVERAGE.md where `CLIENTS` is set (`make clients`)."""

import fcntl
import json
import os
from pathlib import Path

from sandbox.coverage.page import key
from sandbox.management.operations import OPERATIONS
from sandbox.management.routing import Router
from sandbox.testing import RunningSandbox

_ROUTER = Router(OPERATIONS)
_PREFIX = "/api/v2"


def note(client: str, sandbox: RunningSandbox) -> None:
    """Add the operations that this tenant has answered with success since its last reset."""
    if "CLIENTS" in os.environ:
        _add(Path(os.environ["CLIENTS"]), client, called(sandbox))


def called(sandbox: RunningSandbox) -> set[str]:
    """The operations among the tenant's last calls that succeeded."""
    found = (
        _ROUTER.find(call["method"], call["path"].removeprefix(_PREFIX))
        for call in sandbox.sandbox.calls.since()
        if call["path"].startswith(f"{_PREFIX}/") and call["status"] < 400
    )
    return {key(one[0]) for one in found if one}


def _add(file: Path, client: str, operations: set[str]) -> None:
    # Tests of several processes note at the same time.
    with file.open("a+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0)
        known = json.loads(handle.read() or "{}")
        known[client] = sorted({*known.get(client, ()), *operations})
        handle.truncate(0)
        handle.write(json.dumps(dict(sorted(known.items())), indent=1) + "\n")
