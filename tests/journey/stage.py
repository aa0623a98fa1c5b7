"""A whole local stage of a test's own: real sandbox, form and engine, its own ports and folder."""

import base64
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra import Settings, render, stage_file
from tests.journey.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = "acme: audit"
OURS = "auth0-phone verification"
BASE = (f"bindings.before=['{FOREIGN}']", "phone.resendSeconds=5")
FOREIGN_CODE = "exports.onExecutePostLogin = async (event, api) => { console.log('audited'); };"


# What could reach our commands from the shell that runs the tests and change what they do or print.
_UNWANTED = {"PORT", "COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}
_SECONDS = 240


def copied_checkout(folder: Path) -> Path:
    """The checkout's sources in another folder, with the same virtual environment."""
    checkout = folder / "checkout"
    ignored = shutil.ignore_patterns(".git", ".venv", ".local", "__pycache__", "tests", "*_cache")
    shutil.copytree(ROOT, checkout, ignore=ignored)
    (checkout / ".venv").symlink_to(ROOT / ".venv")
    return checkout


@dataclass
class JourneyStage:
    """`python -m ops` as a person would use it, and HTTP to look behind it.

    `settings` (PATH=VALUE) belong to every `up` and `preview` of this stage; `changes` to one of them.
    """

    folder: Path
    settings: tuple[str, ...] = ()
    root: Path = ROOT
    port: int = field(default_factory=free_ports)
    deployed: tuple[str, ...] | None = field(default=None, init=False)
    printed: list[str] = field(default_factory=list, init=False)

    def ops(
        self, command: str, *changes: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one command; whatever it prints is returned, whatever its outcome."""
        done = self._run([command, *(word for change in changes for word in ("--set", change))], env=env)
        if command == "up" and done.returncode == 0:
            self.deployed = None  # with what, only `up` below knows
        return done

    def up(self, *changes: str, env: dict[str, str] | None = None) -> str:
        """Deploy with the stage's settings and `changes`; returns what was printed."""
        self.deployed = None  # also when it fails half way
        done = self.ops("up", *self.settings, *changes, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        self.deployed = changes
        self.printed.append(done.stdout + done.stderr)
        return done.stdout

    def deploy(self, *changes: str) -> None:
        """Deploy, unless the stage was last deployed with the same changes."""
        if self.deployed != changes:
            self.up(*changes)

    def pulumi(self, *arguments: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
        """Pulumi itself on this stage's stack; `input` is its standard input, empty by default."""
        return self._run(["pulumi", *arguments], input=input)

    @contextlib.contextmanager
    def stage_file_kept(self) -> Iterator[None]:
        """The stack's stage file is afterwards what it was, whatever a test makes of it."""
        file = self.folder / "stack" / "Pulumi.local.yaml"
        kept = file.read_text()
        try:
            yield
        finally:
            file.write_text(kept)

    def _run(
        self, arguments: list[str], *, env: dict[str, str] | None = None, input: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        where = ["--port", str(self.port), "--state", str(self.folder)]
        inherited = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
        return subprocess.run(
            [sys.executable, "-m", "ops", arguments[0], *where, *arguments[1:]],
            cwd=self.root,
            env=inherited | {"NO_COLOR": "1"} | (env or {}),
            input=input or "",
            capture_output=True,
            text=True,
            timeout=_SECONDS,
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
        return self._request(method, f"https://localhost:{self.port}{path}", **options)

    def _request(self, method: str, address: str, **options: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of this machine's has no business with loopback
            return session.request(method, address, verify=self.ready["ca"], timeout=60, **options)

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
        found: list[dict[str, Any]] = self._request("GET", address, headers=headers).json()["messages"]
        return found

    def post_sms(self, token: str | None, number: str, body: str) -> requests.Response:
        """What Auth0 would post to the gateway, with any token."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        address = f"https://localhost:{self.port + 4}/sms"
        return self._request("POST", address, headers=headers, json={"recipient": number, "body": body})

    def rendered(self) -> dict[str, str]:
        """What was rendered for the stage as it was last deployed."""
        mapping = stage_file.load("local", self.root, self.folder / "stack" / "Pulumi.local.yaml")
        return render(Settings.from_mapping(mapping, stage="local"))

    def build(self) -> str:
        """Which build of form and gateway answers, by its own word."""
        answer = self._request("GET", f"https://localhost:{self.port + 4}/healthz")
        answer.raise_for_status()
        return str(answer.json()["build"])

    def user(self, email: str) -> dict[str, Any]:
        (found,) = self.management("GET", f"/users-by-email?email={quote(email)}")
        return dict(found)

    def bindings(self) -> list[str]:
        """The names of the Actions at the login trigger, in their order."""
        found = self.management("GET", "/actions/triggers/post-login/bindings")
        return [binding["action"]["name"] for binding in found["bindings"]]

    def begin_with_a_foreign_action(self) -> None:
        """The tenant as it was before us: it runs, and another team's Action is bound there."""
        # After the sandbox is up and the stage file is written, before the engine starts.
        refused = self.ops("up", *self.settings, "phone.codeLength=8")
        assert "codes of 6 digits" in refused.stderr, refused.stdout + refused.stderr
        self.add_foreign_action()

    def add_foreign_action(self) -> str:
        """Another team's Action, deployed and bound, as it would be before we come."""
        trigger = {"id": "post-login", "version": "v3"}
        action = self.management(
            "POST",
            "/actions/actions",
            {"name": FOREIGN, "supported_triggers": [trigger], "code": FOREIGN_CODE},
        )
        deadline = time.monotonic() + 60
        while self.management("GET", f"/actions/actions/{action['id']}")["status"] != "built":
            assert time.monotonic() < deadline, "the foreign Action was not built within a minute"
        self.management("POST", f"/actions/actions/{action['id']}/deploy")
        binding = {"ref": {"type": "action_id", "value": action["id"]}, "display_name": FOREIGN}
        self.management("PATCH", "/actions/triggers/post-login/bindings", {"bindings": [binding]})
        return str(action["id"])
