"""Which Pulumi to use: the person's own where it fits, else one from the cache, else one built here."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from . import found, store
from .build import PLUGIN, PULUMI, program
from .pins import SOURCES, Pins


@dataclass(frozen=True)
class Toolchain:
    """A Pulumi that works here.

    `pulumi` is the CLI and `bin_dir` its folder; the Python host is there too, or on PATH. `plugin` is the
    Auth0 plugin that was built with it, None for a Pulumi found on PATH. `version` has no leading `v`.
    """

    pulumi: Path
    bin_dir: Path
    plugin: Path | None
    version: str
    source: Literal["path", "cache", "built"]


def ensure(console: Console) -> Toolchain:
    """Find Pulumi on PATH or in the cache, or build it; milliseconds when it is there. Raises OpsError."""
    on_path = found.find()
    if on_path is not None and on_path.complaint is None:
        return Toolchain(on_path.path, on_path.path.parent, None, on_path.version, "path")
    complaint = (on_path.complaint if on_path else None) or "There is no pulumi on PATH"
    made = store.obtain(console, store.WHOLE, complaint)
    pulumi = program(made.folder, PULUMI)
    return Toolchain(
        pulumi=pulumi,
        bin_dir=pulumi.parent,
        plugin=program(made.folder, PLUGIN),
        version=Pins.of(SOURCES).cli,
        source="built" if made.fresh else "cache",
    )


def environment(toolchain: Toolchain, pulumi_home: Path) -> dict[str, str]:
    """What to add to a Pulumi command's environment, so that it downloads nothing and looks for no updates.

    `pulumi_home` keeps plugins and logins apart from the person's own.
    """
    return {
        "PATH": os.pathsep.join([str(toolchain.bin_dir), os.environ.get("PATH", os.defpath)]),
        "PULUMI_HOME": str(pulumi_home),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
    }
