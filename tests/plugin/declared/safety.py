"""The tenant's settings, attack protection, MFA, log streams and network rules."""

import pulumi_auth0 as auth0


def declare(later: bool) -> None:
    _tenant(later)
    auth0.AttackProtection(
        "protection",
        brute_force_protection={
            "enabled": True,
            "max_attempts": 5 if later else 10,
            "mode": "count_per_identifier_and_ip",
            "shields": ["block", "user_notification"],
            "allowlists": ["127.0.0.1"],
        },
        suspicious_ip_throttling={
            "enabled": later,
            "shields": ["block"],
            "allowlists": ["192.0.2.1"],
            "pre_login": {"max_attempts": 100, "rate": 864000},
            "pre_user_registration": {"max_attempts": 50, "rate": 1200},
        },
        breached_password_detection={
            "enabled": True,
            "method": "standard",
            "shields": ["block"],
            "admin_notification_frequencies": ["daily"],
        },
    )
    auth0.Guardian(
        "guardian",
        policy="all-applications" if later else "never",
        email=False,
        otp=True,
        recovery_code=later,
    )
    auth0.LogStream(
        "to-http",
        name="To us",
        type="http",
        status="paused" if later else "active",
        sink={
            "http_endpoint": "https://logs.example/auth0",
            "http_content_type": "application/json",
            "http_content_format": "JSONLINES",
            "http_authorization": "Bearer of-the-log",
        },
        filters=[{"type": "category", "name": "auth.login.fail"}],
    )
    auth0.LogStream(
        "to-datadog",
        name="To Datadog",
        type="datadog",
        sink={"datadog_region": "eu" if later else "us", "datadog_api_key": "0123456789abcdef"},
    )
    auth0.NetworkAcl(
        "acl",
        description="Nobody from there",
        active=later,
        priority=3,
        rule={
            "action": {"block": True},
            "scope": "authentication",
            "match": {"ipv4_cidrs": ["192.0.2.0/24"]},
        },
    )


def _tenant(later: bool) -> None:
    auth0.Tenant(
        "tenant",
        friendly_name="Example Ltd" if later else "Example",
        picture_url="https://example.com/picture.png",
        support_email="help@example.com",
        support_url="https://example.com/help",
        session_lifetime=24 if later else 48,
        idle_session_lifetime=12,
        enabled_locales=["en", "de"] if later else ["en"],
        default_redirection_uri="https://example.com/login",
        session_cookie={"mode": "non-persistent" if later else "persistent"},
        flags={"enable_client_connections": False, "disable_clickjack_protection_headers": True},
    )
