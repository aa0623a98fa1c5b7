"""A whole local stage of a test's own: real sandbox, form and engine, its own ports and folder."""

import base64
import contextlib
import hashlib
import itertools
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = "acme: audit"
BASE = (f"bindings.before=['{FOREIGN}']", "phone.resendSeconds=5")
FOREIGN_CODE = "exports.onExecutePostLogin = async (event, api) => { console.log('audited'); };"


def _block() -> int:
    """Ports of this test process alone: parallel ones count their blocks from elsewhere."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return 20_000 + worker * 4_000


_NEXT = itertools.count(_block(), 5)


def free_ports() -> int:
    """The first of five neighbouring ports that are all free and were not handed out before."""
    for first in itertools.islice(_NEXT, 500):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(first, first + 5):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
    raise RuntimeError("no free ports")


@dataclass
class JourneyStage:
    """`python -m ops` as a person would use it, and HTTP to look behind it."""

    folder: Path
    root: Path = ROOT
    port: int = field(default_factory=free_ports)

    def ops(
        self, command: str, *changes: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one command; whatever it prints is returned, whatever its outcome."""
        settings = [word for change in changes for word in ("--set", change)]
        arguments = [command, "--port", str(self.port), "--state", str(self.folder), *settings]
        return subprocess.run(
            [sys.executable, "-m", "ops", *arguments],
            cwd=self.root,
            env=os.environ | {"NO_COLOR": "1"} | (env or {}),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def up(self, *changes: str, **options: Any) -> str:
        done = self.ops("up", *changes, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Pulumi itself on this stage's stack."""
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "ops",
                "pulumi",
                "--port",
                str(self.port),
                "--state",
                str(self.folder),
                *arguments,
            ],
            cwd=self.root,
            env=os.environ | {"NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def ready(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "sandbox-ready.json").read_text())
        return found

    @property
    def form(self) -> str:
        return f"https://form.localhost:{self.port + 4}"

    @property
    def app(self) -> str:
        return str(self.ready["app"])

    @property
    def handset(self) -> str:
        return str(self.ready["handset"])

    def certificate_pin(self) -> str:
        """What Chromium's `--ignore-certificate-errors-spki-list` wants of the sandbox's certificate."""
        certificate = x509.load_pem_x509_certificate(Path(self.ready["tls"]["cert"]).read_bytes())
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(hashlib.sha256(key).digest()).decode()

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """The tenant by HTTP, without credentials."""
        return requests.request(
            method, f"https://localhost:{self.port}{path}", verify=self.ready["ca"], timeout=20, **options
        )

    def management(self, method: str, path: str, body: Any = None) -> Any:
        """The Management API with every scope; returns the JSON of the answer, None for an empty one."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        answer = self.call(method, f"/api/v2{path}", headers=headers, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def token(self) -> str:
        auth0 = self.ready["auth0"]
        grant = {
            "grant_type": "client_credentials",
            "audience": f"https://{auth0['domain']}/api/v2/",
            "client_id": auth0["client_id"],
            "client_secret": auth0["client_secret"],
        }
        return str(self.call("POST", "/oauth/token", json=grant).json()["access_token"])

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(method, f"/_sandbox{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def messages(self, number: str) -> list[dict[str, Any]]:
        """What reached a number, oldest first."""
        address = f"https://localhost:{self.port + 2}/messages?to={quote(number)}"
        headers = {"Host": self.handset.removeprefix("https://")}
        found: list[dict[str, Any]] = requests.get(
            address, headers=headers, verify=self.ready["ca"], timeout=20
        ).json()["messages"]
        return found

    def user(self, email: str) -> dict[str, Any]:
        (found,) = self.management("GET", f"/users-by-email?email={quote(email)}")
        return dict(found)

    def bindings(self) -> list[str]:
        """The names of the Actions at the login trigger, in their order."""
        found = self.management("GET", "/actions/triggers/post-login/bindings")
        return [binding["action"]["name"] for binding in found["bindings"]]

    def begin_with_a_foreign_action(self) -> None:
        """The tenant as it was before us: it runs, and another team's Action is bound there."""
        started = self.ops("preview")
        assert started.returncode == 0, started.stdout + started.stderr
        self.add_foreign_action()

    def add_foreign_action(self) -> str:
        """Another team's Action, deployed and bound, as it would be before we come."""
        trigger = {"id": "post-login", "version": "v3"}
        action = self.management(
            "POST",
            "/actions/actions",
            {"name": FOREIGN, "supported_triggers": [trigger], "code": FOREIGN_CODE},
        )
        while self.management("GET", f"/actions/actions/{action['id']}")["status"] != "built":
            pass  # each look is a step of the build; the sandbox ends it within a second
        self.management("POST", f"/actions/actions/{action['id']}/deploy")
        binding = {"ref": {"type": "action_id", "value": action["id"]}, "display_name": FOREIGN}
        self.management("PATCH", "/actions/triggers/post-login/bindings", {"bindings": [binding]})
        return str(action["id"])
