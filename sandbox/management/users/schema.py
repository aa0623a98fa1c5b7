"""Bodies of /users. Source: the parameters of POST and PATCH /api/v2/users."""

from ..schema import array, flag, nullable, record, text

_PHONE = text(
    1, pattern=r"^\+[0-9]{1,15}$", about="The user's phone number (following the E.164 recommendation)."
)
_PROFILE = {
    "email": text(1, like="email", about="The user's email."),
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

LINK = record(
    {
        "provider": text(1),
        "connection_id": text(1),
        "user_id": {"type": "any"},
        "link_with": text(1),
    }
)

_METHOD = {
    "type": text(choices=("phone", "email", "totp", "webauthn-roaming", "passkey")),
    "name": text(1, 255),
    "totp_secret": text(1),
    "phone_number": text(2, 30),
    "email": text(1, like="email"),
    "preferred_authentication_method": text(choices=("voice", "sms")),
    "key_id": text(1),
    "public_key": text(1),
    "aaguid": text(1),
    "relying_party_identifier": text(1),
    "credential_device_type": text(choices=("single_device", "multi_device")),
    "credential_backed_up": flag(),
    "identity_user_id": text(1),
    "user_agent": text(1),
    "user_handle": text(1),
    "transports": array(text(1)),
}
ADD_METHOD = record(_METHOD, required=("type",))
SET_METHODS = array(ADD_METHOD)
UPDATE_METHOD = record(
    {name: _METHOD[name] for name in ("name", "preferred_authentication_method")},
)
REVOKE_ACCESS = record({"session_id": text(1), "preserve_refresh_tokens": flag()})
UPDATE_SESSION = record({"session_metadata": nullable(record())})
UPDATE_REFRESH_TOKEN = record({"refresh_token_metadata": nullable(record())})
REVOKE_REFRESH_TOKENS = record(
    {"ids": array(text(1), 1, 100), "user_id": text(1), "client_id": text(1), "audience": text(1)}
)
