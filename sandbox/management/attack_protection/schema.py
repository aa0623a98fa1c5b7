"""Bodies of /attack-protection.

Source: auth0.com/docs/api/management/v2/attack-protection, the provider's schema, and recorded requests.
"""

from collections.abc import Iterable

from ..schema import Schema, array, flag, integer, nullable, record, text

_ADDRESSES = array(
    text(1), about="List of trusted IP addresses that will not have attack protection enforced against them."
)
_POLICIES = ("never", "when_risky", "always")
_ENABLED = flag("Whether or not attack protection is active.")


def _some_of(*choices: str) -> Schema:
    return array(text(choices=choices), 0, len(choices), unique=True)


_GUARDED = record({"shields": _some_of("block", "admin_notification")})
BREACHED_PASSWORD = record(
    {
        "enabled": _ENABLED,
        "shields": _some_of("block", "user_notification", "admin_notification"),
        "admin_notification_frequency": _some_of("immediately", "daily", "weekly", "monthly"),
        "method": text(choices=("standard", "enhanced")),
        "stage": record(
            dict.fromkeys(("pre-login", "pre-user-registration", "pre-change-password"), _GUARDED)
        ),
    }
)
BRUTE_FORCE = record(
    {
        "enabled": _ENABLED,
        "shields": _some_of("block", "user_notification"),
        "allowlist": _ADDRESSES,
        "mode": text(choices=("count_per_identifier_and_ip", "count_per_identifier")),
        "max_attempts": integer(1, 100, about="Maximum number of unsuccessful attempts."),
        "form_submission_mode": text(choices=("auto", "manual")),
    }
)
_RATE = record({"max_attempts": integer(0), "rate": integer(0)})
SUSPICIOUS_IP = record(
    {
        "enabled": _ENABLED,
        "shields": _some_of("block", "admin_notification"),
        "allowlist": _ADDRESSES,
        "stage": record(
            dict.fromkeys(("pre-login", "pre-user-registration", "pre-custom-token-exchange"), _RATE)
        ),
    }
)
BOT_DETECTION = record(
    {
        "bot_detection_level": text(choices=("low", "medium", "high")),
        "challenge_password_policy": text(choices=_POLICIES),
        "challenge_passwordless_policy": text(choices=_POLICIES),
        "challenge_password_reset_policy": text(choices=_POLICIES),
        "allowlist": array(text(1), unique=True),
        "monitoring_mode_enabled": flag(),
    }
)


def _captcha(required: Iterable[str], optional: Iterable[str] = ()) -> Schema:
    names = tuple(required)
    return record(
        {**dict.fromkeys(names, text(1)), **dict.fromkeys(optional, text()), "fail_open": flag()}, names
    )


# Each provider of challenges with what it is given; of these, SECRETS are never answered.
_CAPTCHAS: dict[str, Schema] = {
    "arkose": _captcha(("site_key", "secret"), ("client_subdomain", "verify_subdomain")),
    "auth_challenge": record({"fail_open": flag()}, ("fail_open",)),
    "friendly_captcha": _captcha(("site_key", "secret")),
    "hcaptcha": _captcha(("site_key", "secret")),
    "recaptcha_enterprise": _captcha(("site_key", "api_key", "project_id")),
    "recaptcha_v2": _captcha(("site_key", "secret")),
    "simple_captcha": record({}),
}
SECRETS = ("secret", "api_key")
CAPTCHA = record(
    {
        "active_provider_id": nullable(text(choices=("", *_CAPTCHAS), about="The id of the active provider")),
        **_CAPTCHAS,
    }
)
