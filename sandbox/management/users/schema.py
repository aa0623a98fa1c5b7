"""Bodies of /users. Source: the parameters of POST and PATCH /api/v2/users."""

from ..schema import array, flag, nullable, record, text

_PHONE = text(
    1, pattern=r"^\+[0-9]{1,15}$", about="The user's phone number (following the E.164 recommendation)."
)
_PROFILE = {
    "email": text(1, pattern="^[^@]+@[^@]+$", about="The user's email."),
    "phone_number": _PHONE,
    "user_metadata": record(),
    "app_metadata": record(),
    "blocked": flag(),
    "email_verified": flag(),
    "phone_verified": flag(),
    "given_name": text(1, 150),
    "family_name": text(1, 150),
    "name": text(1, 300),
    "nickname": text(1, 300),
    "picture": text(1),
    "password": text(1),
    "verify_email": flag(),
    "username": text(1, 128),
}

CREATE = record({"connection": text(1), "user_id": text(0, 255), **_PROFILE}, required=("connection",))
UPDATE = record(
    {
        **{name: nullable(schema) for name, schema in _PROFILE.items()},
        "connection": text(1),
        "client_id": text(1),
        "verify_phone_number": flag(),
    }
)
ROLES = record({"roles": array(text(1), 1)}, required=("roles",))
PERMISSIONS = record(
    {
        "permissions": array(
            record(
                {"resource_server_identifier": text(1), "permission_name": text(1)},
                required=("resource_server_identifier", "permission_name"),
            ),
            1,
        )
    },
    required=("permissions",),
)
