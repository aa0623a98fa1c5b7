"""The form as it runs for people: `python -m form` in a process of its own, over TLS."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from tests.journey.ports import free_ports

from . import made
from .neighbours import Neighbours
from .waiting import SECONDS, until


@dataclass
class Served:
    url: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    neighbours: Neighbours

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)

    def link(self, **claims: Any) -> str:
        return f"{self.url}/verify?phone_request={made.request_token(**claims)}&state={made.STATE}"


@contextmanager
def serving(
    directory: Path, neighbours: Neighbours, env: dict[str, str] | None = None, **stage: Any
) -> Iterator[Served]:
    port = free_ports()
    url = f"https://form.localhost:{port}"
    stage_file, ready, log = (directory / name for name in ("stage.json", "ready.json", "form.log"))
    base = {
        "publicBaseUrl": url,
        "loginHosts": [f"login.localhost:{neighbours.port}"],
        "twilioVerifyUrl": neighbours.twilio_url,
    }
    stage_file.write_text(json.dumps(made.stage(**{**base, **stage})))
    certificate, key, authority = write_tls(directory, neighbours.ca)
    environment = made.environment(stage_file, **(env or {}))
    environment |= {"SSL_CERT_FILE": str(authority), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "form", "--port", str(port), "--ready-file", str(ready)]
    command += ["--ssl-certfile", str(certificate), "--ssl-keyfile", str(key)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=made.ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        served = Served(url, port, process, log, neighbours)
        try:
            until(lambda: ready.exists() or process.poll() is not None)
            assert process.poll() is None, log.read_text()
            yield served
        finally:
            served.stop()


def write_tls(directory: Path, ca: trustme.CA) -> tuple[Path, Path, Path]:
    leaf = ca.issue_cert("form.localhost", "localhost", "127.0.0.1")
    certificate, key, authority = (directory / name for name in ("cert.pem", "key.pem", "ca.pem"))
    certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    key.write_bytes(leaf.private_key_pem.bytes())
    ca.cert_pem.write_to_path(authority)
    return certificate, key, authority
