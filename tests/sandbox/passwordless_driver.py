"""A gateway that answers as told, a connection that uses it, and an application that asks for codes."""

import json
import re
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from sandbox.context import Sandbox
from sandbox.testing import RunningSandbox

from .login_driver import Browser

NUMBER = "+447700900123"
SECRET = "a-secret-between-tenant-and-gateway"
OTP = "http://auth0.com/oauth/grant-type/passwordless/otp"
OPTIONS: dict[str, Any] = {
    "name": "sms",
    "provider": "sms_gateway",
    "from": "+447700900000",
    "template": "Your code for @@application.name@@ is @@password@@",
    "syntax": "md_with_macros",
    "totp": {"time_step": 180, "length": 6},
    "disable_signup": False,
    "brute_force_protection": True,
    "forward_req_info": True,
    "gateway_authentication": {
        "method": "bearer",
        "subject": "urn:auth0",
        "audience": "urn:gateway",
        "secret": SECRET,
        "secret_base64_encoded": False,
    },
}


@dataclass(frozen=True)
class Request:
    """What the gateway got; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def code(self) -> str:
        return str(re.findall(r"\d{4,}", self.body["body"])[-1])


class Gateway:
    """Answers `status` and keeps every request; told to `hang`, it waits. No certificate: plain HTTP."""

    def __init__(self, cert: Path | None = None, key: Path | None = None) -> None:
        self._scheme = "https" if cert else "http"
        self.status = 200
        self.location: str | None = None
        self.hang = False
        self.release = threading.Event()
        self.requests: list[Request] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                gateway.requests.append(Request(self.path, headers, json.loads(body)))
                if gateway.hang:
                    gateway.release.wait(10)
                self.send_response(gateway.status)
                if gateway.location:
                    self.send_header("location", gateway.location)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert, key)
            # Shaking hands in accept() would let one client that fails hold up the next.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    @property
    def url(self) -> str:
        """As a browser would name it: servers don't resolve such names by themselves everywhere."""
        return f"{self._scheme}://form.localhost:{self.port}/sms"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def last(self) -> Request:
        return self.requests[-1]


class App:
    """The demo application's server: it has a secret, and the passwordless grant."""

    def __init__(self, running: RunningSandbox, gateway: Gateway) -> None:
        self.running = running
        self.gateway = gateway
        self.browser = Browser(running)
        self.client = self.browser.client
        self.connect()

    @property
    def sandbox(self) -> Sandbox:
        return self.running.sandbox

    def connect(self, name: str = "sms", **changes: Any) -> dict[str, Any]:
        """The sms connection with other options; it exists once."""
        store = self.sandbox.store
        connection: dict[str, Any] = {
            "id": f"con_{name}",
            "name": name,
            "strategy": "sms",
            "options": {**OPTIONS, "gateway_url": self.gateway.url, **changes},
            "enabled_clients": [self.client["client_id"]],
        }
        store.put("connections", connection["id"], connection)
        return connection

    def only_sms(self) -> None:
        """Take the application away from the database."""
        store = self.sandbox.store
        for connection in store.where("connections", "strategy", "auth0"):
            store.put("connections", connection["id"], connection | {"enabled_clients": []})

    def change_client(self, **changes: Any) -> None:
        store = self.sandbox.store
        client = store.get("clients", self.client["client_id"]) or {}
        store.put("clients", client["client_id"], client | changes)

    def start(
        self, number: str | None = NUMBER, headers: dict[str, str] | None = None, **changes: Any
    ) -> requests.Response:
        given = {**self.client, "connection": "sms", "phone_number": number, "send": "code", **changes}
        body = {name: value for name, value in given.items() if value is not None}
        return self.post("/passwordless/start", body, headers)

    def code(self, number: str = NUMBER) -> str:
        """Ask for a code, and read it where the gateway got it."""
        answer = self.start(number)
        assert answer.status_code == 200, answer.text
        return self.gateway.last.code

    def exchange(
        self, otp: str, number: str = NUMBER, headers: dict[str, str] | None = None, **changes: Any
    ) -> requests.Response:
        given = {
            "grant_type": OTP,
            **self.client,
            "username": number,
            "otp": otp,
            "realm": "sms",
            "scope": "openid profile phone",
            **changes,
        }
        body = {name: value for name, value in given.items() if value is not None}
        return self.post("/oauth/token", body, headers)

    def log_in(self, number: str = NUMBER, **changes: Any) -> dict[str, Any]:
        """A whole login by the grant; what /oauth/token answered."""
        answer = self.exchange(self.code(number), number, **changes)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def user(self, number: str = NUMBER) -> dict[str, Any] | None:
        found = self.sandbox.store.where("users", "phone_number", number)
        return found[0] if found else None

    def post(
        self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> requests.Response:
        # A browser's session would send an Accept-Language of its own choosing.
        with self.running.session() as http:
            return http.post(f"{self.running.url}{path}", json=body, headers=headers, timeout=10)

    def logs(self) -> list[tuple[str, str | None]]:
        return [(doc["type"], doc.get("description")) for doc in self.sandbox.store.all("tenant_logs")]


def wrong(code: str) -> str:
    """Another code of the same length."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def error_of(answer: requests.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["error"], body["error_description"]
