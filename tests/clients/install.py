"""The npm packages of this folder, as its lock file names them: `python -m tests.clients.install`."""

import fcntl
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"
_COMMAND = "python -m tests.clients.install"


def modules() -> Path:
    """The folder of the installed packages. Raises `FileNotFoundError` with the command that mends it."""
    if not _is_current():
        raise FileNotFoundError(f"{MODULES} is missing or outdated. Install it: {_COMMAND}")
    return MODULES


def install() -> None:
    """Install what the lock file names, and run none of the packages' scripts; again only when it changed."""
    with (FOLDER / "package-lock.json").open() as lock:
        # Two runs at once would empty each other's folder.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current():
            subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                cwd=FOLDER,
                check=True,
            )


def _is_current() -> bool:
    # npm writes this one last.
    done = MODULES / ".package-lock.json"
    return done.exists() and done.stat().st_mtime >= (FOLDER / "package-lock.json").stat().st_mtime


if __name__ == "__main__":
    try:
        install()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"The npm packages in {FOLDER} can't be installed: {error}. They need npm and its registry.")
