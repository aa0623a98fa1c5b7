"""A client of the account at Vercel, and applications to deploy there."""

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

from sandbox.testing import RunningSandbox

Json = Any
DEADLINE = 60.0

# Answers what it sees: its environment, the request's headers, and a word that tells two of them apart.
APP = """
import asyncio, json, os, threading

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["path"] == "/crash":
        os._exit(7)
    if scope["path"] == "/slow":
        await asyncio.get_running_loop().run_in_executor(None, threading.Event().wait, 0.5)
    headers = [[name.decode(), value.decode()] for name, value in scope["headers"]]
    seen = {"word": "WORD", "environment": dict(os.environ), "headers": headers, "client": scope["client"],
            "folder": os.getcwd(), "pid": os.getpid()}
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(seen).encode()})
"""


def app(word: str) -> dict[str, bytes]:
    return {"asgi.py": APP.replace("WORD", word).encode()}


def sha1(body: bytes) -> str:
    return hashlib.sha1(body, usedforsecurity=False).hexdigest()


def until(check: Callable[[], Any]) -> Any:
    """The first true result of `check`, asked again and again."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if result := check():
            return result
    raise AssertionError("it did not happen in time")


class Vercel:
    """Calls as a deployment tool makes them; `ready` is the ready file, `session` trusts the sandbox."""

    def __init__(self, ready: Mapping[str, Any], session: requests.Session) -> None:
        self.access = ready["vercel"]
        self.session = session
        self.token: str | None = self.access["token"]
        self.team: str | None = None

    @classmethod
    def of(cls, running: RunningSandbox) -> "Vercel":
        return cls(running.ready, running.session())

    def call(self, method: str, path: str, body: Json = None, **given: Any) -> requests.Response:
        headers = given.pop("headers", {})
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        query = {"teamId": self.team} if self.team else {}
        return self.session.request(
            method,
            f"{self.access['api']}{path}",
            json=body,
            headers=headers,
            params={**query, **given.pop("params", {})},
            timeout=60,
            **given,
        )

    def ok(self, method: str, path: str, body: Json = None, expect: int = 200, **given: Any) -> Json:
        response = self.call(method, path, body, **given)
        assert response.status_code == expect, f"{response.status_code}: {response.text[:500]}"
        return response.json() if response.content else None

    def refused(self, method: str, path: str, body: Json = None, **given: Any) -> tuple[int, str]:
        """The status and the code of an answer that refuses."""
        response = self.call(method, path, body, **given)
        error = response.json()["error"]
        assert set(error) >= {"code", "message"}
        return response.status_code, error["code"]

    def project(self, name: str = "form", **members: Any) -> Json:
        return self.ok("POST", "/v11/projects", {"name": name, **members})

    def upload(self, body: bytes) -> str:
        digest = sha1(body)
        self.ok("POST", "/v2/files", data=body, headers={"x-vercel-digest": digest})
        return digest

    def deploy(
        self, project: str, files: Mapping[str, bytes], target: str | None = "production", **members: Any
    ) -> Json:
        """Upload the files and make a deployment of them; the first answer."""
        listed = [{"file": path, "sha": self.upload(body), "size": len(body)} for path, body in files.items()]
        body = {"name": project, "project": project, "target": target, "files": listed, **members}
        return self.ok("POST", "/v13/deployments?skipAutoDetectionConfirmation=1", body)

    def deployment(self, identifier: str) -> Json:
        return self.ok("GET", f"/v13/deployments/{identifier}")

    def finished(self, identifier: str) -> Json:
        """The deployment when nothing more happens to it."""

        def end() -> Json:
            now = self.deployment(identifier)
            wants_alias = now["target"] == "production" and not now["aliasError"]
            done = now["readyState"] == "READY" and (now["aliasAssigned"] or not wants_alias)
            return now if done or now["readyState"] == "ERROR" else None

        return until(end)

    def released(self, project: str, files: Mapping[str, bytes], **members: Any) -> Json:
        return self.finished(self.deploy(project, files, **members)["id"])

    def log(self, identifier: str) -> str:
        return "\n".join(event["text"] for event in self.ok("GET", f"/v3/deployments/{identifier}/events"))

    def visit(self, path: str = "/", host: str = "localhost", **headers: str) -> requests.Response:
        """What the address answers to a visitor, over a connection of its own."""
        url = f"https://localhost:{self.access['port']}{path}"
        with requests.Session() as visitor:
            visitor.trust_env = False
            visitor.verify = self.session.verify
            return visitor.get(url, headers={"Host": host, **headers}, timeout=60)

    def word(self) -> str:
        return str(self.visit().json()["word"])
