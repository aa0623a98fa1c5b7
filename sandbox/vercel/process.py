"""One process that serves a deployment, from its start to its end."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .entrypoint import Entrypoint

_HOST = Path(__file__).resolve().parent / "host.py"
# A deployment may log long lines; none of them may end its process.
_LINE_LIMIT = 2**20
_KEPT_LINES = 40
_RETIRE_SECONDS = 12.0


@dataclass(frozen=True)
class Release:
    """What a process serves: a deployment's folder, its application, its environment."""

    deployment: str
    folder: Path
    entrypoint: Entrypoint
    environment: dict[str, str]


@dataclass(frozen=True)
class Machine:
    """What every process gets.

    The interpreter, the listening socket's number, the certificate with its key, the number of an open lock
    file that says who lives, and where the log is.
    """

    python: str
    listener: int
    certificate: Path
    key: Path
    lock: int
    log: Path


class NotStartedError(Exception):
    """The process ended, or said nothing in time; `lines` is what it logged last."""

    def __init__(self, message: str, lines: list[str]) -> None:
        super().__init__(message)
        self.lines = lines


class Process:
    """A child process; `release` is what it serves."""

    def __init__(self, release: Release, child: asyncio.subprocess.Process, log: IO[bytes]) -> None:
        self.release = release
        self._child = child
        self._log = log
        self._last: deque[str] = deque(maxlen=_KEPT_LINES)
        self._logging = asyncio.create_task(self._copy())

    @classmethod
    async def start(cls, release: Release, machine: Machine) -> "Process":
        """Start it; raises NotStartedError where the interpreter can't be run."""
        where = release.entrypoint
        command = [machine.python, "-P", "-s", str(_HOST), str(machine.listener), str(machine.certificate)]
        command += [str(machine.key), where.file, where.name]
        try:
            child = await asyncio.create_subprocess_exec(
                *command,
                cwd=release.folder,
                env=release.environment,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(machine.listener, machine.lock),
                limit=_LINE_LIMIT,
                # Ctrl-C in the sandbox's terminal is the sandbox's: it ends its processes in order.
                start_new_session=True,
            )
        except OSError as error:
            raise NotStartedError(f"{machine.python} can't be run: {error.strerror}", []) from error
        return cls(release, child, machine.log.open("ab", buffering=0))

    @property
    def pid(self) -> int:
        return self._child.pid

    async def started(self, seconds: float) -> None:
        """Wait until the application is imported and begun."""
        await self._expect("started", seconds)

    async def serve(self, hosts: Collection[str], seconds: float) -> None:
        """Let it answer to these names, and wait until it takes connections."""
        self.name(hosts)
        await self._expect("serving", seconds)

    def name(self, hosts: Collection[str]) -> None:
        """Change the names it answers to."""
        if self._child.stdin is not None and not self._child.stdin.is_closing():
            self._child.stdin.write(json.dumps({"hosts": sorted(hosts)}).encode() + b"\n")

    async def retire(self) -> None:
        """Ask it to end, and wait until it takes no more connections; what it has begun it may finish."""
        with contextlib.suppress(ProcessLookupError):
            self._child.terminate()
        with contextlib.suppress(NotStartedError):
            await self._expect("closed", _RETIRE_SECONDS)

    async def ended(self) -> int:
        """Wait for its end; its status."""
        status = await self._child.wait()
        await self._logging
        return status

    async def end(self, seconds: float = _RETIRE_SECONDS) -> None:
        """Wait for its end for so long, then kill it."""
        try:
            await asyncio.wait_for(self.ended(), seconds)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._child.kill()
        await self.ended()

    async def _expect(self, word: str, seconds: float) -> None:
        output = self._child.stdout
        try:
            said = await asyncio.wait_for(output.readline(), seconds) if output else b""
        except TimeoutError:
            await self.kill()
            raise NotStartedError(f"It was not {word} within {seconds:.0f} s", list(self._last)) from None
        if said.strip() != word.encode():
            await self.kill()
            raise NotStartedError(f"It ended before it was {word}", list(self._last))

    async def _copy(self) -> None:
        """Its log goes on to the file, and the last lines are remembered."""
        errors = self._child.stderr
        with self._log:
            while errors and (chunk := await errors.read(65536)):
                self._log.write(chunk)
                self._last.extend(chunk.decode("utf-8", "replace").splitlines())
