"""A real stage's way, with the real engine: dotenv, host, enable, pause, and back.

The tenant is a sandbox that goes by a real tenant's name, behind the proxy that commands are given by
HTTPS_PROXY, and so is the host: nothing in the commands knows of loopback.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import trustme

from tests.form.waiting import until
from tests.journey.named_tenant import answering
from tests.journey.ports import free_ports
from tests.journey.real_stage import RealStage
from tests.journey.sandbox_tenant import SandboxTenant

from .samples import ROOT

pytestmark = pytest.mark.engine
TENANT, HOST = "acme-dev.eu.auth0.com", "phone-dev.acme.example"
FOREIGN, OURS = "acme: audit", "auth0-phone verification"
SECRETS = {
    "twilioApiKey": "SK" + "1" * 32,
    "twilioApiSecret": "twilio-secret-canary",
    "twilioVerifyService": "VA" + "0" * 32,
    "environment.SINGLE_PROCESS": "1",
}


@dataclass
class Mine:
    """The stage dev of a team, its tenant, and the commands in its checkout."""

    stage: RealStage
    tenant: SandboxTenant
    port: int

    def command(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        here = {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "GITHUB_ACTOR": "ada", **env}
        return subprocess.run(
            [sys.executable, "-m", "ops", *arguments],
            cwd=self.stage.folder,
            env=self.stage.env | here,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def done(self, *arguments: str) -> str:
        ran = self.command(*arguments)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    @contextmanager
    def host(self) -> Iterator[None]:
        """The service as its owner starts it: rendered stage, the dotenv read by a shell."""
        folder = self.stage.folder
        render = [sys.executable, "-m", "infra.render", "--stage", "dev", "--out", "rendered"]
        subprocess.run(render, cwd=folder, env=self.stage.env | {"PYTHONPATH": str(ROOT)}, check=True)
        leaf = trustme.CA().issue_cert("localhost")
        leaf.private_key_and_cert_chain_pem.write_to_path(str(folder / "tls.pem"))
        ready = folder / "ready.json"
        serve = f"{sys.executable} {ROOT}/asgi.py --port {self.port} --ready-file {ready}"
        tls = f"--ssl-certfile {folder}/tls.pem --ssl-keyfile {folder}/tls.pem"
        script = f"set -a; . ./dev.env; exec {serve} {tls}"
        with (folder / "host.log").open("wb") as log:
            environment = {"PATH": os.environ["PATH"]}
            process = subprocess.Popen(
                ["sh", "-c", script], cwd=folder, env=environment, stdout=log, stderr=log
            )
        try:
            until(lambda: ready.exists() or process.poll() is not None)
            assert process.poll() is None, (folder / "host.log").read_text()
            yield
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mine]:
    folder = tmp_path_factory.mktemp("mine")
    tenant, port = SandboxTenant(folder), free_ports()
    tenant.start()
    try:
        with answering({TENANT: tenant.port, HOST: port}, folder) as proxy:
            stage = RealStage.at(folder / "stage", "dev", proxy, tenant)
            # As it stands in the checkout, comments included; the helper's own writing would lose them.
            for key, value in SECRETS.items():
                stage.done("config", "set", "--path", "--secret", f"secrets.{key}", value)
            stage.done("config", "set", "--path", "bindings.before[0]", FOREIGN)
            tenant.bind((tenant.make_action(FOREIGN), FOREIGN))
            yield Mine(stage, tenant, port)
    finally:
        tenant.stop()


def test_from_the_first_update_to_a_pause_and_back(mine: Mine) -> None:
    stage, tenant = mine.stage, mine.tenant
    stage.up()
    assert tenant.bindings() == [FOREIGN]
    before = stage.file.read_text()
    assert "# Off until the form is hosted and answers" in before

    nobody = mine.command("enable", "dev", "--yes")
    assert nobody.returncode == 1
    assert "The host of dev is not ready: 1 problem" in nobody.stderr
    assert stage.file.read_text() == before

    mine.done("host-env", "dev", "--out", "dev.env")
    with mine.host():
        said = mine.done("enable", "dev", "--yes")
        assert f"✓ https://{HOST}/healthz proves that it holds the stage's keys" in said
        assert tenant.bindings() == [FOREIGN, OURS]
        # Comments and order survive: one line differs.
        assert stage.file.read_text() == before.replace('enforcement: "off"', 'enforcement: "required"')

        pause_beside_another_change(mine)

        mine.done("enable", "dev", "--yes", "--to", "optional")
        assert tenant.bindings() == [FOREIGN, OURS]
        messages = [each["message"] for each in json.loads(stage.done("stack", "history", "--json"))]
        assert messages[:3] == [
            "enable: optional (by ada, by CI)",
            "pause: carrier down (by ada, by CI)",
            "enable: required (by ada, by CI)",
        ]
        a_changed_key_is_seen(mine)


def pause_beside_another_change(mine: Mine) -> None:
    """What else the stage file has changed waits; the foreign Action keeps its place."""
    stage, tenant = mine.stage, mine.tenant
    stage.done("config", "set", "--path", "action.name", "renamed meanwhile")
    mine.done("pause", "dev", "--reason", "carrier down", "--yes")
    assert tenant.bindings() == [FOREIGN]
    assert sorted(tenant.actions()) == [FOREIGN, OURS]
    assert 'enforcement: "off"' in stage.file.read_text()
    stage.done("config", "rm", "--path", "action.name")


def a_changed_key_is_seen(mine: Mine) -> None:
    kept = mine.stage.file.read_text()
    mine.stage.done("config", "set", "--path", "--secret", "secrets.requestKey", "n" * 43)
    refused = mine.command("enable", "dev", "--yes", "--to", "required")
    assert "the host doesn't hold secrets.requestKey" in refused.stderr
    assert "auth0-phone host-env dev --out ../dev.env" in refused.stderr
    said = refused.stdout + refused.stderr + (mine.stage.folder / "host.log").read_text()
    for secret in ("n" * 43, SECRETS["twilioApiSecret"]):
        assert secret not in said
    mine.stage.file.write_text(kept)


def test_without_the_passphrase_it_says_so(mine: Mine) -> None:
    (mine.stage.folder / "wrong").write_text("not it")
    wrong = str(mine.stage.folder / "wrong")
    refused = mine.command("host-env", "dev", "--out", "other.env", PULUMI_CONFIG_PASSPHRASE_FILE=wrong)
    assert refused.returncode == 1
    assert "Set PULUMI_CONFIG_PASSPHRASE" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (mine.stage.folder / "other.env").exists()
