"""The body of PATCH /tenants/settings.

Source: auth0.com/docs/api/management/v2/tenants, the provider's schema, the flags that auth0-deploy-cli lets
through (github.com/auth0/auth0-deploy-cli, tenant.ts), and recorded requests.
"""

from .schema import Schema, anything, array, flag, integer, nullable, number, record, text

_LONGEST_HOURS = 8760
# What a person may change, then what recorded tenants have besides: sending those back is let pass.
_FLAGS = tuple(
    [
        "allow_changing_enable_sso",
        "allow_legacy_delegation_grant_types",
        "allow_legacy_ro_grant_types",
        "allow_legacy_tokeninfo_endpoint",
        "change_pwd_flow_v1",
        "custom_domains_provisioning",
        "dashboard_insights_view",
        "dashboard_log_streams_next",
        "disable_clickjack_protection_headers",
        "disable_fields_map_fix",
        "disable_impersonation",
        "disable_management_api_sms_obfuscation",
        "enable_adfs_waad_email_verification",
        "enable_apis_section",
        "enable_client_connections",
        "enable_custom_domain_in_emails",
        "enable_dynamic_client_registration",
        "enable_idtoken_api2",
        "enable_legacy_logs_search_v2",
        "enable_legacy_profile",
        "enable_pipeline2",
        "enable_public_signup_user_exists_error",
        "enable_sso",
        "enforce_client_authentication_on_passwordless_start",
        "genai_trial",
        "improved_signup_bot_detection_in_classic",
        "local_resource_discovery",
        "mfa_show_factor_list_on_enrollment",
        "no_disclose_enterprise_connections",
        "remove_alg_from_jwks",
        "require_pushed_authorization_requests",
        "revoke_refresh_token_grant",
        "trust_azure_adfs_email_verified_connection_property",
        "use_scope_descriptions_for_consent",
        "allow_other_legacy_grant_types",
        "cannot_change_enforce_client_authentication_on_passwordless_start",
        "new_universal_login_experience_enabled",
        "non_oidc_conformant_updated_at",
        "universal_login",
    ]
)


def _page(about: str) -> Schema:
    return record({"enabled": flag(), "html": text()}, about=about)


def _quota() -> Schema:
    limits = {"enforce": flag(), "per_day": integer(1), "per_hour": integer(1)}
    return nullable(record({"client_credentials": record(limits)}, ("client_credentials",)))


def _lifetime(about: str) -> Schema:
    return number(1, _LONGEST_HOURS, about=about)


def _minutes(about: str) -> Schema:
    return number(1, _LONGEST_HOURS * 60, about=about)


LIFETIMES = (
    "session_lifetime",
    "idle_session_lifetime",
    "ephemeral_session_lifetime",
    "idle_ephemeral_session_lifetime",
)
_HOURS = "Number of hours a session will stay valid."
_BY_MINUTE = "Number of minutes a session will stay valid."
_COUNTRIES = {
    "list": array(text(2, 2, pattern="^[A-Z]{2}$"), 1, unique=True),
    "mode": text(choices=("allow", "deny")),
}
_ERROR_PAGE = record(
    {"html": text(), "show_log_link": flag(), "url": text()}, about="Tenant error page customization."
)
_SETTINGS: dict[str, Schema] = {
    "change_password": _page("Change Password page customization."),
    "guardian_mfa_page": _page("Guardian page customization."),
    "error_page": _ERROR_PAGE,
    "device_flow": record({"charset": text(choices=("base20", "digits")), "mask": text(0, 20)}),
    "default_audience": text(),
    "default_directory": text(),
    "default_token_quota": record({"clients": _quota(), "organizations": _quota()}),
    "flags": record(dict.fromkeys(_FLAGS, flag()), about="Flags used to change the behavior of this tenant."),
    "friendly_name": text(about="Friendly name for this tenant."),
    "picture_url": text(about="URL of logo to be shown for this tenant (recommended size: 150x150)"),
    "support_email": text(about="End-user support email."),
    "support_url": text(about="End-user support url."),
    "allowed_logout_urls": array(text(), about="URLs that are valid to redirect to after logout from Auth0."),
    **dict.fromkeys(LIFETIMES, _lifetime(_HOURS)),
    **{f"{name}_in_minutes": _minutes(_BY_MINUTE) for name in LIFETIMES},
    "sandbox_version": text(0, 8, about="Selected sandbox version for the extensibility environment"),
    "legacy_sandbox_version": text(0, 8),
    "default_redirection_uri": text(pattern="^$|^https://", about="The default absolute redirection uri"),
    "enabled_locales": array(text(1), 1, unique=True, about="Supported locales for the user interface"),
    "session_cookie": record({"mode": text(choices=("persistent", "non-persistent"))}, ("mode",)),
    "sessions": record(
        {"oidc_logout_prompt_enabled": flag(), "anonymous": record()}, about="Sessions related settings"
    ),
    "oidc_logout": record({"rp_logout_end_session_endpoint_discovery": flag()}),
    "allow_organization_name_in_authentication_api": flag(),
    "customize_mfa_in_postlogin_action": flag(),
    "acr_values_supported": array(text(1), 0, 100, unique=True),
    "mtls": record({"enable_endpoint_aliases": flag()}),
    "pushed_authorization_requests_supported": flag(),
    "authorization_response_iss_parameter_supported": flag(),
    "skip_non_verifiable_callback_uri_confirmation_prompt": flag(),
    "resource_parameter_profile": text(choices=("audience", "compatibility")),
    "client_id_metadata_document_supported": flag(),
    "client_id_metadata_document_dynamic_registration_supported": flag(),
    "phone_consolidated_experience": flag(),
    "dynamic_client_registration_security_mode": text(choices=("strict", "permissive")),
    "country_codes": record(_COUNTRIES, ("list", "mode")),
    "dpop_strict_refresh_token_binding": flag(),
    "enable_ai_guide": flag(),
    "include_session_metadata_in_tenant_logs": flag(),
    "access_token": record(),
    "security_headers": record(),
    # Old pages of the login, and what recorded tenants answer: an export sends them back.
    "universal_login": anything(),
    "sandbox_versions_available": anything(),
}
# Null takes a setting away, all but the flags as a whole.
UPDATE = record({name: schema if name == "flags" else nullable(schema) for name, schema in _SETTINGS.items()})
