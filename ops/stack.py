"""The local stage's stack: a working copy of its stage file, its secrets, and Pulumi's own commands."""

import hashlib
import json
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import yaml

from infra.errors import StageFileError
from infra.schema import read_yaml

from .errors import OpsError
from .local import LocalState, read_json, write_private
from .loopback import refuse_elsewhere
from .own_sms import complete, gateway_url
from .services import LocalSecrets, Sandbox, clean_environment
from .toolchain import Toolchain, environment

PROJECT = "auth0-phone"
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
        self._write_stage_file()
        wanted = {
            "requestKey": keys.request_key,
            "resultKey": keys.result_key,
            "twilioApiKey": self.sandbox.twilio_account["api_key"],
            "twilioApiSecret": self.sandbox.twilio_account["api_secret"],
            "twilioVerifyService": self.sandbox.twilio_account["verify_service"],
            "smsGatewaySecret": keys.sms_gateway_secret,
        }
        return self._set_secrets(wanted)

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
        return subprocess.run(
            [str(self.toolchain.pulumi), *arguments, *where, "-C", str(self.local.root)],
            env=dict(self.env),
            check=False,
        ).returncode

    def _where(self) -> list[str]:
        return ["--stack", STAGE, "--config-file", str(self.local.stage_file)]

    def _write_stage_file(self) -> None:
        """The checkout's stage file with this machine's addresses, and the secrets it already has here."""
        stage = stage_document(self.local.root / f"Pulumi.{STAGE}.yaml")
        here = read_yaml(self.local.stage_file) if self.local.stage_file.exists() else {}
        config: dict[str, Any] = stage["config"]
        addresses = {
            "auth0.domain": self.sandbox.domain,
            "auth0.loginHosts": [self.sandbox.domain],
            "twilio.verifyUrl": self.sandbox.twilio,
            "publicBaseUrl": self.form_url,
        }
        for path, value in {**addresses, **self.changes}.items():
            place(config, path, value)
        complete(config.get(f"{PROJECT}:sms"), self.sandbox, gateway_url(self.form_url))
        refuse_elsewhere({name.removeprefix(f"{PROJECT}:"): value for name, value in config.items()})
        if kept := _secrets_in(here):
            config[f"{PROJECT}:secrets"] = kept
        if salt := here.get("encryptionsalt"):
            stage["encryptionsalt"] = salt
        write_private(self.local.stage_file, yaml.safe_dump(stage, sort_keys=False, allow_unicode=True))

    def _set_secrets(self, wanted: Mapping[str, str]) -> list[str]:
        """Encrypt what is new or changed, and what was changed here by hand: that is returned.

        Each value travels on standard input, never on a command line. To decrypt takes the engine half a
        second; what we encrypted is known again by its cipher text.
        """
        noted = self.local.folder / "secrets-set.json"
        known = read_json(noted) or {}
        held = _secrets_in(read_yaml(self.local.stage_file))
        stale = [name for name, value in wanted.items() if known.get(name) != _mark(value, held.get(name))]
        for name in stale:
            self._run(
                ["config", "set", "--secret", "--path", f"{PROJECT}:secrets.{name}", *self._where()],
                quiet=True,
                stdin=wanted[name],
            )
        if stale:
            now = _secrets_in(read_yaml(self.local.stage_file))
            write_private(noted, json.dumps({name: _mark(wanted[name], now.get(name)) for name in wanted}))
        return [name for name in stale if name in held and _is_of(wanted[name], known.get(name))]

    def _forget_dead_locks(self) -> None:
        """Remove the locks of engines that are no more; an engine that still runs keeps its lock."""
        for lock in (self.local.backend / ".pulumi" / "locks").rglob("*.json"):
            owner = (read_json(lock) or {}).get("pid")
            if isinstance(owner, int) and not psutil.pid_exists(owner):
                lock.unlink(missing_ok=True)

    def _run(self, arguments: Sequence[str], *, quiet: bool = False, stdin: str | None = None) -> str:
        command = [str(self.toolchain.pulumi), *arguments, "--non-interactive"]
        where = [] if "-C" in arguments else ["-C", str(self.local.root)]
        child = subprocess.Popen(
            [*command, *where],
            env=dict(self.env),
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.PIPE if quiet else None,
            text=True,
        )
        try:
            out, err = child.communicate(stdin)
        except KeyboardInterrupt:
            child.send_signal(signal.SIGINT)  # Pulumi finishes the step it is in and saves its state
            child.wait()
            raise
        if child.returncode != 0:
            raise pulumi_failure(arguments[0], (out or "") + (err or ""), child.returncode)
        return out or ""


def _secrets_in(stage: Mapping[str, Any]) -> dict[str, Any]:
    """The secrets' encrypted texts in a stage file, by name."""
    found = (stage.get("config") or {}).get(f"{PROJECT}:secrets")
    return found if isinstance(found, dict) else {}


def _mark(value: str, held: object) -> list[str]:
    """What tells later whether a secret and its encrypted text are still these two."""
    return [hashlib.sha256(text.encode()).hexdigest() for text in (value, json.dumps(held))]


def _is_of(value: str, mark: object) -> bool:
    return isinstance(mark, list) and mark[:1] == _mark(value, None)[:1]


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


def pulumi_failure(command: str, said: str, code: int) -> OpsError:
    """What Pulumi said, in one error; its own display has already shown the rest."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said).strip()
    errors = [line for line in plain.splitlines() if line.startswith("error:")] or plain.splitlines()[-1:]
    why = " ".join(errors).removeprefix("error: ") or f"pulumi ended with code {code}; what it said is above."
    mend = "Mend what it names, then run the command again; `make reset` starts the local stage afresh"
    return OpsError(f"`pulumi {command}` failed", why, mend)
