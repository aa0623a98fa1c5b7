"""Settings of the tenant: /tenants/settings."""

from ..store import Doc
from .documents import patched, public, without
from .routing import Answer, Call, Operation
from .schema import record

KIND = "settings"
KEY = "tenant"

_UPDATE = record()
_READ = ("read:tenant_settings",)
_MERGED = ("flags", "change_password", "guardian_mfa_page")
# A PATCH answers these flags, a GET hides them (recorded); of the versions it is the other way round.
_HIDDEN_FLAGS = (
    "cannot_change_enforce_client_authentication_on_passwordless_start",
    "enforce_client_authentication_on_passwordless_start",
)
_VERSIONS = {"sandbox_versions_available": ["22", "18"]}


def new_settings() -> Doc:
    """What a new tenant answers."""
    return {
        "allowed_logout_urls": [],
        "change_password": {"enabled": False, "html": ""},
        "guardian_mfa_page": {"enabled": False, "html": ""},
        "enabled_locales": ["en"],
        "flags": {
            "allow_changing_enable_sso": False,
            "cannot_change_enforce_client_authentication_on_passwordless_start": True,
            "disable_impersonation": True,
            "enable_sso": True,
            "enforce_client_authentication_on_passwordless_start": True,
            "universal_login": True,
            "revoke_refresh_token_grant": False,
            "disable_clickjack_protection_headers": False,
        },
        "idle_session_lifetime": 72,
        "session_lifetime": 168,
        "sandbox_version": "22",
        "oidc_logout": {"rp_logout_end_session_endpoint_discovery": True},
    }


def get_settings(call: Call) -> Answer:
    settings = public(_settings(call))
    return Answer({**settings, "flags": without(settings["flags"], _HIDDEN_FLAGS), **_VERSIONS})


def update_settings(call: Call) -> Answer:
    settings = patched(_settings(call), call.body, _MERGED)
    call.sandbox.store.put(KIND, KEY, settings)
    return Answer(public(settings))


def _settings(call: Call) -> Doc:
    return call.sandbox.store.get(KIND, KEY) or new_settings()


OPERATIONS = (
    Operation("GET", "/tenants/settings", get_settings, _READ),
    Operation("PATCH", "/tenants/settings", update_settings, ("update:tenant_settings",), _UPDATE),
)
