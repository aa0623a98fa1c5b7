"""`python -m sandbox` as a process of a test's own."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 60.0


class Process:
    """`python -m sandbox`, ready."""

    def __init__(self, popen: subprocess.Popen[str], ready_file: Path) -> None:
        self.popen = popen
        self.ready_file = ready_file
        self.ready: dict[str, Any] = json.loads(ready_file.read_text())

    @property
    def url(self) -> str:
        return f"https://{self.ready['auth0']['domain']}"

    def get(self, url: str, **given: Any) -> requests.Response:
        return self.request("GET", url, **given)

    def request(self, method: str, url: str, **given: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            session.verify = self.ready["ca"]
            return session.request(method, url, timeout=10, **given)

    def token(self) -> str:
        credentials = {name: self.ready["auth0"][name] for name in ("client_id", "client_secret")}
        body = {"grant_type": "client_credentials", "audience": f"{self.url}/api/v2/", **credentials}
        response = self.request("POST", f"{self.url}/oauth/token", data=body)
        assert response.status_code == 200, response.text
        return str(response.json()["access_token"])

    def api(self, method: str, path: str, **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token()}"}
        response = self.request(method, f"{self.url}/api/v2{path}", headers=headers, **given)
        assert response.status_code < 300, response.text
        return response.json()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(DEADLINE)


@contextmanager
def started(data: Path, *arguments: str) -> Iterator[Process]:
    """The process on free ports; killed after the block if it still runs."""
    ready_file = data.parent / "ready" / "ready.json"
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--data", str(data)]
    popen = subprocess.Popen(
        [*command, "--ready-file", str(ready_file), *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    watchdog = threading.Timer(DEADLINE, popen.kill)
    watchdog.start()
    try:
        assert popen.stdout is not None
        printed = [line.split()[0] for line in takewhile(lambda line: "Ready" not in line, popen.stdout)]
        assert printed == ["Auth0", "Twilio", "Handset", "Demo", "Certificate"]
        yield Process(popen, ready_file)
    finally:
        watchdog.cancel()
        popen.kill()
        popen.communicate()
