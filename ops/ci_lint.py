"""`python -m ops.ci_lint`: actionlint on the workflows, built once from its Go module."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from .errors import OpsError
from .toolchain import cache, golang
from .toolchain.gorun import GoRunner

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "toolchain" / "actionlint"
_PACKAGE = "github.com/rhysd/actionlint/cmd/actionlint"
_OLDEST_GO = "1.25.0"
# Other linters that it would run where they happen to be installed: findings must not depend on the machine.
_ALONE = ("-shellcheck=", "-pyflakes=")


def workflows(root: Path = ROOT) -> list[Path]:
    """The workflows of a checkout."""
    return sorted((root / ".github" / "workflows").glob("*.y*ml"))


def lint(files: Sequence[Path], console: Console) -> subprocess.CompletedProcess[str]:
    """What actionlint says of these workflows: findings on stdout, exit code 1 where there are any.

    Raises OpsError when it cannot be had.
    """
    return subprocess.run(
        [program(console), "-no-color", *_ALONE, *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
    )


def program(console: Console) -> Path:
    """The linter from the cache, or built into it of what go.sum pins. Raises OpsError."""
    target = cache.folder() / f"actionlint-{cache.digest(SOURCES)}-{sys.platform}-{os.uname().machine}"
    file = target / "actionlint"
    if not os.access(file, os.X_OK):
        _build(file, console)
    cache.touch(target)
    return file


def _build(file: Path, console: Console) -> None:
    try:
        go = golang.find(_OLDEST_GO)
    except golang.NoGoError as reason:
        raise OpsError(
            "The workflows cannot be linted here",
            f"actionlint is built with Go, and {reason}.",
            f"Install Go {_OLDEST_GO} or newer (https://go.dev/dl/), then run the command again",
        ) from reason
    with cache.exclusive(file.parents[1], console):
        if os.access(file, os.X_OK):
            return  # made by another process meanwhile
        console.print("Building actionlint from source, this once.")
        file.parent.mkdir(exist_ok=True)
        fresh = file.with_name(f"{file.name}.{os.getpid()}")
        runner = GoRunner(go, SOURCES, file.parents[1] / "actionlint.log", lambda: None)
        runner.run(["build", "-trimpath", "-ldflags", "-s -w", "-o", str(fresh), _PACKAGE], lambda _: None)
        fresh.replace(file)


def main() -> int:
    """0 when there is nothing to find; 1 with the findings, or with why there are none to be had."""
    try:
        found = lint(workflows(), Console(stderr=True, soft_wrap=True))
    except OpsError as error:
        print(f"✗ {error.what}\n  {error.why}\n  {error.mend}.", file=sys.stderr)
        return 1
    sys.stdout.write(found.stdout)
    sys.stderr.write(found.stderr)
    return found.returncode


if __name__ == "__main__":
    sys.exit(main())
