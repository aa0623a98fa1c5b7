"""What a build costs, told before it costs it."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from ..errors import OpsError
from .golang import Go
from .pins import Pins

_GB = 10**9
# Measured with Go 1.26 on linux-amd64 and empty caches: 6 to 7 minutes on 2 cores.
_PROGRAMS, _MODULES, _COMPILED = _GB // 4, int(1.6 * _GB), 2 * _GB
_COMPILED_AGAIN = _GB // 2
# Go spreads its build cache over 256 folders; our packages alone bring some 40 files to each.
_FILES_WHEN_COMPILED = 20


def announce(parts: str, go: Go, pins: Pins, home: Path, console: Console) -> None:
    """Say what will be built and what it takes; raises OpsError when a disk is too small for it."""
    sizes = sizes_of(go, pins, home)
    cold = sum(sizes.values()) > _PROGRAMS + _COMPILED_AGAIN
    time = "some 6 minutes on 2 cores, this once" if cold else "seconds, as most of it is in Go's caches"
    places = ", ".join(f"{_told(size)} in {place}" for place, size in sizes.items())
    console.print(f"Building {parts} with {go.version}: {time}.", highlight=False)
    console.print(f"It takes about {places}.", highlight=False)
    require_space(sizes)


def sizes_of(go: Go, pins: Pins, home: Path) -> dict[Path, int]:
    """The bytes that each folder will grow by, roughly."""
    have_modules = (go.modules / f"github.com/pulumi/pulumi/pkg/v3@v{pins.cli}").exists()
    shard = go.compiled / "00"
    have_compiled = shard.is_dir() and len(list(shard.iterdir())) >= _FILES_WHEN_COMPILED
    sizes = {} if have_modules else {go.modules: _MODULES}
    sizes[go.compiled] = _COMPILED_AGAIN if have_compiled else _COMPILED
    sizes[home] = sizes.get(home, 0) + _PROGRAMS
    return sizes


def require_space(sizes: Mapping[Path, int]) -> None:
    """Refuse when the disks under the folders have less free than `sizes` (bytes) ask of them together."""
    disks: dict[int, tuple[Path, int]] = {}
    for place, size in sizes.items():
        there = next(each for each in (place, *place.parents) if each.exists())
        disk = there.stat().st_dev
        first, sum_so_far = disks.get(disk, (there, 0))
        disks[disk] = (first, sum_so_far + size)
    for there, size in disks.values():
        free = shutil.disk_usage(there).free
        if free < size:
            raise OpsError(
                f"Only {_told(free)} are free at {there}",
                f"Building the toolchain takes about {_told(size)} there.",
                "Free some space, or let GOMODCACHE, GOCACHE and XDG_CACHE_HOME name a bigger disk, "
                "then run the command again",
            )


def _told(size: int) -> str:
    return f"{size / _GB:.1f} GB" if size >= _GB else f"{size // 10**6} MB"
