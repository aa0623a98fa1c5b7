"""A tenant with a custom phone provider, and messages for it."""

from typing import Any

from sandbox import phone
from sandbox.context import Sandbox
from sandbox.login.incoming import Incoming
from sandbox.phone.delivery import send_due

TO = "+447700900123"
CUSTOM = {"name": "custom", "configuration": {"delivery_methods": ["text"]}, "credentials": {}}


class Runner:
    """Stands for the process that executes Actions: answers as told, remembers what it was asked."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self._answers = list(answers)
        self.events: list[dict[str, Any]] = []

    async def execute(self, request: Any) -> dict[str, Any]:
        self.events.append(request["event"])
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return {"commands": [], "console": [], "milliseconds": 1.0, "error": None, **answer}

    async def check(self, code: str) -> str | None:
        return None

    async def close(self) -> None:
        pass


def commands(*wishes: tuple[str, str]) -> dict[str, Any]:
    """An answer in which the Action called drop and retry in this order."""
    return {"commands": [{"type": kind, "reason": reason} for kind, reason in wishes]}


def failure(kind: str = "thrown", message: str = "boom") -> dict[str, Any]:
    return {"error": {"kind": kind, "name": "Error", "message": message, "stack": ""}}


def with_provider(sandbox: Sandbox, *answers: dict[str, Any], **changes: Any) -> Runner:
    """Give the tenant a deployed Action, the provider, and a runner with these answers."""
    runner = Runner(*(answers or ({},)))
    sandbox.runner = runner
    sandbox.store.put("actions", "act", action())
    provider = {"id": "pro", "name": "custom", "disabled": False, "configuration": CUSTOM["configuration"]}
    sandbox.store.put("phone_providers", "pro", provider | changes)
    return runner


def action() -> dict[str, Any]:
    deployed = {"id": "v1", "trigger": "custom-phone-provider", "code": "", "secrets": []}
    secrets = [{"name": "KEY", "value": "s3cret"}]
    return {"id": "act", "name": "Our provider", "_deployed": {**deployed, "secrets": secrets}}


def notification(sandbox: Sandbox, **changes: Any) -> phone.Notification:
    client = sandbox.store.get("seed", "demo_client") or {}
    given: dict[str, Any] = {
        "recipient": TO,
        "client": sandbox.store.get("clients", client["client_id"]),
        "incoming": Incoming("POST", "localhost:8443", "192.0.2.1", "curl", "de-DE", {}, {"otp": "no"}),
        "code": "123456",
        **changes,
    }
    return phone.Notification(**given)


async def send(sandbox: Sandbox, **changes: Any) -> None:
    """Deliver one message and make the first try."""
    await phone.deliver(sandbox, notification(sandbox, **changes))
    await send_due(sandbox)


async def wait_and_send(sandbox: Sandbox, seconds: float) -> None:
    sandbox.clock.advance(seconds)
    await send_due(sandbox)


def record(sandbox: Sandbox) -> dict[str, Any]:
    """The only message's record."""
    (only,) = sandbox.store.all("notifications")
    return only


def failures(sandbox: Sandbox) -> list[str]:
    """The tenant's log entries of type fn, by their errors."""
    return [e["details"]["error"] for e in sandbox.store.all("tenant_logs") if e["type"] == "fn"]
