"""Bodies of /organizations and below.

Source: auth0.com/docs/api/management/v2/organizations, and what the Terraform provider sends.
"""

from ..schema import array, flag, integer, nullable, record, text

_COLOR = nullable(text(pattern="^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"))
_TOKENS = record({"per_day": integer(1), "per_hour": integer(1), "enforce": flag()})
_PROPERTIES = {
    "name": text(1, 50, pattern="^[a-z0-9][a-z0-9_-]*$", about="The name of this organization."),
    "display_name": text(1, 255, about="Friendly name of this organization."),
    "branding": nullable(
        record(
            {
                "logo_url": nullable(
                    text(like="strict-https-uri-or-null", about="URL of logo to display on login page.")
                ),
                "colors": nullable(record({"primary": _COLOR, "page_background": _COLOR})),
            },
            about="Theme defines how to style the login pages.",
        )
    ),
    "metadata": nullable(record(about="Metadata associated with the organization.")),
    "token_quota": nullable(record({"client_credentials": _TOKENS})),
    "third_party_client_access": text(choices=("block", "allow")),
    "is_app_entitlement_active": flag(),
}
# Sent with a connection, whichever of the two forms is used.
_MEMBERSHIP = {
    "assign_membership_on_login": flag(),
    "show_as_button": flag(),
    "is_signup_enabled": flag(),
}
_LEVEL = nullable(text(choices=("none", "readonly", "limited", "full")))
_WHOLE_CONNECTION = {
    **_MEMBERSHIP,
    "organization_connection_name": nullable(text(1, 50)),
    "organization_access_level": _LEVEL,
    "organization_member_access_level": _LEVEL,
    "is_enabled": nullable(flag()),
}
_CONNECTION_ID = {"connection_id": text(1, 50)}

ADD_ENABLED_CONNECTION = record({**_CONNECTION_ID, **_MEMBERSHIP}, required=("connection_id",))
UPDATE_ENABLED_CONNECTION = record(_MEMBERSHIP)
ADD_CONNECTION = record({**_CONNECTION_ID, **_WHOLE_CONNECTION}, required=("connection_id",))
UPDATE_CONNECTION = record(_WHOLE_CONNECTION)

CREATE = record({**_PROPERTIES, "enabled_connections": array(ADD_ENABLED_CONNECTION)}, required=("name",))
UPDATE = record(_PROPERTIES)

MEMBERS = record({"members": array(text(1), 1)}, required=("members",))
ROLES = record({"roles": array(text(1), 1, 50)}, required=("roles",))

_STATUS = text(choices=("pending", "verified"))
ADD_DOMAIN = record(
    {"domain": text(3, 255), "status": _STATUS, "use_for_organization_discovery": flag()},
    required=("domain",),
)
UPDATE_DOMAIN = record({"status": _STATUS, "use_for_organization_discovery": flag()})

INVITE = record(
    {
        "inviter": record({"name": text(1, 300)}, required=("name",)),
        "invitee": record({"email": text(1, like="email")}, required=("email",)),
        "client_id": text(1),
        "connection_id": text(1),
        "app_metadata": record(),
        "user_metadata": record(),
        "ttl_sec": integer(0, 2_592_000),
        "roles": array(text(1), 1),
        "send_invitation_email": flag(),
    },
    required=("client_id", "invitee", "inviter"),
)

GRANT = record({"grant_id": text(1, 50)}, required=("grant_id",))

_CLIENT = record({"client_id": text(1), "use_for_member_access": flag()}, required=("client_id",))
ADD_CLIENTS = record({"clients": array(_CLIENT, 1, 50)}, required=("clients",))
REMOVE_CLIENTS = record({"clients": array(text(1), 1, 50)}, required=("clients",))
UPDATE_CLIENT = record({"use_for_member_access": flag()})
