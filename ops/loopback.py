"""The local stage stays on this machine, whatever a run's own settings say."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from infra.values import is_loopback

from .errors import OpsError

# Where the local stage deploys to, sends people, and sends its keys and tokens.
ADDRESSES = (
    *("auth0.domain", "auth0.loginHosts", "publicBaseUrl", "twilio.verifyUrl"),
    *("sms.gatewayUrl", "sms.carrierUrls", "hosting.apiUrl"),
)


def refuse_elsewhere(settings: Mapping[str, Any]) -> None:
    """Raise OpsError for an address in a stage's settings (nested) that is not on a loopback host.

    What is no address at all is left to the settings' own judge, who refuses it with every other problem.
    """
    for key in ADDRESSES:
        for value in _values(settings, key):
            host = _host(value)
            if host and not is_loopback(host):
                raise OpsError(
                    f"{key} leaves this machine",
                    f"The local stage belongs to its sandbox, and {host} is no loopback host.",
                    f"Leave {key} out of --set; a real tenant has a stage file of its own",
                )


def _values(settings: Mapping[str, Any], key: str) -> Iterator[str]:
    found: Any = settings
    for name in key.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    several = list(found.values()) if isinstance(found, Mapping) else found
    yield from (
        each for each in (several if isinstance(several, list) else [several]) if isinstance(each, str)
    )


def _host(value: str) -> str | None:
    try:
        return urlsplit(value if "//" in value else f"//{value}").hostname
    except ValueError:
        return None
