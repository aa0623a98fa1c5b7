"""A stage of a team's own, as it is on a real tenant: file backend, passphrase, and `pulumi` itself."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml
from rich.console import Console

from ops.toolchain import Toolchain, ensure, environment, install_plugin
from tests.journey.named_tenant import Proxy, answering
from tests.journey.sandbox_tenant import SandboxTenant
from tests.journey.stage import ROOT

Done = subprocess.CompletedProcess[str]
_SECONDS = 240
# As the checkout's examples, which a team removes.
_STAGES = Path(__file__).parent / "stages"
_UNWANTED = (
    "PULUMI_",
    "AUTH0_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)


@dataclass(frozen=True)
class Origin:
    """A stage and its tenant at one moment, to come back to."""

    state: Path
    file: str
    tenant: dict[str, Any]


@dataclass
class RealStage:
    """A stage file in a folder of its own, and Pulumi on it, as a person or a CI job runs it."""

    folder: Path
    name: str
    toolchain: Toolchain
    env: dict[str, str]
    proxy: Proxy
    tenant: SandboxTenant

    @classmethod
    def at(cls, folder: Path, name: str, proxy: Proxy, tenant: SandboxTenant) -> "RealStage":
        """A new stack `name`, made of the stage file of the same name in `stages`."""
        folder.mkdir(parents=True)
        tools = ensure(Console(stderr=True))
        install_plugin(tools, folder / "home")
        (folder / "infra").symlink_to(ROOT / "infra")
        (folder / ".venv").symlink_to(sys.prefix)
        (folder / "state").mkdir()
        (folder / "passphrase").write_text("made up for this test")
        shutil.copy(ROOT / "Pulumi.yaml", folder)
        inherited = {n: v for n, v in os.environ.items() if not n.startswith(_UNWANTED)}
        auth0 = tenant.ready["auth0"]
        here = {
            "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(folder / "passphrase"),
            "AUTH0_CLIENT_ID": auth0["client_id"],
            "AUTH0_CLIENT_SECRET": auth0["client_secret"],
        }
        env = inherited | environment(tools, folder / "home") | here | proxy.environment()
        it = cls(folder, name, tools, env | {"PYTHONPATH": str(ROOT)}, proxy, tenant)
        it._make()
        return it

    def _make(self) -> None:
        shutil.copy(_STAGES / f"Pulumi.{self.name}.yaml", self.file)
        self.done("stack", "init", self.name)
        keys = [
            f"auth0-phone:secrets.{key}={secrets.token_urlsafe(32)}"
            for key in ("requestKey", "resultKey", "smsGatewaySecret")
        ]
        self.done("config", "set-all", "--path", *(word for key in keys for word in ("--secret", key)))

    @property
    def file(self) -> Path:
        return self.folder / f"Pulumi.{self.name}.yaml"

    def set(self, **changes: Any) -> None:
        """Settings by dotted path, dots spelled as double underscores."""
        document = yaml.safe_load(self.file.read_text())
        for path, value in changes.items():
            group, _, leaf = path.partition("__")
            document["config"].setdefault(f"auth0-phone:{group}", {})[leaf] = value
        self.file.write_text(yaml.safe_dump(document, sort_keys=False))

    def command(self, *arguments: str) -> list[str]:
        stack = [] if arguments[:2] == ("stack", "init") else ["--stack", self.name]
        return [str(self.toolchain.pulumi), *arguments, *stack, "--non-interactive", "-C", str(self.folder)]

    def pulumi(self, *arguments: str, env: dict[str, str] | None = None) -> Done:
        """Run it to its end; what it printed is in `stdout`, errors too."""
        return self._run(self.command(*arguments), env)

    def on(self, *arguments: str, minutes: float = 15, env: dict[str, str] | None = None) -> Done:
        """Our own command on this stage."""
        words = ["on", "--minutes", str(minutes), self.name, *arguments]
        return self._run([sys.executable, "-m", "ops", *words], env)

    def _run(self, words: list[str], env: dict[str, str] | None) -> Done:
        return subprocess.run(
            words,
            cwd=self.folder,
            env=self.env | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def done(self, *arguments: str) -> str:
        ran = self.pulumi(*arguments)
        assert ran.returncode == 0, ran.stdout
        return ran.stdout

    def up(self) -> str:
        return self.done("up", "--yes", "--skip-preview")

    def origin(self) -> Origin:
        """What there is now, to come back to."""
        kept = Path(tempfile.mkdtemp(dir=self.folder)) / "state"
        shutil.copytree(self.folder / "state", kept)
        return Origin(kept, self.file.read_text(), self.tenant.control("GET", "/state"))

    def back_to(self, origin: Origin) -> None:
        """Stack, stage file and tenant as they were; no faults, and no calls so far."""
        shutil.rmtree(self.folder / "state")
        shutil.copytree(origin.state, self.folder / "state")
        self.file.write_text(origin.file)
        self.tenant.control("POST", "/state", origin.tenant)
        self.tenant.control("DELETE", "/faults")
        self.proxy.forget()

    def exported(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.done("stack", "export"))
        return state

    def pending(self) -> list[dict[str, Any]]:
        return list(self.exported()["deployment"].get("pending_operations") or ())

    @contextlib.contextmanager
    def started(self, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Pulumi as a process; nothing of it is left afterwards."""
        with (self.folder / "started.log").open("wb") as log:
            process = subprocess.Popen(
                self.command(*arguments), env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            for each in self.processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
            process.wait(60)

    def processes(self) -> list[psutil.Process]:
        """The engine, its language host and its plugins, orphans among them."""
        found = []
        for each in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if each.environ().get("PULUMI_BACKEND_URL") == self.env["PULUMI_BACKEND_URL"]:
                    found.append(each)
        return found


@contextlib.contextmanager
def live(folder: Path, *names: str) -> Iterator[list[RealStage]]:
    """The stages of these names, each of a tenant of its own, with nothing deployed."""
    with contextlib.ExitStack() as stack:
        tenants = []
        for name in names:
            tenants.append(SandboxTenant(folder / f"tenant-{name}"))
            stack.callback(tenants[-1].stop)
            tenants[-1].start()
        domains = [yaml.safe_load((_STAGES / f"Pulumi.{name}.yaml").read_text()) for name in names]
        known = [document["config"]["auth0-phone:auth0"]["domain"] for document in domains]
        ports = [tenant.port for tenant in tenants]
        proxy = stack.enter_context(answering(dict(zip(known, ports, strict=True)), folder))
        yield [
            RealStage.at(folder / name, name, proxy, tenant)
            for name, tenant in zip(names, tenants, strict=True)
        ]
