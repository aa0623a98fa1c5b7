"""The connection of strategy sms: which one a request means, and what its options say.

Source: auth0.com/docs/authenticate/passwordless/authentication-methods/use-sms-gateway-passwordless
"""

from dataclasses import dataclass
from typing import Any

from ...context import Sandbox
from ...store import Doc

STRATEGIES = ("sms", "email")
SMS = "sms"
# Three minutes: auth0.com/docs/authenticate/passwordless/authentication-methods/sms-otp
_SECONDS = 180
_LENGTH = 6
_TEMPLATE = "Your verification code is: @@password@@"


@dataclass(frozen=True)
class Options:
    """What the connection is configured to do; absent options have Auth0's defaults."""

    provider: str
    gateway_url: str
    authentication: Doc | None
    sender: str
    template: str
    liquid: bool
    code_length: int
    code_seconds: int
    forwards_request: bool
    sign_up: bool
    protected: bool

    @classmethod
    def of(cls, connection: Doc) -> "Options":
        options: Doc = connection.get("options") or {}
        totp: Doc = options.get("totp") or {}
        return cls(
            provider=options.get("provider") or "twilio",
            gateway_url=options.get("gateway_url") or "",
            authentication=options.get("gateway_authentication"),
            sender=options.get("from") or "",
            template=options.get("template") or _TEMPLATE,
            liquid=options.get("syntax") == "liquid",
            code_length=totp.get("length") or _LENGTH,
            code_seconds=totp.get("time_step") or _SECONDS,
            # Auth0's own sample has it as a string.
            forwards_request=_is_true(options.get("forward_req_info")),
            sign_up=not _is_true(options.get("disable_signup")),
            protected=_is_true(options.get("brute_force_protection")),
        )


def is_canonical(sandbox: Sandbox, name: str) -> bool:
    """Whether the passwordless endpoints take a connection of this name: documented are sms and email."""
    return name in STRATEGIES or sandbox.switches.passwordless_names == "any"


def named(sandbox: Sandbox, name: str) -> Doc | None:
    """The connection the passwordless endpoints mean by a name."""
    if not is_canonical(sandbox, name):
        return None
    found = sandbox.store.where("connections", "name", name)
    return found[0] if found else None


def _is_true(value: Any) -> bool:
    return value is True or value == "true"
