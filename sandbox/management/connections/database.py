"""What Auth0 adds to the options of a database. Source: recorded answers of POST and PATCH /connections."""

from typing import Any

from ...ids import Ids
from ...store import Doc

STRATEGY = "auth0"
_PASSKEYS: Doc = {
    "challenge_ui": "both",
    "progressive_enrollment_enabled": True,
    "local_enrollment_enabled": True,
}
# A new database's password rules are told both ways: `passwordPolicy` is what clients knew until 2026,
# `password_options` what they know since.
_PASSWORD_OPTIONS: Doc = {
    "complexity": {
        "character_type_rule": "all",
        "identical_characters": "allow",
        "sequential_characters": "allow",
        "max_length_exceeded": "error",
        "min_length": 15,
        "character_types": [],
    },
    "profile_data": {
        "active": False,
        "blocked_fields": [
            "name",
            "username",
            "nickname",
            "email",
            "phone_number",
            "user_metadata.name",
            "user_metadata.first",
            "user_metadata.last",
        ],
    },
    "history": {"active": False, "size": 3},
    "dictionary": {"active": False, "custom": [], "default": "en_100k"},
}


def new_options(options: Doc) -> Doc:
    """What a new database starts with besides what `completed` adds."""
    return {
        "mfa": {"active": True, "return_enroll_settings": True},
        "passwordPolicy": "good",
        "password_options": _PASSWORD_OPTIONS,
        "strategy_version": 2,
        **options,
    }


def completed(options: Doc) -> Doc:
    """Options as they are kept, after a POST and after a PATCH, which replaces them as a whole."""
    methods: dict[str, Any] = options.get("authentication_methods") or {}
    password = {"enabled": True, "api_behavior": "required", "signup_behavior": "allow"}
    return {
        "passkey_options": _PASSKEYS,
        "brute_force_protection": True,
        **options,
        "authentication_methods": {
            "passkey": {"enabled": False},
            **methods,
            "password": {**password, **(methods.get("password") or {})},
        },
        **_attributes(options),
    }


def _attributes(options: Doc) -> Doc:
    attributes: Doc = options.get("attributes") or {}
    if "email" not in attributes:
        return {}
    return {"attributes": {**attributes, "email": {"unique": True, **attributes["email"]}}}


def sealed(ids: Ids, options: Doc, current: Doc) -> Doc:
    """Options whose `configuration` is encrypted: the settings of a script are never told again.

    A value that comes back as it was answered is the value that was there; exports send it so.
    """
    configuration: Doc = options.get("configuration") or {}
    if not configuration:
        return options
    known = set((current.get("configuration") or {}).values())
    encrypted = {
        name: value if value in known else f"2.0${ids.hex(32)}${ids.hex(64)}${ids.hex(64)}"
        for name, value in configuration.items()
    }
    return {**options, "configuration": encrypted}
