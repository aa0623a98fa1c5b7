"""Stages of a fleet, each on a sandbox tenant of its own behind real names, in one folder like a checkout."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.journey.named_tenant import Proxy, answering
from tests.journey.real_stage import RealStage
from tests.journey.sandbox_tenant import SandboxTenant

from .samples import ROOT

_AT_ONCE = 4
_DOMAIN, _HOST = "acme-dev.eu.auth0.com", "phone-dev.acme.example"


@dataclass
class Stages:
    """`tenants` by stage; `env` is a person's environment, with every stage's credentials."""

    folder: Path
    state: Path
    tenants: dict[str, SandboxTenant]
    proxy: Proxy
    template: RealStage
    env: dict[str, str] = field(repr=False)

    def words(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "ops", "fleet", *arguments]

    def run(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        """The command to its end; what it printed is in `stdout`, errors too."""
        return subprocess.run(
            self.words(*arguments),
            cwd=self.folder,
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )

    @contextmanager
    def started(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """The command as the leader of a session, as in a terminal; it is no more afterwards."""
        process = subprocess.Popen(
            self.words(*arguments),
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    def file(self, stage: str) -> Path:
        return self.folder / f"Pulumi.{stage}.yaml"

    def kept(self, pattern: str) -> list[Path]:
        """Files of the fleet's journal."""
        return sorted(self.state.glob(f"auth0-phone/fleet/*/{pattern}"))


def suffix(stage: str) -> str:
    return "__" + stage.upper().replace("-", "_")


@contextmanager
def stages(count: int, folder: Path) -> Iterator[Stages]:
    """`eu-00`, `eu-01`, …: initialised, never updated, verification off."""
    names = [f"eu-{number:02}" for number in range(count)]
    tenants = {name: SandboxTenant(folder / name) for name in names}
    for tenant in tenants.values():
        tenant.folder.mkdir()
    with ThreadPoolExecutor(_AT_ONCE) as several:
        try:
            list(several.map(SandboxTenant.start, tenants.values()))
            domains = {f"{name}.eu.auth0.com": tenant.port for name, tenant in tenants.items()}
            with answering(domains, folder) as proxy:
                template = RealStage.at(folder / "stage", "dev", proxy, tenants[names[0]])
                list(several.map(lambda name: _make(template, name), names))
                yield Stages(
                    template.folder, folder / "xdg", tenants, proxy, template, _env(template, tenants, folder)
                )
        finally:
            list(several.map(SandboxTenant.stop, tenants.values()))


def _make(template: RealStage, name: str) -> None:
    text = template.file.read_text().replace(_DOMAIN, f"{name}.eu.auth0.com")
    (template.folder / f"Pulumi.{name}.yaml").write_text(text.replace(_HOST, f"phone-{name}.acme.example"))
    words = ["stack", "init", name, "--no-select", "--non-interactive", "-C", str(template.folder)]
    ran = subprocess.run(
        [str(template.toolchain.pulumi), *words],
        env=template.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def _env(template: RealStage, tenants: dict[str, SandboxTenant], folder: Path) -> dict[str, str]:
    env = {name: value for name, value in template.env.items() if not name.startswith("AUTH0_")}
    for name, tenant in tenants.items():
        auth0 = tenant.ready["auth0"]
        env[f"AUTH0_CLIENT_ID{suffix(name)}"] = auth0["client_id"]
        env[f"AUTH0_CLIENT_SECRET{suffix(name)}"] = auth0["client_secret"]
    return env | {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder / "xdg"), "GITHUB_ACTOR": "ada"}
