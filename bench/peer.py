"""A peer of the sandbox: simulacrum's Auth0 simulator, from npm, run on this machine."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import trustme

from .tools import kept, packages

PACKAGE = "@simulacrum/auth0-simulator@0.11.4"
_PORT = 4400  # its own, not to be chosen


def install() -> Path | None:
    """The simulator's start script in the user's cache, or None where npm can't bring it."""
    modules = packages(kept("simulator"), PACKAGE)
    return modules / "@simulacrum" / "auth0-simulator" / "bin" / "start.cjs" if modules else None


@contextmanager
def running(script: Path, home: Path) -> Iterator[tuple[float, psutil.Process, Path]]:
    """The simulator, listening: seconds it took, its process, its CA."""
    certificates = home / ".simulacrum" / "certs"
    certificates.mkdir(parents=True, exist_ok=True)
    ca = trustme.CA()
    leaf = ca.issue_cert("localhost", "127.0.0.1")
    ca.cert_pem.write_to_path(str(certificates / "rootCA.pem"))
    leaf.private_key_pem.write_to_path(str(certificates / "localhost-key.pem"))
    leaf.cert_chain_pems[0].write_to_path(str(certificates / "localhost.pem"))
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    started = time.perf_counter()
    process = psutil.Popen(["node", str(script)], env=environment, stdout=-3, stderr=-3)
    try:
        while not _listens() and time.perf_counter() - started < 20:
            os.sched_yield()
        yield time.perf_counter() - started, process, certificates / "rootCA.pem"
    finally:
        process.terminate()
        process.wait(10)


def _listens() -> bool:
    try:
        socket.create_connection(("127.0.0.1", _PORT), timeout=0.2).close()
    except OSError:
        return False
    return True
