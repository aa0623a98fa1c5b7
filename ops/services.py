"""The local stage's accounts, all in the sandbox, and the secrets between its parts."""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from infra.carriers import HOSTS

from . import digest
from .errors import OpsError
from .local import LocalState, read_json, write_private
from .ports import refuse_held
from .processes import Background

# In a row: the tenant's, and those of third parties, the handset, the demo app, and form and gateway.
SANDBOX_PORTS = 5
_READY_SECONDS = 20.0
# Whoever has these set for real tenants must not have them reach a stage on a laptop.
_FOREIGN = (
    *("AUTH0_", "TWILIO_", "VERCEL_", "PULUMI_", "PHONE_", "SMS_", "METRICS_", "REDIS_", "OTEL_"),
    *(f"{carrier.upper()}_" for carrier in HOSTS),
)


def clean_environment() -> dict[str, str]:
    """The inherited environment less everything that names a real account or another Pulumi backend."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}


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
    demo_client: str
    demo_secret: str
    # {carrier: {environment variable: value}}
    carriers: Mapping[str, Mapping[str, str]]
    vercel_api: str
    vercel_token: str = field(repr=False)
    # What form and gateway print there.
    service_log: Path

    @classmethod
    def read(cls, ready: Mapping[str, Any]) -> "Sandbox":
        auth0, tls, vercel = ready["auth0"], ready["tls"], ready["vercel"]
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
            demo_client=ready["demo_client"]["client_id"],
            demo_secret=ready["demo_client"]["client_secret"],
            carriers=ready["carriers"],
            vercel_api=vercel["api"],
            vercel_token=vercel["token"],
            service_log=Path(vercel["log"]),
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
    refuse_held(range(port, port + SANDBOX_PORTS), port)
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
    """The keys between the stage's parts: one per direction, 32 random bytes each."""

    request_key: str
    result_key: str
    sms_gateway_secret: str

    @classmethod
    def of(cls, local: LocalState) -> "LocalSecrets":
        """The local stage's keys, made at the first call by the operating system's random source."""
        kept = read_json(local.secrets) or {}
        names = [each.name for each in fields(cls)]
        if any(name not in kept for name in names):
            kept = {name: kept.get(name) or secrets.token_urlsafe(32) for name in names}
            write_private(local.secrets, json.dumps(kept))
        return cls(**{name: kept[name] for name in names})
