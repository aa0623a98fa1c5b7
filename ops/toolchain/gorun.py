"""Run one Go command, telling every line as it comes."""

import os
import selectors
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .failures import explain
from .golang import Go, environment

_KEPT_LINES = 60
_HEARTBEAT_SECONDS = 1.0


@dataclass(frozen=True)
class GoRunner:
    """Runs Go in the folder `module`; all that it says is added to the file `log`.

    `silent` is called for every second in which Go says nothing.
    """

    go: Go
    module: Path
    log: Path
    silent: Callable[[], None]

    def run(self, arguments: Sequence[str], at: Callable[[str], None]) -> str:
        """Return what Go printed as its result; `at` is told each message. Raises OpsError when Go fails."""
        last: deque[str] = deque(maxlen=_KEPT_LINES)
        with tempfile.TemporaryFile("w+", dir=self.log.parent) as result, self.log.open("a") as log:
            child = self._start(arguments, result)
            try:
                for line in _lines(child):
                    if line is None:
                        self.silent()
                        continue
                    log.write(line + "\n")
                    last.append(line)
                    at(line)
                code = child.wait()
            except BaseException:  # Ctrl-C too: Go must not go on without us
                child.terminate()
                child.wait()
                raise
            if code != 0:
                log.flush()
                raise explain(self.go, list(last), self.log)
            result.seek(0)
            return result.read()

    def _start(self, arguments: Sequence[str], result: IO[str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [self.go.path, *arguments],
            cwd=self.module,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=result,
            stderr=subprocess.PIPE,
        )


def _lines(child: "subprocess.Popen[bytes]") -> Iterator[str | None]:
    """The child's messages line by line; None for every second in which it says nothing."""
    pipe, rest = child.stderr, b""
    if pipe is None:
        return
    with pipe, selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            if not selector.select(_HEARTBEAT_SECONDS):
                yield None
                continue
            chunk = os.read(pipe.fileno(), 65536)
            if not chunk:
                break
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (line.decode(errors="replace") for line in whole)
    if rest:
        yield rest.decode(errors="replace")
