"""What an Action may ask for: the commands of its `api`, and the members each of them has.

The scripts inside an Action's realm make the commands, and an Action can change everything in its realm.
"""

from typing import Any

Wish = dict[str, Any]

_TEXT = (str,)
_ONE_VALUE = (str, int, float, bool, type(None))
_REQUIRED: dict[str, dict[str, tuple[type, ...]]] = {
    "app_metadata": {"key": _TEXT},
    "claim": {"target": _TEXT, "key": _TEXT},
    "deny": {},
    "drop": {"reason": _TEXT},
    "factors": {"purpose": _TEXT, "preferred": (bool,), "factors": (list,)},
    "method": {"url": _TEXT},
    "multifactor": {"provider": _TEXT, "options": (dict,)},
    "primary_user": {"id": _TEXT},
    "redirect": {"url": _TEXT},
    "refresh_token_expiry": {},
    "refresh_token_metadata": {"metadata": (dict,)},
    "refresh_token_revoke": {},
    "retry": {"reason": _TEXT},
    "scope": {},
    "session_cookie_mode": {"mode": _TEXT},
    "session_expiry": {},
    "session_metadata": {"metadata": (dict,)},
    "session_revoke": {},
    "target_scopes": {"scopes": (list,)},
    "transaction_metadata": {"key": _TEXT, "value": _ONE_VALUE},
    "unsupported": {"name": _TEXT},
    "user_metadata": {"key": _TEXT},
    "validation_error": {"code": _TEXT, "message": _TEXT},
}
_OPTIONAL: dict[str, dict[str, tuple[type, ...]]] = {
    "refresh_token_expiry": {"absolute": (int, float), "idle": (int, float)},
    "scope": {"add": _TEXT, "remove": _TEXT},
    "session_expiry": {"absolute": (int, float), "idle": (int, float)},
    "session_revoke": {"options": (dict, type(None))},
}


def unknown(commands: list[Wish]) -> str | None:
    """The type of the first command that no `api` gives; None when all of them are known and whole."""
    return next((str(one.get("type")) for one in commands if not _is_known(one)), None)


def _is_known(command: Wish) -> bool:
    kind = command.get("type")
    if not isinstance(kind, str) or kind not in _REQUIRED:
        return False
    given = {name: types for name, types in _OPTIONAL.get(kind, {}).items() if name in command}
    members = {**_REQUIRED[kind], **given}
    return (
        all(name in command and isinstance(command[name], types) for name, types in members.items())
        and (kind != "scope" or bool(given))
        and (kind != "factors" or all(_is_factor(one) for one in command["factors"]))
        and (kind != "target_scopes" or all(isinstance(one, str) for one in command["scopes"]))
    )


def _is_factor(given: Any) -> bool:
    return (
        isinstance(given, dict)
        and isinstance(given.get("type"), str)
        and isinstance(given.get("options", {}), dict)
    )
