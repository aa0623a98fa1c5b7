"""Builds by what they are made from: taken from the cache, or made."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from ..errors import OpsError
from . import cache, golang
from .build import HOST, PLUGIN, PULUMI, Recipe, build, complete
from .pins import FIRST_REFUSED_PULUMI, OLDEST_PULUMI, SOURCES, Pins

WHOLE = (PULUMI, HOST, PLUGIN)
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Build:
    """A complete build: its folder in the cache, and whether it was made just now."""

    folder: Path
    fresh: bool


def obtain(console: Console, parts: tuple[str, ...], complaint: str) -> Build:
    """Find the build of `parts` in the cache, or make it.

    `complaint` says why nothing else would do. Raises OpsError, also where there is no Go to build with.
    """
    if not (SOURCES / "go.mod").exists():
        raise _no_way(complaint, f"{SOURCES} is not there to build from", None)
    pins, home, sources = Pins.of(SOURCES), cache.folder(), cache.digest(SOURCES)
    try:
        go = golang.find(pins.go)
    except golang.NoGoError as reason:
        kept = cached(parts)
        if kept is None:
            raise _no_way(complaint, str(reason), pins.go) from reason
        return Build(kept, fresh=False)
    target = home / "-".join([sources, go.version, go.platform, *([] if parts == WHOLE else parts)])
    fresh = not complete(target, parts)
    if fresh:
        console.print(f"{complaint}: building from source.", highlight=False, markup=False)
        build(Recipe(SOURCES, target, parts, go, pins), console)
    cache.touch(target)
    return Build(target, fresh)


def cached(parts: tuple[str, ...]) -> Path | None:
    """A build of these very sources for this machine, whichever Go made it."""
    if not (SOURCES / "go.mod").exists():
        return None
    machine = _MACHINES.get(os.uname().machine, os.uname().machine)
    pattern = f"{cache.digest(SOURCES)}-go*-{sys.platform}-{machine}*"
    targets = sorted(cache.folder().glob(pattern), reverse=True)
    found = next((target for target in targets if complete(target, parts)), None)
    if found is not None:
        cache.touch(found)
    return found


def _no_way(complaint: str, reason: str, go: str | None) -> OpsError:
    or_go = f", or Go {go} or newer (https://go.dev/dl/)" if go else ""
    return OpsError(
        "Pulumi's toolchain is neither here nor can it be built",
        f"{complaint}; {reason}.",
        f"Install Pulumi {OLDEST_PULUMI} or newer, below {FIRST_REFUSED_PULUMI} "
        f"(https://www.pulumi.com/docs/install/){or_go}, then run the command again",
    )
