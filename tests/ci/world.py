"""A team's repository with two stages: two tenants, two hosts, GitHub's environments, and who watches."""

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme

from tests.ci.forge import TOKEN, Environment, Forge
from tests.ci.runner import run
from tests.journey.named_tenant import answering
from tests.journey.ports import free_ports
from tests.journey.real_stage import RealStage
from tests.journey.sandbox_tenant import SandboxTenant
from tests.journey.stage import ROOT

TENANTS = {"dev": "acme-dev.eu.auth0.com", "prod": "acme.eu.auth0.com"}
HOSTS = {"dev": "phone-dev.acme.example", "prod": "phone.acme.example"}
TWILIO = "twilio-secret-canary"
_KEYS = {
    "twilioApiKey": "SK" + "1" * 32,
    "twilioApiSecret": TWILIO,
    "twilioVerifyService": "VA" + "0" * 32,
    "environment.SINGLE_PROCESS": "1",
}
# What a preview and a look for drift may do (docs/ci.md).
READS = ["read:actions"]
_NOT_COPIED = ("tests", "bench", "docs", ".ci")
# How this team deploys its hosts: on this machine. The service that ran before ends.
_DEPLOY_HOST = """\
#!/bin/sh
set -eu
place="{hosts}/$1"
mkdir -p "$place"
if [ -f "$place/pid" ]; then kill "$(cat "$place/pid")"; rm "$place/ready"; fi
auth0-phone host-env "$1" --out "$place/env" --force
python -m infra.render --stage "$1" --out "$place/rendered"
here="$PWD"
cd "$place"
set -a
. ./env
"$here/.venv/bin/python" "$here/asgi.py" --port "$(cat port)" --ready-file ready \\
  --ssl-certfile ../tls.pem --ssl-keyfile ../tls.pem > log 2>&1 &
echo $! > pid
deadline=$(( $(date +%s) + 60 ))
until [ -f ready ]; do
  kill -0 $! && [ "$(date +%s)" -lt "$deadline" ] || {{ cat log; exit 1; }}
done
"""


@dataclass
class World:
    """The repository `forge`, and its stages by name. `gates` are the environments that jobs have entered."""

    forge: Forge
    stages: dict[str, RealStage]
    folder: Path
    gates: list[str] = field(default_factory=list)

    def run(self, workflow: str, github: dict[str, Any], only: str | None = None) -> Any:
        return run(self.forge, workflow, github, only)

    def tenant(self, name: str) -> SandboxTenant:
        return self.stages[name].tenant

    def port(self, name: str) -> int:
        """Where a stage's host listens on this machine."""
        return int((self.folder / "hosts" / name / "port").read_text())

    def state(self) -> dict[str, bytes]:
        """Every file of both stages' backends."""
        places = [stage.folder / "state" for stage in self.stages.values()]
        return {str(file): file.read_bytes() for p in places for file in p.rglob("*") if file.is_file()}

    @property
    def authority(self) -> Path:
        """Whoever signed the hosts' certificates for this machine."""
        return self.folder / "hosts" / "authority.pem"

    @property
    def known(self) -> dict[str, list[dict[str, Any]]]:
        """What gh has been told: comments, issues, calls."""
        file = self.folder / "gh.json"
        found: dict[str, list[dict[str, Any]]] = json.loads(file.read_text()) if file.exists() else {}
        return {"comments": [], "issues": [], "calls": [], **found}

    @functools.cached_property
    def secrets(self) -> list[str]:
        """Every secret value that the jobs were given, or could read."""
        environments = self.forge.environments.values()
        given = [secret for each in environments for secret in each.secrets.values()]
        keys = []
        for stage in self.stages.values():
            shown = json.loads(stage.done("config", "--show-secrets", "--json"))
            held = shown["auth0-phone:secrets"]["objectValue"]
            keys += [value for value in held.values() if isinstance(value, str)]
        return [value for value in {*given, *keys, TWILIO, TOKEN} if len(value) >= 8]


@contextlib.contextmanager
def world(folder: Path) -> Iterator[World]:
    with contextlib.ExitStack() as stack:
        tenants = {name: SandboxTenant(folder / f"tenant-{name}") for name in TENANTS}
        pool = stack.enter_context(ThreadPoolExecutor())
        for tenant in tenants.values():
            stack.callback(tenant.stop)
        list(pool.map(SandboxTenant.start, tenants.values()))
        ports = {name: free_ports() for name in HOSTS}
        names = {TENANTS[name]: tenants[name].port for name in TENANTS}
        names |= {HOSTS[name]: ports[name] for name in HOSTS}
        proxy = stack.enter_context(answering(names, folder))
        stack.callback(_stop_hosts, folder / "hosts")

        def stage(name: str) -> RealStage:
            it = RealStage.at(folder / name, name, proxy, tenants[name])
            _fill(it, ports[name], folder / "hosts")
            return it

        stages = dict(zip(TENANTS, pool.map(stage, TENANTS), strict=True))
        _certify(folder / "hosts")
        forge = Forge(_repository(folder, stages), folder / "runs", _machine(folder, stages["dev"]))
        forge.folder.mkdir()
        forge.environments = dict(_environments(stages))
        it = World(forge, stages, folder)
        forge.entered = it.gates.append
        yield it


def _fill(stage: RealStage, port: int, hosts: Path) -> None:
    stage.set(verification__enforcement="required", bindings__before=[], bindings__after=[])
    words = [f"auth0-phone:secrets.{key}={value}" for key, value in _KEYS.items()]
    stage.done("config", "set-all", "--path", *(word for each in words for word in ("--secret", each)))
    place = hosts / stage.name
    place.mkdir(parents=True)
    (place / "port").write_text(str(port))


def _certify(hosts: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(hosts / "authority.pem"))
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(hosts / "tls.pem"))


def _stop_hosts(hosts: Path) -> None:
    for file in hosts.glob("*/pid"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(file.read_text()), signal.SIGTERM)


def copied(place: Path) -> Forge:
    """The files of this checkout that a deployment needs, to become a repository in `place`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if name.partition("/")[0] not in _NOT_COPIED and (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    forge = Forge(place, place.parent, {})
    forge.git("init", "--quiet", "--initial-branch=main")
    return forge


def _repository(folder: Path, stages: dict[str, RealStage]) -> Path:
    """This checkout as a team has it: with its own stage files, and its way to deploy a host."""
    place = folder / "repository"
    forge = copied(place)
    for name, stage in stages.items():
        shutil.copy(stage.file, place / f"Pulumi.{name}.yaml")
    hook = place / ".ci" / "deploy-host"
    hook.parent.mkdir()
    hook.write_text(_DEPLOY_HOST.format(hosts=folder / "hosts"))
    hook.chmod(0o755)
    forge.commit("Two stages")
    return place


def _machine(folder: Path, stage: RealStage) -> dict[str, str]:
    """A runner's environment: no stage's credentials, no toolchain on its PATH, and a gh that records."""
    tools = folder / "bin"
    tools.mkdir()
    (tools / "gh").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT}/tests/ci/gh.py" "$@"\n')
    (tools / "gh").chmod(0o755)
    given = ("AUTH0_", "PULUMI_BACKEND", "PULUMI_CONFIG", "PYTHON", "VIRTUAL_ENV")
    env = {name: value for name, value in stage.env.items() if not name.startswith(given)}
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    return {**env, "PATH": path, "GH_STATE": str(folder / "gh.json"), "NO_COLOR": "1"}


def _environments(stages: dict[str, RealStage]) -> Iterator[tuple[str, Environment]]:
    for name, stage in stages.items():
        passphrase = (stage.folder / "passphrase").read_text()
        client, secret = _reader(stage.tenant)
        everything = {"AUTH0_CLIENT_ID": stage.env["AUTH0_CLIENT_ID"]}
        where = {"PULUMI_BACKEND_URL": stage.env["PULUMI_BACKEND_URL"]}
        yield (
            name,
            Environment(
                {**where, **everything},
                {
                    "AUTH0_CLIENT_SECRET": stage.env["AUTH0_CLIENT_SECRET"],
                    "PULUMI_CONFIG_PASSPHRASE": passphrase,
                },
            ),
        )
        yield (
            f"{name}-preview",
            Environment(
                {**where, "AUTH0_CLIENT_ID": client},
                {"AUTH0_CLIENT_SECRET": secret, "PULUMI_CONFIG_PASSPHRASE": passphrase},
            ),
        )


def _reader(tenant: SandboxTenant) -> tuple[str, str]:
    """An application that may look, and change nothing."""
    made = tenant.management("POST", "/clients", {"name": "preview", "app_type": "non_interactive"})
    audience = f"https://{tenant.ready['auth0']['domain']}/api/v2/"
    grant = {"client_id": made["client_id"], "audience": audience, "scope": READS}
    tenant.management("POST", "/client-grants", grant)
    return made["client_id"], made["client_secret"]
