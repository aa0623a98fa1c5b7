"""Requests for the Action runner, as the pipeline makes them."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from sandbox.actions import NodeRunner

USER_ID = "auth0|000000000000000000000001"
SECRET = "a-secret-of-at-least-thirty-two-bytes"


def event(**request: Any) -> dict[str, Any]:
    """A small event; keyword arguments go into `event.request`."""
    return {
        "request": {"hostname": "localhost:8443", "ip": "127.0.0.1", "query": {}, "body": {}, **request},
        "user": {"user_id": USER_ID, "app_metadata": {}, "user_metadata": {}},
        "transaction": {"protocol": "oidc-basic-profile", "metadata": {}},
        "session": {"id": "s1", "metadata": {}},
        "secrets": {"KEY": SECRET},
    }


def request(
    code: str, *, key: str = "act", version: str = "1", trigger: str = "post-login", **changes: Any
) -> dict[str, Any]:
    return {
        "action": {"key": key, "version": version, "trigger": trigger, "code": code},
        "handler": "onExecutePostLogin",
        "event": event(),
        "milliseconds": 5000,
        "clockOffset": 0,
        "validateToken": {},
        **changes,
    }


def executing(body: str) -> str:
    return f"exports.onExecutePostLogin = async (event, api) => {{ {body} }};"


async def run(runner: NodeRunner, body: str, **changes: Any) -> dict[str, Any]:
    """Execute a handler with this body, as an Action of its own."""
    return await runner.execute(request(executing(body), key=body, **changes))


async def printed(runner: NodeRunner, body: str, **changes: Any) -> list[str]:
    """What a handler with this body wrote to its console; an error fails the test."""
    answer = await run(runner, body, **changes)
    assert answer["error"] is None, answer["error"]
    return [line["text"] for line in answer["console"]]


def token(payload: dict[str, Any], secret: str = SECRET, header: dict[str, Any] | None = None) -> str:
    """An HS256 JWT, as a form would sign it."""

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    body = f"{part(header or {'alg': 'HS256', 'typ': 'JWT'})}.{part(payload)}"
    digest = hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def claims(**changes: Any) -> dict[str, Any]:
    """Claims validateToken accepts; `...` leaves one away."""
    now = int(time.time())
    found = {"sub": USER_ID, "iss": "form", "iat": now, "exp": now + 180, "state": "st4te", **changes}
    return {name: value for name, value in found.items() if value is not ...}


async def failure(runner: NodeRunner, body: str, **changes: Any) -> str:
    answer = await run(runner, body, **changes)
    assert answer["error"] is not None
    return str(answer["error"]["message"])
