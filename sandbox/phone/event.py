"""The `event` of a custom-phone-provider Action: the documented members, and none besides.

Source: auth0.com/docs/actions/reference/custom-phone-provider/custom-phone-provider-event-object.
Absent, as for a plain tenant: custom_domain, organization.
"""

from ..context import Sandbox
from ..login.incoming import Incoming
from ..store import Doc
from .notification import Notification
from .templates import Rendered, tenant_profile

_USER = (
    "user_id", "email", "phone_number", "phone_verified", "username", "name", "given_name", "family_name",
    "nickname", "picture", "created_at", "updated_at", "last_password_reset", "identities",
)  # fmt: skip


def build(sandbox: Sandbox, notification: Notification, rendered: Rendered) -> Doc:
    """The event without `secrets`, which belong to the Action."""
    event: Doc = {
        "client": {
            "client_id": notification.client.get("client_id", ""),
            "name": notification.client.get("name", ""),
            "metadata": notification.client.get("client_metadata") or {},
        },
        "notification": _notification(sandbox, notification, rendered),
        "request": _request(notification.incoming),
        "tenant": {"id": sandbox.addresses.tenant_name, **tenant_profile(sandbox)},
        "user": _user(notification.user),
    }
    if notification.connection is not None:
        event["connection"] = _connection(notification.connection)
    if notification.correlation_id is not None:
        event["transaction"] = {"correlation_id": notification.correlation_id}
    return event


def _notification(sandbox: Sandbox, notification: Notification, rendered: Rendered) -> Doc:
    optional = {"code": notification.code, "from": rendered.sender, "locale": notification.locale}
    return {
        "as_text": rendered.text,
        "as_voice": rendered.voice,
        "delivery_method": notification.delivery_method,
        "message_type": notification.message_type,
        "recipient": _recipient(sandbox, notification.recipient),
        **{name: value for name, value in optional.items() if value},
    }


def _recipient(sandbox: Sandbox, number: str) -> str:
    """Documented: numbers of the US may lack their prefix (…/phone-templates/supported-liquid-syntax)."""
    bare = sandbox.switches.phone_us_numbers == "bare" and number.startswith("+1")
    return number.removeprefix("+1") if bare else number


def _connection(connection: Doc) -> Doc:
    return {
        "id": connection["id"],
        "name": connection["name"],
        "strategy": connection["strategy"],
        "metadata": connection.get("metadata") or {},
    }


def _request(incoming: Incoming) -> Doc:
    optional = {
        "hostname": incoming.hostname,
        "language": incoming.language,
        "user_agent": incoming.user_agent,
    }
    told = {name: value for name, value in optional.items() if value}
    return {"geoip": {}, "ip": incoming.ip, "method": incoming.method, **told}


def _user(user: Doc) -> Doc:
    """Empty for a person who has no profile yet."""
    if not user:
        return {}
    return {
        "app_metadata": user.get("app_metadata") or {},
        "user_metadata": user.get("user_metadata") or {},
        "email_verified": bool(user.get("email_verified")),
        **{name: user[name] for name in _USER if user.get(name) is not None},
    }
