"""Secrets of Actions and of their modules: values come in and never go out."""

from typing import Any

from ...errors import invalid_body
from ...store import Doc
from ..routing import Call


def merged(call: Call, given: list[Doc], known: list[Doc]) -> list[dict[str, Any]]:
    """The new list of secrets; one sent without a value keeps the value it had."""
    now = call.sandbox.clock.iso()
    before = {secret["name"]: secret for secret in known}
    names = [secret["name"] for secret in given]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise invalid_body(f"Payload validation error: 'Secret names are not unique: {repeated}'.")
    kept: list[dict[str, Any]] = []
    for secret in given:
        old = before.get(secret["name"])
        value = secret.get("value")
        if old is not None and value in (None, old["value"]):
            kept.append(old)
        else:
            kept.append({"name": secret["name"], "value": value or "", "updated_at": now})
    return kept


def values(secrets: list[Doc]) -> dict[str, str]:
    """Name and value, for the code that runs."""
    return {secret["name"]: secret["value"] for secret in secrets}
