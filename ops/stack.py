"""The local stage's stack: a working copy of its stage file, its secrets, and Pulumi's own commands."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import yaml

from infra.errors import StageFileError
from infra.schema import read_yaml

from . import engine, launchers, stage_secrets
from .errors import OpsError
from .local import LocalState, read_json, write_private
from .loopback import refuse_elsewhere
from .own_sms import accounts, complete, gateway_url
from .project import PROJECT
from .services import LocalSecrets, Sandbox, clean_environment
from .toolchain import Toolchain, environment

STAGE = "local"


@dataclass(frozen=True)
class Stack:
    """Pulumi, pointed at one local stage: its own backend, home, passphrase and stage file."""

    local: LocalState
    toolchain: Toolchain
    sandbox: Sandbox
    form_url: str
    changes: Mapping[str, Any]
    env: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(
        cls,
        local: LocalState,
        toolchain: Toolchain,
        sandbox: Sandbox,
        form_url: str,
        changes: Mapping[str, Any],
    ) -> "Stack":
        """`changes` are settings of this run alone, by dotted path, over what the stage file says."""
        env = clean_environment() | environment(toolchain, local.pulumi_home)
        env |= {
            "PULUMI_BACKEND_URL": local.backend.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(local.passphrase),
            "AUTH0_CLIENT_ID": sandbox.client_id,
            "AUTH0_CLIENT_SECRET": sandbox.client_secret,
            "VERCEL_TOKEN": sandbox.vercel_token,
            "AUTH0_PHONE_BLOBS": str(local.blobs),
            "PATH": os.pathsep.join([env["PATH"], str(launchers.folder())]),
            "SSL_CERT_FILE": str(sandbox.ca),
        }
        return cls(local, toolchain, sandbox, form_url, changes, env)

    def prepare(self, keys: LocalSecrets) -> list[str]:
        """Bring stack and working copy to what the checkout's stage file and the sandbox say.

        Returns the names of the secrets that somebody had changed here, and that are ours again.
        """
        self._forget_dead_locks()
        if not (self.local.backend / ".pulumi" / "stacks" / PROJECT / f"{STAGE}.json").exists():
            shutil.copy(self.local.root / "Pulumi.yaml", self.local.stack / "Pulumi.yaml")
            self.local.stage_file.unlink(missing_ok=True)
            self._run(["stack", "init", STAGE, "-C", str(self.local.stack)], quiet=True)
        return self._write_stage_file(keys)

    def up(self, *options: str) -> None:
        self._run(["up", "--yes", "--skip-preview", *self._where(), *options])

    def preview(self, *options: str) -> None:
        self._run(["preview", *self._where(), *options])

    def exported(self) -> dict[str, Any]:
        """The stack's state, secrets encrypted."""
        state: dict[str, Any] = json.loads(self._run(["stack", "export", *self._where()[:2]], quiet=True))
        return state

    def pulumi(self, arguments: Sequence[str]) -> int:
        """Run Pulumi on this stack as if its backend and stage file were the usual ones; its exit code."""
        # What works on the state alone knows no stage file.
        where = self._where()[:2] if arguments[:1] in (["stack"], ["state"]) else self._where()
        command = [str(self.toolchain.pulumi), *arguments, *where, "-C", str(self.local.root)]
        return engine.run(command, self.env, is_asking=True).code

    def _where(self) -> list[str]:
        return ["--stack", STAGE, "--config-file", str(self.local.stage_file)]

    def _write_stage_file(self, keys: LocalSecrets) -> list[str]:
        """The checkout's stage file with this machine's addresses and secrets; what `prepare` returns."""
        stage = stage_document(self.local.root / f"Pulumi.{STAGE}.yaml")
        here = read_yaml(self.local.stage_file) if self.local.stage_file.exists() else {}
        config: dict[str, Any] = stage["config"]
        addresses = {
            "auth0.domain": self.sandbox.domain,
            "auth0.loginHosts": [self.sandbox.domain],
            "twilio.verifyUrl": self.sandbox.twilio,
            "hosting.apiUrl": self.sandbox.vercel_api,
            "publicBaseUrl": self.form_url,
        }
        for path, value in {**addresses, **self.changes}.items():
            place(config, path, value)
        sms = config.get(f"{PROJECT}:sms")
        complete(sms, self.sandbox, gateway_url(self.form_url))
        refuse_elsewhere({name.removeprefix(f"{PROJECT}:"): value for name, value in config.items()})
        wanted = self._secrets(keys) | {
            f"environment.{name}": value for name, value in accounts(sms, self.sandbox).items()
        }
        put_back = stage_secrets.fill(stage, f"{PROJECT}:secrets", here, wanted, self.local)
        write_private(self.local.stage_file, yaml.safe_dump(stage, sort_keys=False, allow_unicode=True))
        return put_back

    def _secrets(self, keys: LocalSecrets) -> dict[str, str]:
        return {
            "requestKey": keys.request_key,
            "resultKey": keys.result_key,
            "twilioApiKey": self.sandbox.twilio_account["api_key"],
            "twilioApiSecret": self.sandbox.twilio_account["api_secret"],
            "twilioVerifyService": self.sandbox.twilio_account["verify_service"],
            "smsGatewaySecret": keys.sms_gateway_secret,
        }

    def _forget_dead_locks(self) -> None:
        """Remove the locks of engines that are no more; an engine that still runs keeps its lock."""
        for lock in (self.local.backend / ".pulumi" / "locks").rglob("*.json"):
            owner = (read_json(lock) or {}).get("pid")
            if isinstance(owner, int) and not psutil.pid_exists(owner):
                lock.unlink(missing_ok=True)

    def _run(self, arguments: Sequence[str], *, quiet: bool = False) -> str:
        command = [str(self.toolchain.pulumi), *arguments, "--non-interactive"]
        where = [] if "-C" in arguments else ["-C", str(self.local.root)]
        ran = engine.run([*command, *where], self.env, quiet=quiet)
        if ran.code != 0:
            mend = "Mend what it names, then run the command again; `make reset` starts afresh"
            raise OpsError(f"`pulumi {arguments[0]}` failed", ran.why, mend)
        return ran.out


def stage_document(path: Path) -> dict[str, Any]:
    """A stage file with its `config:`; raises OpsError with the file's own trouble."""
    try:
        document = read_yaml(path)
    except StageFileError as error:
        raise OpsError(
            f"{path.name} cannot be used", str(error), f"Put it right: git checkout {path.name}"
        ) from error
    if not isinstance(document.get("config"), dict):
        raise OpsError(
            f"{path.name} cannot be used", "It has no config:.", f"Put it right: git checkout {path.name}"
        )
    return document


def place(config: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a dotted path of a stage file's `config:`; objects on the way are made when absent."""
    *parents, leaf = f"{PROJECT}:{path}".split(".")
    for parent in parents:
        config = config.setdefault(parent, {})
        if not isinstance(config, dict):
            raise OpsError(
                f"{path} is no setting", f"{parent} holds a value, not keys.", "See docs/configuration.md"
            )
    config[leaf] = value
