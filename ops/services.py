"""The two services of the local stage: the sandbox with every account, and the hosted form."""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import digest
from .errors import OpsError
from .local import LocalState, read_json, write_private
from .processes import Background

_READY_SECONDS = 20.0
# Whoever has these set for real tenants must not have them reach a stage on a laptop.
FOREIGN = ("AUTH0_", "TWILIO_", "VERCEL_", "PULUMI_", "PHONE_")


def clean_environment() -> dict[str, str]:
    """The inherited environment less everything that names a real account or another Pulumi backend."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}


@dataclass(frozen=True)
class Sandbox:
    """What the ready file of a running sandbox says."""

    domain: str
    client_id: str
    client_secret: str
    twilio: str
    handset: str
    app: str
    control: str
    ca: Path
    certificate: Path
    key: Path
    twilio_account: Mapping[str, str]

    @classmethod
    def read(cls, ready: Mapping[str, Any]) -> "Sandbox":
        auth0, tls = ready["auth0"], ready["tls"]
        return cls(
            domain=auth0["domain"],
            client_id=auth0["client_id"],
            client_secret=auth0["client_secret"],
            twilio=ready["twilio"],
            handset=ready["handset"],
            app=ready["app"],
            control=ready["control"],
            ca=Path(ready["ca"]),
            certificate=Path(tls["cert"]),
            key=Path(tls["key"]),
            twilio_account=ready["twilio_account"],
        )


def running_sandbox(local: LocalState) -> Sandbox | None:
    """The sandbox of this local stage, when it runs."""
    ready = read_json(local.sandbox_ready)
    return Sandbox.read(ready) if ready and Background("sandbox", local).process() else None


def start_sandbox(local: LocalState, port: int) -> Sandbox:
    """Start the sandbox, or keep the one that runs from the same sources on the same port."""
    background = Background("sandbox", local)
    wanted = digest.of_sources([local.root / "sandbox"], str(port))
    found = running_sandbox(local)
    if found and background.digest() == wanted and found.ca.exists():
        return found
    background.stop()
    local.sandbox_ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sandbox", "--port", str(port)]
    command += ["--data", str(local.sandbox_data), "--ready-file", str(local.sandbox_ready)]
    process = background.start(command, clean_environment(), wanted)
    background.await_ready(process, local.sandbox_ready, _READY_SECONDS)
    started = running_sandbox(local)
    if started is None:
        raise OpsError(
            "The sandbox ended as soon as it was ready", f"Its log is {background.log}.", "Run it again"
        )
    return started


@dataclass(frozen=True)
class LocalSecrets:
    """The keys between tenant and form: one per direction, 32 random bytes each."""

    request_key: str
    result_key: str

    @classmethod
    def of(cls, local: LocalState) -> "LocalSecrets":
        """The local stage's keys, made at the first call by the operating system's random source."""
        kept = read_json(local.secrets)
        if kept is None:
            kept = {"request_key": secrets.token_urlsafe(32), "result_key": secrets.token_urlsafe(32)}
            write_private(local.secrets, json.dumps(kept))
        return cls(request_key=kept["request_key"], result_key=kept["result_key"])


def start_form(local: LocalState, sandbox: Sandbox, keys: LocalSecrets, port: int) -> None:
    """Start the form's server with the stage's bundle, or keep the one that has the same."""
    background = Background("form", local)
    stage_file = local.bundle / "form" / "stage.json"
    environment = clean_environment() | {
        "PHONE_REQUEST_KEY": keys.request_key,
        "PHONE_RESULT_KEY": keys.result_key,
        "PHONE_STAGE_FILE": str(stage_file),
        "TWILIO_API_KEY": sandbox.twilio_account["api_key"],
        "TWILIO_API_SECRET": sandbox.twilio_account["api_secret"],
        "TWILIO_VERIFY_SERVICE": sandbox.twilio_account["verify_service"],
        "SINGLE_PROCESS": "1",
        "SSL_CERT_FILE": str(sandbox.ca),
    }
    sources = [local.root / "form", local.root / "asgi.py", local.root / "action_src", stage_file]
    wanted = digest.of_sources(
        sources,
        str(port),
        *(f"{name}={environment[name]}" for name in sorted(environment) if name.startswith(FOREIGN)),
    )
    if background.process() and background.digest() == wanted:
        return
    background.stop()
    local.form_ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "form", "--port", str(port), "--ready-file", str(local.form_ready)]
    command += ["--ssl-certfile", str(sandbox.certificate), "--ssl-keyfile", str(sandbox.key)]
    process = background.start(command, environment, wanted)
    background.await_ready(process, local.form_ready, _READY_SECONDS)
