"""A Pulumi project in a temporary folder, and the real engine to run it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ops.toolchain import Toolchain, environment

_PROJECT = """name: room
runtime: {name: python, options: {virtualenv: .venv}}
main: infra/
config:
  length: {type: integer, default: 6}
  countries: {type: array, items: {type: string}, default: [GB]}
"""
_SECONDS = 120


@dataclass(frozen=True)
class EngineRoom:
    """The project in `folder`; `env` is what its commands run with."""

    folder: Path
    toolchain: Toolchain
    env: dict[str, str]

    @classmethod
    def at(cls, folder: Path, toolchain: Toolchain, home: Path, like: Path | None = None) -> "EngineRoom":
        """A new project in an empty `folder`, or a copy of the one in `like` with its stack `dev`."""
        if like is None:
            for each in ("infra", "state"):
                (folder / each).mkdir()
            (folder / "passphrase").write_text("made up for this test")
            (folder / "Pulumi.yaml").write_text(_PROJECT)
        else:
            shutil.copytree(like, folder, dirs_exist_ok=True)
        (folder / ".venv").symlink_to(sys.prefix)
        inherited = {n: v for n, v in os.environ.items() if not n.startswith(("PULUMI_", "AUTH0_"))}
        here = {
            "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(folder / "passphrase"),
            **({} if like is None else {"PULUMI_STACK": "dev"}),
        }
        return cls(folder, toolchain, inherited | environment(toolchain, home) | here)

    def program(self, text: str) -> None:
        (self.folder / "infra" / "__main__.py").write_text(text)

    def command(self, *arguments: str) -> list[str]:
        return [str(self.toolchain.pulumi), *arguments, "--non-interactive", "-C", str(self.folder)]

    def pulumi(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run it to its end; what it printed is in `stdout`, errors too."""
        return subprocess.run(
            self.command(*arguments),
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            self.command(*arguments),
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def forget_environment(self) -> None:
        (self.folder / ".venv").unlink()

    def host(self) -> str:
        path = os.pathsep.join([str(self.toolchain.bin_dir), self.env["PATH"]])
        found = shutil.which("pulumi-language-python", path=path)
        assert found is not None
        return found
