"""The gateway between a tenant that posts and carriers that answer; both of these are Go, to be faster."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import requests
import trustme

from infra import contract

ROOT = Path(__file__).resolve().parent.parent
SECRET = "bench-" + "s" * 40
AUDIENCE, SUBJECT = "https://phone.acme.example/sms", "auth0-phone/sms"
CREDENTIALS = {
    "CLICKATELL_API_KEY": "bench-key",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_API_KEY": "SK" + "0" * 32,
    "TWILIO_API_SECRET": "bench-secret-bench-secret",
    "SMS_WEBHOOK_SECRET": "bench-secret-bench-secret-bench-secret",
}
_START_SECONDS = 20


@dataclass
class Carriers:
    """The stub's address and CA, and what it has been asked to deliver."""

    port: int
    ca: Path

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def report(self) -> dict[str, int]:
        with requests.Session() as session:
            session.trust_env = False
            found: dict[str, int] = session.get(f"{self.url}/report", verify=str(self.ca), timeout=10).json()
            return found


@contextmanager
def carriers(tool: Path, folder: Path, *options: str, cpu: int | None = None) -> Iterator[Carriers]:
    """The stub, listening with a certificate of its own."""
    ca = trustme.CA()
    leaf = ca.issue_cert("localhost", "127.0.0.1")
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    leaf.private_key_pem.write_to_path(str(folder / "key.pem"))
    leaf.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    command = [*_pinned(cpu), str(tool), "stub", "-cert", str(folder / "cert.pem")]
    command += ["-key", str(folder / "key.pem"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=-3, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - asked for a pipe two lines above
            yield Carriers(int(process.stdout.readline()), folder / "ca.pem")
        finally:
            process.terminate()


def stage_file(folder: Path, stub: Carriers, names: Sequence[str]) -> Path:
    """A stage of the gateway that limits nothing: what is measured is the way, not the refusals."""
    urls = {"clickatell": "/clickatell", "twilio": "/twilio", "webhook": "/webhook"}
    endless = "1000000000/minute"
    document = {
        "stage": "local",
        "contract": contract.digest(),
        "publicBaseUrl": "https://form.localhost",
        "audience": AUDIENCE,
        "subject": SUBJECT,
        "secretEncoding": "text",
        "countries": ["US"],
        "senders": ["Acme"],
        "carriers": list(names),
        "carriersByCountry": {},
        "carrierUrls": {name: stub.url + urls[name] for name in names},
        "delivery": "at-least-once",
        "patterns": [],
        "codeLength": 6,
        "limits": {name: endless for name in ("number", "prefix", "country", "address", "total")},
        "replaySeconds": 60,
    }
    path = folder / "stage.json"
    path.write_text(json.dumps(document))
    return path


@dataclass
class Gateway:
    """One process under the load, restarted on the same port at will."""

    command: Sequence[str]
    port: int
    environment: Mapping[str, str]
    log: Path
    started: float = field(default=0.0)
    process: psutil.Popen | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sms"

    def start(self) -> None:
        began = time.perf_counter()
        with self.log.open("a") as log:
            self.process = psutil.Popen(
                list(self.command),
                cwd=ROOT,
                env=os.environ | dict(self.environment),
                stdout=log,
                stderr=log,
            )
        while time.perf_counter() - began < _START_SECONDS:
            try:
                requests.get(self.url, timeout=1)
                break
            except requests.RequestException:
                os.sched_yield()
        self.started = time.perf_counter() - began

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(40)
            self.process = None


def gateway(folder: Path, stage: Path, ca: Path, port: int, cpu: int | None = None, **more: str) -> Gateway:
    """Ours, as a host would run it."""
    command = [*_pinned(cpu), sys.executable, "-m", "gateway", "--port", str(port)]
    environment = {
        "SMS_GATEWAY_SECRET": SECRET,
        "SMS_STAGE_FILE": str(stage),
        "SSL_CERT_FILE": str(ca),
        **CREDENTIALS,
        **(more or {"SINGLE_PROCESS": "1"}),
    }
    return Gateway(command, port, environment, folder / f"gateway-{port}.log")


def tool(
    tool_path: Path, command: str, gateways: Sequence[Gateway], *options: str, cpu: int | None = None
) -> Any:
    """Run the load tool against gateways; what it printed."""
    tokens = ["-secret", SECRET, "-audience", AUDIENCE, "-subject", SUBJECT]
    to = [word for each in gateways for word in ("-to", each.url)]
    line = [*_pinned(cpu), str(tool_path), command, *to, *tokens, *options]
    return json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)


def _pinned(cpu: int | None) -> list[str]:
    return ["taskset", "-c", str(cpu)] if cpu is not None else []
