"""Build the toolchain from its Go modules into the cache: whole or not at all."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from ..errors import OpsError
from . import cache
from .cost import announce
from .golang import Go
from .gorun import GoRunner
from .pins import PLUGIN_VERSION, Pins
from .progress import BuildProgress

PULUMI, HOST, PLUGIN = "pulumi", "pulumi-language-python", "pulumi-resource-auth0"

# The plugin stays off PATH: the engine warns about plugins that it finds there.
_PLACES: Mapping[str, str] = {PULUMI: "bin", HOST: "bin", PLUGIN: "plugin"}
_PACKAGES: Mapping[str, str] = {
    PULUMI: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    HOST: "./cmd/pulumi-language-python",
    PLUGIN: "./cmd/pulumi-resource-auth0",
}
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
_LISTING = "{{.ImportPath}}\t{{with .Module}}{{.Dir}}{{end}}"
_VERIFY_SECONDS = 60


@dataclass(frozen=True)
class Recipe:
    """One build: the programs `parts` of the module in `sources`, to be the folder `target` of the cache."""

    sources: Path
    target: Path
    parts: tuple[str, ...]
    go: Go
    pins: Pins

    @property
    def home(self) -> Path:
        return self.target.parent


def program(target: Path, part: str) -> Path:
    """Where a build keeps a program."""
    return target / _PLACES[part] / part


def complete(target: Path, parts: Sequence[str]) -> bool:
    """Whether a build is in the cache with every program that it should hold."""
    return all(os.access(program(target, part), os.X_OK) for part in parts)


def build(recipe: Recipe, console: Console) -> None:
    """Make `recipe.target`; returns at once when another process made it meanwhile.

    Works in a folder beside the target and renames it at the end: a build that is killed leaves no target.
    Raises OpsError.
    """
    with cache.exclusive(recipe.home, console):
        if complete(recipe.target, recipe.parts):
            return
        room = recipe.target.with_name(f"{recipe.target.name}.building")
        shutil.rmtree(room, ignore_errors=True)
        parts = ", ".join(recipe.parts)
        announce(parts, recipe.go, recipe.pins, recipe.home, console)
        try:
            with BuildProgress(console) as progress:
                _fill(room, recipe, progress)
                took = progress.elapsed
            shutil.rmtree(recipe.target, ignore_errors=True)
            room.rename(recipe.target)
        finally:
            shutil.rmtree(room, ignore_errors=True)
        console.print(f"Built {parts} in {took}.", highlight=False)
        for old in cache.prune(recipe.home, keep=recipe.target):
            console.print(f"Removed {old}, unused for 30 days.", highlight=False)


def _fill(room: Path, recipe: Recipe, progress: BuildProgress) -> None:
    log = recipe.home / "build.log"
    log.write_text("")
    runner = GoRunner(recipe.go, recipe.sources, log, progress.tick)
    packages = _download(recipe, runner, progress)
    for part in recipe.parts:
        _compile(part, room, recipe, runner, progress, len(packages))
    if HOST in recipe.parts:
        _copy_scripts(Path(packages[f"{_SDK}/python/toolchain"]), room / "bin")
    for part in recipe.parts:
        _verify(part, room, recipe)
    cache.touch(room)


def _download(recipe: Recipe, runner: GoRunner, progress: BuildProgress) -> dict[str, str]:
    """Let Go fetch the modules that the parts need; returns their packages, each with its module's folder."""
    progress.phase("Looking for modules")
    modules: list[str] = []

    def at(line: str) -> None:
        if line.startswith("go: downloading "):
            modules.append(line.removeprefix("go: downloading "))
            progress.at(f"Downloading modules, {len(modules)} so far", modules[-1])

    listed = runner.run(["list", "-deps", "-f", _LISTING, *(_PACKAGES[part] for part in recipe.parts)], at)
    return dict(line.split("\t", 1) for line in listed.splitlines())


def _compile(
    part: str, room: Path, recipe: Recipe, runner: GoRunner, progress: BuildProgress, packages: int
) -> None:
    which = f"{part} ({recipe.parts.index(part) + 1} of {len(recipe.parts)} programs)"
    progress.phase(f"Building {which}")
    done: list[str] = []

    def at(line: str) -> None:
        done.append(line)
        progress.at(f"Building {which}, {len(done)} packages of at most {packages}", line)

    file = program(room, part)
    file.parent.mkdir(parents=True, exist_ok=True)
    stamps = ["-trimpath", "-ldflags", _stamps(recipe.pins)]
    runner.run(["build", "-v", *stamps, "-o", str(file), _PACKAGES[part]], at)


def _stamps(pins: Pins) -> str:
    """Link flags: no debug tables; the versions by which the CLI and the provider introduce themselves."""
    cli = f"{_SDK}/go/common/version.Version=v{pins.cli}"
    provider = f"github.com/auth0/terraform-provider-auth0/internal/config.version={pins.provider}"
    return f"-s -w -X {cli} -X {provider}"


def _copy_scripts(sdk: Path, place: Path) -> None:
    for script in _SCRIPTS:
        target = place / Path(script).name
        shutil.copyfile(sdk / script, target)
        target.chmod(0o755)


def _verify(part: str, room: Path, recipe: Recipe) -> None:
    """Run what was built before anyone relies on it."""
    asked = {PULUMI: ("version", f"v{recipe.pins.cli}"), PLUGIN: ("-version", PLUGIN_VERSION)}
    if part not in asked:
        return
    argument, expected = asked[part]
    said = _answer(program(room, part), argument)
    if said != expected:
        raise OpsError(
            f"The {part} that was built does not run",
            f"It said {said!r}, not {expected!r}.",
            f"If programs may not be run in {recipe.home}, let XDG_CACHE_HOME name a folder where they may",
        )


def _answer(file: Path, argument: str) -> str:
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "1"}
    try:
        done = subprocess.run(
            [file, argument],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_VERIFY_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (done.stdout + done.stderr).strip()
