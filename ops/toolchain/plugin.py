"""The Auth0 plugin at exactly our pin, in the Pulumi home of a stage: kept, copied, downloaded or built."""

import os
import subprocess
from pathlib import Path

from rich.console import Console

from ..errors import OpsError
from . import store
from .build import PLUGIN, program
from .engine import Toolchain, environment
from .pins import PLUGIN_VERSION

_DOWNLOAD_SECONDS = 180
_COPY_SECONDS = 60
# Beside the plugin: which build it was copied from, so that another build replaces it.
_ORIGIN = "built-from"


def install_plugin(toolchain: Toolchain, pulumi_home: Path, console: Console | None = None) -> None:
    """Put the Auth0 plugin into `pulumi_home`; nothing happens when it is there. Raises OpsError."""
    place = pulumi_home / "plugins" / f"resource-auth0-v{PLUGIN_VERSION}"
    if _installed(place, toolchain.plugin):
        return
    binary = toolchain.plugin or _cached()
    if binary is None:
        console = console or Console(stderr=True, soft_wrap=True)
        console.print(f"Downloading the Auth0 plugin {PLUGIN_VERSION}.", highlight=False)
        refusal = _pulumi_install(toolchain, pulumi_home, [f"v{PLUGIN_VERSION}"], _DOWNLOAD_SECONDS)
        if refusal is None:
            return
        complaint = f"The Auth0 plugin {PLUGIN_VERSION} can't be downloaded ({refusal})"
        binary = program(store.obtain(console, (PLUGIN,), complaint).folder, PLUGIN)
    _copy(toolchain, pulumi_home, binary)
    (place / _ORIGIN).write_text(_build_of(binary))


def _installed(place: Path, binary: Path | None) -> bool:
    # the engine leaves this mark beside a plugin whose unpacking was interrupted
    unfinished = place.with_name(f"{place.name}.partial").exists()
    if unfinished or not os.access(place / PLUGIN, os.X_OK):
        return False
    origin = place / _ORIGIN
    return binary is None or (origin.exists() and origin.read_text() == _build_of(binary))


def _cached() -> Path | None:
    folder = store.cached((PLUGIN,))
    return program(folder, PLUGIN) if folder else None


def _build_of(binary: Path) -> str:
    return binary.parent.parent.name


def _copy(toolchain: Toolchain, pulumi_home: Path, binary: Path) -> None:
    wanted = [PLUGIN_VERSION, "--reinstall", "--file", str(binary)]
    refusal = _pulumi_install(toolchain, pulumi_home, wanted, _COPY_SECONDS)
    if refusal is not None:
        raise OpsError(
            f"The Auth0 plugin can't be put into {pulumi_home}",
            f"{refusal}.",
            "Free some space or fix the folder's owner, then run the command again",
        )


def _pulumi_install(toolchain: Toolchain, pulumi_home: Path, wanted: list[str], seconds: int) -> str | None:
    """Run `pulumi plugin install`; returns why it failed, None when it did not."""
    command = [str(toolchain.pulumi), "plugin", "install", "resource", "auth0", *wanted, "--non-interactive"]
    try:
        done = subprocess.run(
            command,
            env=os.environ | environment(toolchain, pulumi_home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it took more than {seconds} s"
    except OSError as error:
        return str(error)
    if done.returncode == 0:
        return None
    said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    return said[-1].removeprefix("error: ") if said else f"pulumi ended with code {done.returncode}"
