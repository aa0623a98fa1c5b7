"""The words of a message: the tenant's template for its type, or Auth0's own.

Variables: auth0.com/docs/customize/phone-messages/phone-templates/supported-liquid-syntax. Auth0 does not
document its own templates' text, nor what a disabled template means; here it means Auth0's own.
"""

from dataclasses import dataclass
from typing import Any

from .. import liquid
from ..context import Sandbox
from ..store import Doc
from .notification import MessageType, Notification

KIND = "phone_templates"
_SPOKEN = "Hello! Your verification code is {{ code | split: '' | join: ', ' }}."
_BODIES: dict[MessageType, tuple[str, str]] = {
    "otp_verify": ("{{ code }} is your verification code for {{ friendly_name }}", _SPOKEN),
    "otp_enroll": (
        "{{ code }} is your verification code for {{ friendly_name }}."
        " Please enter this code to verify your enrollment.",
        _SPOKEN,
    ),
    "change_password": ("{{ code }} is your password change code for {{ friendly_name }}", _SPOKEN),
    "blocked_account": (
        "We detected suspicious activity on your {{ friendly_name }} account and have blocked it.",
        "We detected suspicious activity on your account and have blocked it.",
    ),
    "password_breach": (
        "Your {{ friendly_name }} password was found in a breach of another site. Please change it.",
        "Your password was found in a breach of another site. Please change it.",
    ),
}
_USER = (
    "name", "nickname", "given_name", "family_name", "picture", "user_metadata", "app_metadata",
    "email_verified", "email", "phone_number", "phone_verified", "multifactor",
)  # fmt: skip
# What messages call the tenant's settings.
_TENANT = {
    "friendly_name": "friendly_name",
    "logo_url": "picture_url",
    "support_email": "support_email",
    "support_url": "support_url",
}


@dataclass(frozen=True)
class Rendered:
    """A message ready to go; `sender` None when neither template nor provider names one."""

    text: str
    voice: str
    sender: str | None


def default_content(message_type: MessageType) -> Doc:
    """The content of a template nobody has changed."""
    text, voice = _BODIES[message_type]
    return {"syntax": "liquid", "body": {"text": text, "voice": voice}}


def render(sandbox: Sandbox, notification: Notification, provider: Doc) -> Rendered:
    """The message in the words of the template. Raises liquid.TemplateError."""
    content = _content(sandbox, notification.message_type)
    default = default_content(notification.message_type)["body"]
    body = {**default, **(content.get("body") or {})}
    values = _values(sandbox, notification)
    text = liquid.render(body["text"], values)
    if sandbox.switches.phone_template == "connection" and notification.text is not None:
        text = notification.text
    sender = content.get("from") or provider.get("configuration", {}).get("default_from")
    return Rendered(text, liquid.render(body["voice"], values), sender)


def tenant_profile(sandbox: Sandbox) -> Doc:
    """The settings that messages may mention, those that are set."""
    settings = sandbox.store.get("settings", "tenant") or {}
    return {name: settings[member] for name, member in _TENANT.items() if settings.get(member)}


def _content(sandbox: Sandbox, message_type: MessageType) -> Doc:
    for template in sandbox.store.where(KIND, "type", message_type):
        if not template["disabled"]:
            return dict(template["content"])
    return {}


def _values(sandbox: Sandbox, notification: Notification) -> dict[str, Any]:
    client, user = notification.client, notification.user
    name = client.get("name", "")
    return {
        "code": notification.code or "",
        "connection": (notification.connection or {}).get("name", ""),
        "locale": notification.locale or "en",
        "tenant": sandbox.addresses.tenant_name,
        "friendly_name": sandbox.addresses.tenant_name,
        **tenant_profile(sandbox),
        "user": {member: user[member] for member in _USER if member in user},
        "client": {
            "name": name,
            "clientID": client.get("client_id", ""),
            "metadata": client.get("client_metadata") or {},
        },
        "application": {"name": name, "client_metadata": client.get("client_metadata") or {}},
        "custom_domain": {"domain": sandbox.addresses.auth0},
    }
