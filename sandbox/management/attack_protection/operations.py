"""/attack-protection: read and changed, a PATCH merging at every depth.

Recorded: shapes, what a PATCH leaves alone, and that a challenge's secrets are not answered. Documented: what
a new tenant has (auth0.com/docs/secure/attack-protection). They are kept and shown; of what they guard, the
login here knows its own limits only. Not here: 403 insufficient_entitlement of the smaller plans.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ...store import Doc
from ..documents import without
from ..routing import Answer, Call, Operation
from ..schema import Schema
from ..singleton import Singleton
from . import schema

_PATH = "/attack-protection"


@dataclass(frozen=True, kw_only=True)
class Protection(Singleton):
    """A singleton whose PATCH merges into the objects inside objects too; lists are replaced."""

    def _update(self, call: Call) -> Answer:
        changed = merged(self.current(call), call.body)
        call.sandbox.store.put("settings", self.key, changed)
        return Answer(self.view(call, changed))


def merged(doc: Doc, patch: Doc) -> Doc:
    """The document with the patch's members, object by object."""
    result = dict(doc)
    for name, value in patch.items():
        inner = result.get(name)
        result[name] = (
            merged(inner if isinstance(inner, dict) else {}, value) if isinstance(value, dict) else value
        )
    return result


def _breached_password() -> Doc:
    return {
        "enabled": False,
        "shields": [],
        "admin_notification_frequency": [],
        "method": "standard",
        "stage": {"pre-user-registration": {"shields": []}, "pre-change-password": {"shields": []}},
    }


def _brute_force() -> Doc:
    return {
        "enabled": True,
        "shields": ["block", "user_notification"],
        "mode": "count_per_identifier_and_ip",
        "allowlist": [],
        "max_attempts": 10,
    }


def _suspicious_ip() -> Doc:
    return {
        "enabled": True,
        "shields": ["admin_notification", "block"],
        "allowlist": [],
        "stage": {
            "pre-login": {"max_attempts": 100, "rate": 864_000},
            "pre-user-registration": {"max_attempts": 50, "rate": 1200},
            "pre-custom-token-exchange": {"max_attempts": 10, "rate": 600_000},
        },
    }


def _bot_detection() -> Doc:
    policies = (
        "challenge_password_policy",
        "challenge_passwordless_policy",
        "challenge_password_reset_policy",
    )
    return {
        "bot_detection_level": "medium",
        **dict.fromkeys(policies, "never"),
        "allowlist": [],
        "monitoring_mode_enabled": False,
    }


def _captcha() -> Doc:
    return {
        "active_provider_id": "auth_challenge",
        "simple_captcha": {},
        "auth_challenge": {"fail_open": False},
    }


def _shown_captcha(call: Call, captcha: Doc) -> Doc:
    return {
        name: without(value, schema.SECRETS) if isinstance(value, dict) else value
        for name, value in captcha.items()
    }


def _protection(path: str, key: str, body: Schema, default: Callable[[], Doc]) -> Protection:
    return Protection(
        path=f"{_PATH}/{path}", key=key, scope="attack_protection", update=body, default=default
    )


_PROTECTIONS = (
    _protection(
        "breached-password-detection",
        "breached_password",
        schema.BREACHED_PASSWORD,
        _breached_password,
    ),
    _protection("brute-force-protection", "brute_force", schema.BRUTE_FORCE, _brute_force),
    _protection("suspicious-ip-throttling", "suspicious_ip", schema.SUSPICIOUS_IP, _suspicious_ip),
    _protection("bot-detection", "bot_detection", schema.BOT_DETECTION, _bot_detection),
    Protection(
        path=f"{_PATH}/captcha",
        key="captcha",
        scope="attack_protection",
        update=schema.CAPTCHA,
        default=_captcha,
        view=_shown_captcha,
    ),
)
OPERATIONS: tuple[Operation, ...] = tuple(
    operation for protection in _PROTECTIONS for operation in protection.operations()
)
