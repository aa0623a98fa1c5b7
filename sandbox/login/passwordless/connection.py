"""The connections of strategy sms and email: which one a request means, and what its options say.

Source: auth0.com/docs/authenticate/passwordless/authentication-methods, use-sms-gateway-passwordless and
email-otp
"""

from dataclasses import dataclass
from typing import Any

from ...context import Sandbox
from ...store import Doc

STRATEGIES = ("sms", "email")
SMS, EMAIL = "sms", "email"
# Three minutes: auth0.com/docs/authenticate/passwordless/authentication-methods/sms-otp
_SECONDS = 180
_LENGTH = 6
_TEMPLATE = "Your verification code is: @@password@@"
_MAIL = "Your verification code is: {{ code }}{% if link %}\n\nOr log in by this link: {{ link }}{% endif %}"
_SUBJECT = "Welcome to {{ application.name }}"


@dataclass(frozen=True)
class Options:
    """What the connection is configured to do; absent options have Auth0's defaults."""

    provider: str
    gateway_url: str
    authentication: Doc | None
    sender: str
    subject: str
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
        mail: Doc | None = (options.get("email") or {}) if connection.get("strategy") == EMAIL else None
        words: Doc = options if mail is None else mail
        totp: Doc = options.get("totp") or {}
        return cls(
            provider=options.get("provider") or "twilio",
            gateway_url=options.get("gateway_url") or "",
            authentication=options.get("gateway_authentication"),
            sender=words.get("from") or "",
            subject=words.get("subject") or _SUBJECT,
            template=options.get("template") or _TEMPLATE if mail is None else mail.get("body") or _MAIL,
            liquid=mail is not None or options.get("syntax") == "liquid",
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
