"""Settings of the tenant: /tenants/settings.

Recorded: shapes, merges, that null removes, which flags a GET hides, and that lifetimes sent in minutes are
answered in hours. Documented: the members. Not documented: how lifetimes that contradict each other are
refused (here they are kept).
"""

from ..store import Doc
from . import paging
from .documents import patched, public, without
from .routing import Answer, Call, Operation
from .tenant_schema import LIFETIMES, UPDATE

KIND = "settings"
KEY = "tenant"

_READ = ("read:tenant_settings",)
_MERGED = ("flags", "change_password", "guardian_mfa_page", "error_page", "sessions", "oidc_logout")
# A PATCH answers these flags, a GET hides them; of the versions, and of a setting nobody touched, it is the
# other way round (recorded).
_HIDDEN_FLAGS = (
    "cannot_change_enforce_client_authentication_on_passwordless_start",
    "enforce_client_authentication_on_passwordless_start",
)
_VERSIONS = {"sandbox_versions_available": ["22", "18"]}
_UNTOUCHED = {"client_id_metadata_document_supported": False}


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
        "ephemeral_session_lifetime": 72,
        "idle_ephemeral_session_lifetime": 24,
        "sandbox_version": "22",
        "oidc_logout": {"rp_logout_end_session_endpoint_discovery": True},
        "resource_parameter_profile": "audience",
        "phone_consolidated_experience": False,
    }


def get_settings(call: Call) -> Answer:
    settings = public(_settings(call))
    shown = {**_UNTOUCHED, **settings, "flags": without(settings["flags"], _HIDDEN_FLAGS), **_VERSIONS}
    return Answer(paging.selected(call, shown))


def update_settings(call: Call) -> Answer:
    body = without(_in_hours(call.body), _VERSIONS)
    settings = patched(_settings(call), body, _MERGED)
    call.sandbox.store.put(KIND, KEY, settings)
    return Answer(public(settings))


def _in_hours(body: Doc) -> Doc:
    """Lifetimes in minutes are another way to write those in hours."""
    result = dict(body)
    for name in LIFETIMES:
        minutes = result.pop(f"{name}_in_minutes", None)
        if minutes is not None:
            hours = minutes / 60
            result[name] = int(hours) if hours.is_integer() else hours
    return result


def _settings(call: Call) -> Doc:
    return call.sandbox.store.get(KIND, KEY) or new_settings()


OPERATIONS = (
    Operation("GET", "/tenants/settings", get_settings, _READ),
    Operation("PATCH", "/tenants/settings", update_settings, ("update:tenant_settings",), UPDATE),
)
