"""What several probes need: an application, a person, Actions that act for that application alone."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from .tenant import TRIGGER, ProbeError, Tenant

OTP = "http://auth0.com/oauth/grant-type/passwordless/otp"
# Nobody answers there: what a tenant is told to call and must not reach.
NOWHERE = "https://probe.invalid/"
_BINDINGS = f"/actions/triggers/{TRIGGER}/bindings"


@dataclass(frozen=True)
class Person:
    """Somebody who can log in."""

    user_id: str
    email: str
    password: str


def application(tenant: Tenant, **members: Any) -> dict[str, Any]:
    return tenant.make("/clients", {"name": tenant.name, "oidc_conformant": True, **members}, "client_id")


def person(tenant: Tenant, client_id: str) -> Person:
    """A person in a database of their own, which the application may use."""
    connection = tenant.make("/connections", {"name": tenant.name, "strategy": "auth0"})
    enable(tenant, str(connection["id"]), client_id)
    email, password = f"{tenant.name}@example.com", f"Aa1-{secrets.token_urlsafe(16)}"
    body = {"connection": tenant.name, "email": email, "password": password, "email_verified": True}
    return Person(str(tenant.make("/users", body, "user_id")["user_id"]), email, password)


def enable(tenant: Tenant, connection_id: str, client_id: str) -> None:
    tenant.api("PATCH", f"/connections/{connection_id}/clients", [{"client_id": client_id, "status": True}])


def bind(tenant: Tenant, client_id: str, bodies: list[str], **values: str) -> None:
    """Deploy Actions and bind them after those that are there; at the end they alone are taken out again.

    Each body runs with `event`, `api` and its own `number`, for the probe's application alone; a body may
    define `exports.onContinuePostLogin` before a line `---`.
    """
    made = [_deployed(tenant, client_id, body, number, values) for number, body in enumerate(bodies, 1)]
    ours = {str(action["id"]) for action in made}
    # Remembered last, hence undone first: a bound Action can't be deleted.
    tenant.later("take the probe's Actions out of the trigger", lambda: _bound(tenant, ours, []))
    _bound(tenant, ours, [_reference(action["id"], action["name"]) for action in made])


def _bound(tenant: Tenant, ours: set[str], last: list[dict[str, Any]]) -> None:
    """Bind what others have bound by now, in its order, and `last` after it."""
    live = tenant.api("GET", f"{_BINDINGS}?per_page=100").get("bindings", [])
    kept = [
        _reference(binding["action"]["id"], binding["display_name"])
        for binding in live
        if binding["action"]["id"] not in ours
    ]
    tenant.api("PATCH", _BINDINGS, {"bindings": [*kept, *last]})


def _deployed(
    tenant: Tenant, client_id: str, body: str, number: int, values: dict[str, str]
) -> dict[str, Any]:
    resumed, _, begun = body.rpartition("---")
    made = tenant.make(
        "/actions/actions",
        {
            "name": f"{tenant.name}-{number}",
            "supported_triggers": [{"id": TRIGGER, "version": "v3"}],
            "code": f"const ours = {json.dumps(client_id)};\nconst number = {number};\n{resumed}\n"
            "exports.onExecutePostLogin = async (event, api) => {\n"
            f"  if (event.client.client_id !== ours) return;\n  {begun}\n}};\n",
            "secrets": [{"name": name, "value": value} for name, value in values.items()],
        },
    )
    _built(tenant, str(made["id"]))
    tenant.api("POST", f"/actions/actions/{made['id']}/deploy")
    return made


def _built(tenant: Tenant, action_id: str) -> None:
    # Each question takes the network's time; a build takes seconds.
    for _ in range(200):
        status = tenant.api("GET", f"/actions/actions/{action_id}")["status"]
        if status == "built":
            return
        if status == "failed":
            break
    raise ProbeError("The tenant could not build the probe's Action.")


def _reference(action_id: str, name: str) -> dict[str, Any]:
    return {"ref": {"type": "action_id", "value": action_id}, "display_name": name}


def named(tenant: Tenant, name: str) -> dict[str, Any] | None:
    """The tenant's connection of that name."""
    # With `take` the answer is an object, without it a bare list.
    found = tenant.api("GET", f"/connections?name={name}&take=10").get("connections", [])
    return next(iter(found), None)


def passwordless(
    tenant: Tenant, client_id: str, name: str = "sms", gateway: str | None = None
) -> dict[str, Any]:
    """An sms connection of the probe's own. Raises ProbeError where the tenant has one of that name."""
    if named(tenant, name):
        raise ProbeError(f"The tenant has a connection named {name} already, which a probe does not touch.")
    options = {
        "name": name,
        "provider": "sms_gateway",
        "from": "+15005550006",
        "template": "@@password@@",
        "syntax": "md_with_macros",
        "gateway_url": gateway or NOWHERE,
        "gateway_authentication": {
            "method": "bearer",
            "subject": "probe",
            "audience": "probe",
            "secret": secrets.token_hex(32),
            "secret_base64_encoded": False,
        },
        "disable_signup": False,
        "brute_force_protection": True,
        "totp": {"length": 6, "time_step": 180},
    }
    made = tenant.make("/connections", {"name": name, "strategy": "sms", "options": options})
    enable(tenant, str(made["id"]), client_id)
    return made
