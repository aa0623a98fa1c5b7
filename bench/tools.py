"""What the measurements need besides Python: packages from npm and a tool in Go, kept in the user's cache."""

import shutil
import subprocess
from pathlib import Path

from ops.toolchain import cache, golang

_LOAD = Path(__file__).resolve().parent / "load"


def kept(name: str) -> Path:
    """A folder of the cache, made if need be."""
    folder = cache.folder().parent / "bench" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def packages(folder: Path, *wanted: str) -> Path | None:
    """The folder of npm's packages, each wanted one as `name@version`; None where npm can't bring them."""
    modules = folder / "node_modules"
    names = [each.rpartition("@")[0] for each in wanted]
    if not all((modules / name).exists() for name in names) and shutil.which("npm"):
        command = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(folder), *wanted]
        subprocess.run(command, capture_output=True, check=False)
    return modules if all((modules / name).exists() for name in names) else None


def load_tool() -> Path:
    """The load tool, built from `bench/load`; NoGoError where there is no Go to build it."""
    built = kept("") / "load"
    oldest = next(
        line.removeprefix("go ") for line in (_LOAD / "go.mod").read_text().splitlines() if line[:3] == "go "
    )
    go = golang.find(f"go{oldest}")
    command = [str(go.path), "build", "-o", str(built), "."]
    subprocess.run(command, cwd=_LOAD, env=golang.environment(), check=True)
    return built
