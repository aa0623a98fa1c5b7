"""Programs of the operating system that tests need: found, or installed with consent, or named."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from .errors import OpsError


def ensure(names: Sequence[str], console: Console) -> None:
    """Make sure that the programs are on PATH; a program's name is also its Debian package's.

    Installs only what is missing, as root on Debian, with `CI` set or after a yes at the terminal.
    """
    missing = [name for name in names if shutil.which(name) is None]
    if not missing:
        return
    packages = " ".join(missing)
    if not _may_install(packages):
        raise OpsError(
            f"Missing: {packages}",
            "The tests need them, and packages are installed only as root on Debian, with CI=1 or your yes.",
            f"Run: sudo apt-get install {packages}",
        )
    console.print(f"Installing {packages}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *missing]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["apt-get said nothing."])[-1]
            raise OpsError(
                f"`{' '.join(command)}` failed", last, f"Install {packages} yourself, then try again"
            )


def _may_install(packages: str) -> bool:
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        return False
    if os.environ.get("CI", "").lower() in ("1", "true"):
        return True
    if not sys.stdin.isatty():
        return False
    return input(f"Install {packages} with apt-get? [y/N] ").strip().lower() in ("y", "yes")
