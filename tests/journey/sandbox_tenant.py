"""A sandbox as a process: the tenant behind a name, and what other teams do in it."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.journey.ports import free_ports
from tests.journey.stage import FOREIGN_CODE, ROOT


@dataclass
class SandboxTenant:
    """A tenant with its data in `folder`."""

    folder: Path
    port: int = field(default_factory=free_ports)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "sandbox",
            "--port",
            str(self.port),
            "--data",
            str(self.folder / "data"),
        ]
        with (self.folder / "sandbox.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--ready-file", str(self.folder / "ready.json")], cwd=ROOT, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 60
        while not (self.folder / "ready.json").exists():
            assert self.process.poll() is None, (self.folder / "sandbox.log").read_text()
            assert time.monotonic() < deadline, "the sandbox was not ready within a minute"

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(60)

    @property
    def ready(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "ready.json").read_text())
        return found

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            address = f"https://localhost:{self.port}{path}"
            return session.request(method, address, verify=self.ready["ca"], timeout=60, **options)

    def token(self) -> str:
        auth0 = self.ready["auth0"]
        grant = {
            "grant_type": "client_credentials",
            "audience": f"https://{auth0['domain']}/api/v2/",
            "client_id": auth0["client_id"],
            "client_secret": auth0["client_secret"],
        }
        return str(self.call("POST", "/oauth/token", json=grant).json()["access_token"])

    def management(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token()}"}
        answer = self.call(method, f"/api/v2{path}", headers=headers, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(method, f"/_sandbox{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def actions(self) -> dict[str, str]:
        """The id of each Action, by name; a name twice would be an error of the tenant's."""
        found = self.management("GET", "/actions/actions?per_page=100")["actions"]
        assert len({each["name"] for each in found}) == len(found)
        return {each["name"]: each["id"] for each in found}

    def bindings(self) -> list[str]:
        found = self.management("GET", "/actions/triggers/post-login/bindings?per_page=50")
        return [binding["display_name"] for binding in found["bindings"]]

    def make_action(self, name: str) -> str:
        """Another team's Action, deployed."""
        trigger = {"id": "post-login", "version": "v3"}
        body = {"name": name, "supported_triggers": [trigger], "code": FOREIGN_CODE}
        made = self.management("POST", "/actions/actions", body)
        deadline = time.monotonic() + 60
        while self.management("GET", f"/actions/actions/{made['id']}")["status"] != "built":
            assert time.monotonic() < deadline, f"{name} was not built within a minute"
        self.management("POST", f"/actions/actions/{made['id']}/deploy")
        return str(made["id"])

    def bind(self, *ids_and_names: tuple[str, str]) -> None:
        """The trigger's whole list, as somebody sets it in the dashboard."""
        bindings = [{"ref": {"type": "action_id", "value": i}, "display_name": n} for i, n in ids_and_names]
        self.management("PATCH", "/actions/triggers/post-login/bindings", {"bindings": bindings})
