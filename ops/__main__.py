"""The command line: `python -m ops up`, `down`, `reset`, `preview`, `pulumi`, …."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.console import Console

from infra.errors import BundleError, RenderError, SettingsError, StageFileError
from infra.schema import parse_yaml

from . import ci_smoke, enable, guarded, host_env, pause
from . import launchers as commands
from . import system as operating_system
from . import toolchain as tools
from .errors import OpsError
from .fleet import command as fleet
from .local import LocalState
from .stages import command as stages
from .up import SERVICE_OFFSET, LocalStage

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console(stderr=False, soft_wrap=True)
app.add_typer(stages.app, name="stage")
app.add_typer(fleet.app, name="fleet")

Port = Annotated[
    int,
    typer.Option(
        envvar="PORT",
        min=1,
        max=65535 - SERVICE_OFFSET,
        help="The tenant's port; the other services follow it.",
    ),
]
State = Annotated[
    Path | None, typer.Option(help="The folder of local state; `.local` in the checkout by default.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="PATH=VALUE", help="A setting of this run alone, e.g. verification.flow=action."
    ),
]


def _stage(port: int, state: Path | None, settings: list[str] | None = None) -> LocalStage:
    root = Path(__file__).resolve().parent.parent
    changes = dict(_setting(each) for each in settings or [])
    return LocalStage(LocalState.at(root, state), port, console, changes)


def _setting(text: str) -> tuple[str, object]:
    path, separator, value = text.partition("=")
    if not separator:
        raise OpsError(f"--set {text}", "A setting is written PATH=VALUE.", f"Write --set {path}=VALUE")
    try:
        return path, parse_yaml(value)
    except yaml.YAMLError as error:
        raise OpsError(f"--set {text}", "The value is no YAML.", f"Quote it: --set {path}='\"…\"'") from error


@app.command()
def up(port: Port = 8443, state: State = None, settings: Set = None) -> None:
    """Bring the local stage up, prove it by a login and print the addresses."""
    _stage(port, state, settings).up()


@app.command()
def preview(port: Port = 8443, state: State = None, settings: Set = None) -> None:
    """Show what `up` would change."""
    _stage(port, state, settings).preview()


@app.command()
def down(port: Port = 8443, state: State = None) -> None:
    """Stop what `up` started; data and state stay."""
    _stage(port, state).down()


@app.command()
def reset(port: Port = 8443, state: State = None) -> None:
    """Stop everything and delete the local state."""
    _stage(port, state).reset()


@app.command(context_settings=guarded.PASSED_ON)
def pulumi(context: typer.Context, port: Port = 8443, state: State = None) -> None:
    """Run a Pulumi command on the local stack, such as `stack export`; the local stage must be up."""
    raise typer.Exit(_stage(port, state).pulumi(context.args))


@app.command()
def env(port: Port = 8443, state: State = None) -> None:
    """Print the local stage's addresses and its demo application, for a shell to read: eval "$(… env)"."""
    for name, value in _stage(port, state).addresses().items():
        print(f"export {name}={shlex.quote(value)}")


app.command("host-env")(host_env.command)
app.command("enable")(enable.command)
app.command("smoke")(ci_smoke.command)
app.command("pause")(pause.command)
app.command("on", context_settings=guarded.PASSED_ON)(guarded.command)


@app.command()
def toolchain() -> None:
    """Find or build Pulumi, its Python host and the Auth0 plugin."""
    print(tools.ensure(console).bin_dir)


@app.command()
def launchers() -> None:
    """Write the commands beside this interpreter, where the engine looks for the provider."""
    commands.ensure()


@app.command()
def system(need: Annotated[list[str], typer.Option(help="A program that must be on PATH.")]) -> None:
    """Find or install programs of the operating system."""
    operating_system.ensure(need, console)


def main() -> None:
    try:
        app(standalone_mode=True)
    except OpsError as error:
        error.show()
        sys.exit(1)
    except (StageFileError, SettingsError, RenderError, BundleError) as error:
        OpsError("The stage cannot be used", str(error), "Mend it, then run the command again").show()
        sys.exit(1)
    except OSError as error:
        # What is left here is the machine's: a full disk, a folder that cannot be written.
        print(f"✗ {error.strerror or error}: {error.filename or 'this machine'}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
