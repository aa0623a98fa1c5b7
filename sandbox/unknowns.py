"""What Auth0's documentation leaves open: the question, the switch that decides it here, the probe that asks.

The other switches steer a test (limits, time limits, build transitions) and stand for no question.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Unknown:
    """One question. `answers` says what each value of the switch means; `probe` is its name in
    `python -m sandbox probe`, or None where only reading the tenant's own traffic can tell."""

    question: str
    switch: str
    answers: Mapping[str, str]
    probe: str | None = None


UNKNOWNS = (
    Unknown(
        "Does an Action's redirect to an address seen before, with another query, count as the same address?",
        "redirect_url_unique_includes_query",
        {"true": "another query, another address", "false": "the query does not count"},
        "redirect-query",
    ),
    Unknown(
        "Where does a `/continue` with an expired or unknown state lead?",
        "expired_state",
        {"error_page": "an error page", "default_login_route": "the default login route"},
        "expired-state",
    ),
    Unknown(
        "How long must a returned token still live for `validateToken` to take it?",
        "validate_token_min_life_seconds",
        {"0": "until its last second", "60": "a minute"},
        "token-life",
    ),
    Unknown(
        "Does `validateToken` compare the token's `iss`?",
        "validate_token_checks_issuer",
        {"false": "no", "true": "yes"},
        "token-issuer",
    ),
    Unknown(
        "Which `event.transaction.protocol` do Actions see in the passwordless OTP grant?",
        "otp_protocol",
        {
            "oauth2-passwordless-otp": "a name of its own",
            "oauth2-resource-owner": "that of the password grant",
        },
        "otp-protocol",
    ),
    Unknown(
        "Has the bearer token for an SMS gateway `iss`, `iat` and `exp`?",
        "gateway_jwt_has_times",
        {"false": "`sub` and `aud` alone", "true": "all of them"},
        "gateway-token",
    ),
    Unknown(
        "Can `/passwordless/start` be asked for a connection of another name than its strategy?",
        "passwordless_names",
        {"canonical": "no", "any": "yes"},
        "passwordless-names",
    ),
    Unknown(
        "What is a blocked person's `/passwordless/start` answered?",
        "passwordless_blocked_user",
        {"refused": "an error", "silent": "success, and nothing is sent"},
        "blocked-person",
    ),
    Unknown(
        "Whose words does a passwordless message have that the tenant's phone provider sends?",
        "phone_template",
        {"tenant": "those of the tenant's template", "connection": "those of the connection"},
    ),
    Unknown(
        "Have numbers of the US their prefix when the phone provider's Action gets them?",
        "phone_us_numbers",
        {"prefixed": "yes", "bare": "no"},
    ),
    Unknown(
        "Is a message tried again whose phone provider's Action failed?",
        "phone_action_error",
        {"drop": "no", "retry": "yes, as if the Action had asked for it"},
    ),
    Unknown(
        "Do `/oauth/ro` and `/passwordless/verify` still answer?",
        "legacy_passwordless",
        {"refused": "they refuse the grant", "absent": "they are gone"},
        "legacy-passwordless",
    ),
    Unknown(
        "Are new rules and hooks still taken, after their end of life?",
        "legacy_extensibility",
        {"kept": "yes", "ended": "no"},
        "legacy-extensibility",
    ),
    Unknown(
        "Do Actions find after a redirect or a challenge what they had put into their cache before?",
        "action_cache_outlives_redirect",
        {"false": "no", "true": "yes; documented is that nobody may count on it"},
    ),
    Unknown(
        "Do the Actions around a sign-up run for users that the Management API makes?",
        "management_users_run_actions",
        {"true": "yes", "false": "no"},
    ),
)

# Switches that steer and answer no question.
STEERING = frozenset(
    {
        "sms_gateway_timeout_seconds",
        "passwordless_start_limit",
        "passwordless_page_limit",
        "vercel_domains_verified",
        "vercel_domains_configured",
        "action_build_reads",
        "action_build_seconds",
        "action_build_checks_syntax",
        "action_build_error",
        # Documented: it depends on when the tenant was made, and on a toggle.
        "connections_options_need_scopes",
    }
)
