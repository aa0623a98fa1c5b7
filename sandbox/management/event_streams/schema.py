"""Bodies of /event-streams. Sources: the provider's schema and the SDKs' types;
auth0.com/docs/customize/events."""

from ..schema import Schema, array, record, text

_WHERE = ("connection", "group", "organization", "user")
_EVENTS = (
    *(f"{kind}.{what}" for kind in _WHERE for what in ("created", "deleted", "updated")),
    "group.member.added", "group.member.deleted", "group.role.assigned", "group.role.deleted",
    "organization.connection.added", "organization.connection.removed", "organization.connection.updated",
    "organization.group.role.assigned", "organization.group.role.deleted", "organization.member.added",
    "organization.member.deleted", "organization.member.role.assigned", "organization.member.role.deleted",
)  # fmt: skip

# A webhook's ways to be authorised, and what each has besides its name; the last member is the secret.
AUTHORIZATIONS: dict[str, tuple[str, ...]] = {
    "basic": ("username", "password"),
    "bearer": ("token",),
    "custom_header": ("header_key", "header_value"),
}
CONFIGURATIONS: dict[str, Schema] = {
    "webhook": record(
        {
            "webhook_endpoint": text(1, pattern=r"^https://"),
            "webhook_authorization": record(
                {"method": text(choices=AUTHORIZATIONS)}, ("method",), open_ended=True
            ),
        },
        ("webhook_endpoint", "webhook_authorization"),
    ),
    "eventbridge": record(
        {
            "aws_account_id": text(pattern=r"^\d{12}$"),
            "aws_region": text(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$"),
        },
        ("aws_account_id", "aws_region"),
    ),
    "action": record({"action_id": text(1)}, ("action_id",)),
}
_MEMBERS = {
    "name": text(1, 128),
    "subscriptions": array(record({"event_type": text(choices=_EVENTS)}, ("event_type",))),
    "destination": record(
        {"type": text(choices=CONFIGURATIONS), "configuration": record()}, ("type", "configuration")
    ),
    "status": text(choices=("enabled", "disabled")),
}
CREATE = record(_MEMBERS, required=("destination",))
UPDATE = record(_MEMBERS)
