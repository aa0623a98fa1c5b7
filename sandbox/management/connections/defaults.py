"""What Auth0 adds to a connection's options. Source: recorded answers of POST and PATCH /connections."""

from typing import Any

from ...ids import Ids
from ...store import Doc

DATABASE = "auth0"
# Strategies whose answers carry what the connection may be used for.
_PURPOSEFUL = (DATABASE, "samlp")
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


def new_connection(ids: Ids, body: Doc) -> Doc:
    """A whole connection from a POST body (already checked)."""
    strategy, options = body["strategy"], body.get("options") or {}
    if strategy == DATABASE:
        options = {
            "mfa": {"active": True, "return_enroll_settings": True},
            "passwordPolicy": "good",
            "password_options": _PASSWORD_OPTIONS,
            "strategy_version": 2,
            **options,
        }
    connection: Doc = {
        "id": ids.connection(),
        "options": completed(strategy, options),
        "strategy": strategy,
        "name": body["name"],
        "is_domain_connection": False,
    }
    if strategy in _PURPOSEFUL:
        connection |= {"authentication": {"active": True}, "connected_accounts": {"active": False}}
    given = {name: value for name, value in body.items() if name != "options" and value is not None}
    connection |= {"enabled_clients": [], "realms": [body["name"]], **given}
    return connection


def completed(strategy: str, options: Doc) -> Doc:
    """Options as they are kept, after a POST and after a PATCH, which replaces them as a whole."""
    if strategy != DATABASE:
        return options
    methods: dict[str, Any] = options.get("authentication_methods") or {}
    password = {"enabled": True, "api_behavior": "required", "signup_behavior": "allow"}
    return {
        "passkey_options": _PASSKEYS,
        "brute_force_protection": True,
        **options,
        "authentication_methods": {
            "passkey": {"enabled": False},
            **methods,
            "password": {**password, **methods.get("password", {})},
        },
        **_attributes(options),
    }


def _attributes(options: Doc) -> Doc:
    attributes: Doc = options.get("attributes") or {}
    if "email" not in attributes:
        return {}
    return {"attributes": {**attributes, "email": {"unique": True, **attributes["email"]}}}
