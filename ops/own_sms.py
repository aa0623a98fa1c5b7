"""What the local stage knows by itself of its own SMS: the gateway, the demo app, the sandbox's carriers."""

from typing import Any
from urllib.parse import urlsplit

from infra import contract

from .services import Sandbox


def gateway_url(form_url: str) -> str:
    """Where the tenant finds the gateway: on the form's port, by a name that servers resolve, too."""
    return f"https://localhost:{urlsplit(form_url).port}{contract.load()['gateway']['path']}"


def complete(sms: Any, sandbox: Sandbox, url: str) -> None:
    """Add to a stage's `sms` keys what only this machine knows; what the stage says itself stays.

    Whatever is no table of keys is left to the settings' own judge.
    """
    if not isinstance(sms, dict) or sms.get("mode", "off") == "off":
        return
    sms.setdefault("gatewayUrl", url)
    sms.setdefault("applications", [sandbox.demo_client])
    urls = {
        name: f"{sandbox.twilio}/carriers/{name}" for name in sorted(_used(sms)) if name in sandbox.carriers
    }
    said = sms.get("carrierUrls") or {}
    if isinstance(said, dict):
        sms["carrierUrls"] = urls | said


def accounts(sms: Any, sandbox: Sandbox) -> dict[str, str]:
    """The environment of a gateway that delivers through a stage's carriers: the sandbox's accounts there."""
    if not isinstance(sms, dict) or sms.get("mode", "off") == "off":
        return {}
    held = (sandbox.carriers.get(name, {}) for name in sorted(_used(sms)))
    return {variable: value for account in held for variable, value in account.items()}


def _used(sms: dict[str, Any]) -> set[str]:
    by_country = sms.get("carriersByCountry")
    lists = [sms.get("carriers"), *(by_country.values() if isinstance(by_country, dict) else ())]
    return {name for some in lists if isinstance(some, list) for name in some if isinstance(name, str)}
