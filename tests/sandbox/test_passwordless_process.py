"""Passwordless through a kill: a code that was sent before is good afterwards, with the tries it has left."""

import signal
from pathlib import Path
from typing import Any

from .passwordless_driver import NUMBER, OPTIONS, OTP, Gateway, wrong
from .process_driver import Process, started

OTHER = "+447700900124"


def start(process: Process, client: dict[str, Any], number: str) -> int:
    body = {**client, "connection": "sms", "phone_number": number, "send": "code"}
    return process.request("POST", f"{process.url}/passwordless/start", json=body).status_code


def exchange(process: Process, client: dict[str, Any], number: str, code: str) -> dict[str, Any]:
    body = {"grant_type": OTP, **client, "username": number, "otp": code, "realm": "sms", "scope": "openid"}
    answer: dict[str, Any] = process.request("POST", f"{process.url}/oauth/token", json=body).json()
    return answer


def test_codes_and_tries_survive_kill_9(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Gateway() as gateway:
        with started(data) as process:
            client = process.ready["demo_client"]
            enabled = {"enabled_clients": [client["client_id"]]}
            options = {"options": {**OPTIONS, "gateway_url": gateway.url}}
            process.api("POST", "/connections", json={"name": "sms", "strategy": "sms", **options, **enabled})
            assert [start(process, client, number) for number in (NUMBER, OTHER)] == [200, 200]
            good, spent = (request.code for request in gateway.requests)
            for _ in range(2):
                assert "Wrong" in exchange(process, client, OTHER, wrong(spent))["error_description"]
            process.stop(signal.SIGKILL)
        with started(data) as process:
            assert process.ready["demo_client"] == client
            assert "id_token" in exchange(process, client, NUMBER, good)
            assert "maximum" in exchange(process, client, OTHER, wrong(spent))["error_description"]
            assert "maximum" in exchange(process, client, OTHER, spent)["error_description"]
