"""The Go that is installed: found, old enough or not, and run without surprises from its environment."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .pins import numbers

_ASK_SECONDS = 20
# Flags and targets that a person has set for their own work would make another binary, or none.
_NOT_OURS = ("GOOS", "GOARCH", "GOWORK", "GO111MODULE", "GOFLAGS", "GOEXPERIMENT", "GODEBUG")


@dataclass(frozen=True)
class Go:
    """An installed Go: `version` like `go1.26.8`, `platform` like `linux-amd64`, and where its caches are.

    `proxy` has no user and password, so that it can be shown.
    """

    path: Path
    version: str
    platform: str
    modules: Path
    compiled: Path
    proxy: str


class NoGoError(Exception):
    """Why nothing can be built here, as one sentence."""


def find(oldest: str) -> Go:
    """The `go` on PATH, at least `oldest`; raises NoGoError."""
    name = shutil.which("go")
    if name is None:
        raise NoGoError("there is no go on PATH")
    wanted = ["GOVERSION", "GOOS", "GOARCH", "GOMODCACHE", "GOCACHE", "GOPROXY"]
    try:
        done = subprocess.run(
            [name, "env", "-json", *wanted],
            env=environment(),
            cwd="/",  # in a module's folder an older Go would refuse to say anything
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=True,
        )
        said = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise NoGoError(f"{name} does not tell its version") from error
    if numbers(said["GOVERSION"]) < numbers(oldest):
        raise NoGoError(f"{name} is {said['GOVERSION']}, and {oldest} or newer is needed")
    return Go(
        path=Path(name),
        version=said["GOVERSION"],
        platform=f"{said['GOOS']}-{said['GOARCH']}",
        modules=Path(said["GOMODCACHE"]),
        compiled=Path(said["GOCACHE"]),
        proxy=re.sub(r"//[^/@]*@", "//", said["GOPROXY"]),
    )


def environment() -> dict[str, str]:
    """The environment to run Go in: pinned by go.mod and go.sum alone, and no other Go is fetched."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
    return kept | {"GOFLAGS": "-mod=readonly -buildvcs=false", "GOTOOLCHAIN": "local", "GOWORK": "off"}
