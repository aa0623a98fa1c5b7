"""A checkout of its own, a file backend, and `stage new` as a process there."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.toolchain import Toolchain, environment
from tests.journey.stage import copied_checkout

PASSPHRASE = "correct horse battery staple"
OPTIONS = {
    "--domain": "acme.eu.auth0.com",
    "--address": "https://phone.acme.example",
    "--countries": "GB, DE",
    "--brand": "Acme",
}
_SECONDS = 240


@dataclass
class NewStage:
    """`env` is what every command here runs with: no account of whoever runs the tests."""

    checkout: Path
    toolchain: Toolchain
    env: dict[str, str] = field(repr=False)

    @classmethod
    def at(cls, folder: Path, toolchain: Toolchain, home: Path) -> "NewStage":
        (folder / "state").mkdir()
        inherited = {
            n: v
            for n, v in os.environ.items()
            if not n.startswith(("PULUMI_", "AUTH0_", "TWILIO_", "REDIS_"))
        }
        here = {"XDG_CACHE_HOME": str(folder / "cache"), "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
        return cls(copied_checkout(folder), toolchain, inherited | environment(toolchain, home) | here)

    @property
    def backend(self) -> str:
        return (self.checkout.parent / "state").as_uri()

    def file(self, stage: str = "mine") -> Path:
        return self.checkout / f"Pulumi.{stage}.yaml"

    def arguments(self, name: str = "mine", /, **changes: str | None) -> list[str]:
        """Complete and unattended; None leaves an option out."""
        options: dict[str, str | None] = {**OPTIONS, "--backend": self.backend}
        options |= {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
        given = [word for name, value in options.items() if value is not None for word in (name, value)]
        return ["stage", "new", name, "--yes", *given]

    def run(self, *words: str, code: str | None = None, **env: str) -> "subprocess.CompletedProcess[str]":
        """The command, or `code` that ends up in it, without a terminal; what it says is in `stdout`."""
        program = ["-m", "ops"] if code is None else ["-c", code]
        return self._run([sys.executable, *program, *words], env)

    def pulumi(self, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
        env = {"PULUMI_BACKEND_URL": self.backend, **env}
        return self._run([str(self.toolchain.pulumi), *words, "--non-interactive"], env)

    def stacks(self, **env: str) -> list[str]:
        listed = self.pulumi("stack", "ls", "--json", **env)
        assert listed.returncode == 0, listed.stdout
        return [each["name"] for each in json.loads(listed.stdout[listed.stdout.index("[") :])]

    def secrets(self, stage: str = "mine", **env: str) -> dict[str, Any]:
        shown = self.pulumi("config", "--show-secrets", "--json", "--stack", stage, **env)
        assert shown.returncode == 0, shown.stdout
        document = json.loads(shown.stdout[shown.stdout.index("{") :])
        found: dict[str, Any] = document["auth0-phone:secrets"]["objectValue"]
        return found

    def traces(self, stage: str = "mine") -> list[str]:
        """What is left of a stage: its file, hidden ones beside it, its stack, drafts."""
        files = [path.name for path in self.checkout.glob(f"*Pulumi.{stage}.yaml*")]
        files += [path.name for path in self.checkout.glob(f".Pulumi.{stage}.yaml*")]
        drafts = (self.checkout.parent / "cache").glob("auth0-phone/stages/*/*")
        files += [path.name for path in drafts if path.name != "lock"]
        return sorted({*files, *(name for name in self.stacks() if name == stage)})

    def _run(self, command: list[str], env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=self.checkout,
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
            preexec_fn=_can_be_interrupted,
        )


def _can_be_interrupted() -> None:
    # A process in the background would have it ignored.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
