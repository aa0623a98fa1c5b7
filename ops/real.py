"""A stage on a real tenant, through Pulumi itself: the user's own backend, secrets and credentials."""

import contextlib
import getpass
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from infra import stage_file
from infra.errors import SettingsError, StageFileError
from infra.schema import read_yaml
from infra.secret import Secret
from infra.settings import Settings
from infra.stage import is_local

from . import engine, passphrase, toolchain
from .credentials import Credentials
from .errors import OpsError
from .project import PROJECT, project, pulumi_home

# When Pulumi is stopped, unless a person says otherwise.
MINUTES = 15.0
_PAGE = "docs/operations.md"
_SECRETS = f"{PROJECT}:secrets"
# The plugin waits until the moment that the tenant names, by this machine's clock: not at all when that is
# ahead (github.com/auth0/terraform-provider-auth0, internal/config).
_SKEW_SECONDS = 5.0
_LIMITED = 429
# What Pulumi says, and what mends it; {stage} is filled in. The first that fits.
_MENDS = (
    ("no stack named", "Make it: auth0-phone stage new {stage}; or log in where it is: pulumi login"),
    (
        "passphrase",
        "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to this stage's passphrase",
    ),
    ("PULUMI_ACCESS_TOKEN", "Log in to the stage's backend: pulumi login"),
    ("not logged in", "Log in to the stage's backend: pulumi login"),
    (
        "currently locked",
        "Wait for the other update; when there is none any more: pulumi cancel --stack {stage}",
    ),
)


@dataclass(frozen=True)
class RealStage:
    """One stage of the project in `root`, with the Pulumi to use and its environment."""

    name: str
    root: Path
    pulumi: Path
    env: Mapping[str, str] = field(repr=False)

    @classmethod
    def at(cls, name: str, console: Console) -> "RealStage":
        """The stage of the project around the current folder. Raises OpsError when there is none."""
        if is_local(name):
            raise OpsError(
                "local is the stage of this machine",
                "It has a sandbox for a tenant and is brought up as a whole.",
                "Run: make up SET=verification.enforcement=…",
            )
        root = project()
        file = root / f"Pulumi.{name}.yaml"
        if not file.is_file():
            known = ", ".join(each for each in stage_file.stages(root) if not is_local(each)) or "none yet"
            raise OpsError(
                f"There is no stage {name}",
                f"{file} doesn't exist; stages here: {known}.",
                f"Make it: auth0-phone stage new {name}",
            )
        secret = _passphrase(file)
        tools = toolchain.ensure(console)
        toolchain.install_plugin(tools, pulumi_home())
        path = [str(tools.bin_dir), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        mine = passphrase.without_empty(os.environ)
        env = mine | {"PATH": os.pathsep.join(path), "PULUMI_SKIP_UPDATE_CHECK": "1"}
        return cls(name, root, tools.pulumi, env | secret)

    @property
    def file(self) -> Path:
        return self.root / f"Pulumi.{self.name}.yaml"

    def settings(self) -> Settings:
        """What the stage file says, with its secrets decrypted; raises OpsError with every problem."""
        said = self.asked("config", "--show-secrets", "--json")
        held = json.loads(said).get(_SECRETS, {}).get("objectValue") or {}
        return self._judged({"secrets": _wrapped(held)}, with_secrets=True)

    def tenant(self) -> str:
        """The domain of the stage's tenant, if all that needs no secrets is right. Raises OpsError."""
        return self._judged({}, with_secrets=False).auth0.domain

    def try_credentials(self, console: Console) -> None:
        """Ask the tenant whether it lets us in, and look at the clock. Raises OpsError when it does not."""
        domain = self.tenant()
        if (skew := Credentials.of(self.env).try_on(self.name, domain).skew) > _SKEW_SECONDS:
            console.print(
                f"[yellow]![/] This machine's clock is {skew:.0f} s ahead of {escape(domain)}: a rate limit "
                "there would seem to be over at once, and be met again and again. Set the clock.",
                highlight=False,
            )

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs; empty before the first `pulumi up`."""
        found: dict[str, Any] = json.loads(self.asked("stack", "output", "--json"))
        return found

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the stack's state, secrets encrypted."""
        exported = json.loads(self.asked("stack", "export"))
        return (exported.get("deployment") or {}).get("resources") or []

    def asked(self, *arguments: str) -> str:
        """What a command of Pulumi's that asks nobody prints; it is shown to nobody. Raises OpsError."""
        ran = engine.run(self._command(arguments, is_asking=False), self.env, quiet=True)
        if ran.code != 0:
            raise self._failure(arguments[0], ran.why)
        return ran.out

    def shown(self, *arguments: str, minutes: float = MINUTES, is_asking: bool = False) -> None:
        """Run a command of Pulumi's whose display is for the person, and stop it after so many minutes.

        `is_asking`: it may ask the person. Raises OpsError.
        """
        command = self._command(arguments, is_asking)
        ran = engine.run(command, self.env, is_asking=is_asking, seconds=minutes * 60)
        if ran.is_late:
            raise self._stopped(arguments[0], minutes)
        if ran.code != 0:
            raise self._failure(arguments[0], ran.why)

    def _judged(self, more: Mapping[str, Any], with_secrets: bool) -> Settings:
        try:
            mapping = stage_file.load(self.name, self.root)
            return Settings.from_mapping({**mapping, **more}, stage=self.name, require_secrets=with_secrets)
        except (SettingsError, StageFileError) as error:
            raise OpsError(
                f"{self.file.name} cannot be used", str(error), "Mend it, then run the command again"
            ) from error

    def _command(self, arguments: Sequence[str], is_asking: bool) -> list[str]:
        where = ["--stack", self.name, "-C", str(self.root)]
        return [str(self.pulumi), *arguments, *where, *([] if is_asking else ["--non-interactive"])]

    def _failure(self, command: str, why: str) -> OpsError:
        usual = f"Mend what it names, then run it again; {_PAGE} has the steps for what is not clear"
        mend = next((mend for word, mend in _MENDS if word in why), usual)
        return OpsError(f"`pulumi {command}` failed", why, mend.format(stage=self.name))

    def _stopped(self, command: str, minutes: float) -> OpsError:
        domain = self.tenant()
        why = f"It had not ended after {minutes:g} minutes."
        with contextlib.suppress(OpsError):
            if Credentials.of(self.env).try_on(self.name, domain).status == _LIMITED:
                limit = "its rate limit has been reached, and Pulumi would wait without end"
                why = f"{domain} answers 429: {limit}."
        return OpsError(
            f"`pulumi {command}` was stopped",
            why,
            f"Once {domain} answers again: 'An update was interrupted' in {_PAGE}",
        )


def _passphrase(file: Path) -> dict[str, str]:
    """The passphrase of a stage that has one, asked for once and not by each of Pulumi's commands."""
    if "encryptionsalt" not in read_yaml(file) or passphrase.given(os.environ):
        return {}
    if not sys.stdin.isatty():
        raise OpsError(
            f"The passphrase of {file.name} is not known",
            "Its secrets are encrypted, and nobody is there to ask.",
            f"Set {passphrase.VARIABLE} or {passphrase.FILE_VARIABLE}",
        )
    return {passphrase.VARIABLE: getpass.getpass(f"Passphrase of {file.name}: ")}


def _wrapped(held: Any) -> Any:
    """Secrets as such; what is blank is not set."""
    if isinstance(held, Mapping):
        return {name: _wrapped(value) for name, value in held.items()}
    return Secret(str(held)) if held not in ("", None) else None
