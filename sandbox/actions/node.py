"""How Node is started so that an Action reaches as little of the machine as Node's permissions allow.

`vm` contexts are no security boundary (nodejs.org/api/vm.html): what keeps files, processes and threads out
of reach is Node's permission model (nodejs.org/api/permissions.html), and no environment is inherited.
"""

import asyncio
import contextlib
import re
import resource
import shutil
import sys
from pathlib import Path

from .errors import RunnerError

_HERE = Path(__file__).resolve().parent
MAIN = _HERE / "runner.mjs"
_SOURCES = tuple(sorted([*_HERE.glob("*.mjs"), *_HERE.glob("*.js")]))
_OLDEST = (20, 0)
# The flag lost its prefix in these releases of each line.
_STABLE_PERMISSION = {22: (22, 13), 23: (23, 5)}
_HEAP_MEGABYTES = 64
_LIMITS = {resource.RLIMIT_DATA: 512 << 20, resource.RLIMIT_NOFILE: 512, resource.RLIMIT_CORE: 0}


def find(node: str | None = None) -> str:
    """The absolute path of Node, or RunnerError saying how to get it."""
    path = shutil.which(node or "node")
    if path is None:
        raise RunnerError(
            "Actions need Node.js, which is not on the PATH. Install version 20 or newer: `node --version`."
        )
    return path


async def version(node: str) -> tuple[int, int]:
    """Node's (major, minor), or RunnerError when it is too old."""
    process = await asyncio.create_subprocess_exec(
        node, "--version", stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, env={}
    )
    output, _ = await process.communicate()
    match = re.match(rb"v(\d+)\.(\d+)", output)
    found = (int(match[1]), int(match[2])) if match else (0, 0)
    if found < _OLDEST:
        raise RunnerError(
            f"Actions need Node.js 20 or newer; {node} is {output.decode().strip()}. Install a newer Node.js."
        )
    return found


def arguments(found: tuple[int, int], packages: Path | None = None) -> list[str]:
    """Node's arguments for a version.

    Permissions on; the runner's own sources and the folder with npm packages for Actions readable; a small
    heap; no code from strings outside an Action's own realm.
    """
    stable = found >= _STABLE_PERMISSION.get(found[0], (24, 0))
    return [
        "--no-warnings",
        "--disallow-code-generation-from-strings",
        f"--max-old-space-size={_HEAP_MEGABYTES}",
        "--permission" if stable else "--experimental-permission",
        *(f"--allow-fs-read={source}" for source in _SOURCES),
        *([f"--allow-fs-read={packages}/*"] if packages else []),
        # From Node 25 on, the network is a permission too; Actions may call out.
        *(["--allow-net"] if found >= (25, 0) else []),
        str(MAIN),
        *([str(packages)] if packages else []),
    ]


def confine(pid: int) -> None:
    """Bound what a process may take of the machine, where the system can do that from outside (Linux).

    The heap's own limit leaves out what Buffers hold.
    """
    if sys.platform == "linux":
        for kind, limit in _LIMITS.items():
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, kind, (limit, limit))


def environment(ca: Path | None) -> dict[str, str]:
    """All that Node gets to see; the runner empties it before the first Action runs."""
    return {"NODE_EXTRA_CA_CERTS": str(ca)} if ca else {}
