"""Bodies of /clients. Source: the parameters of POST and PATCH /api/v2/clients."""

from collections.abc import Mapping

from ..schema import Schema, anything, array, flag, integer, nullable, record, text

_URLS = array(text())
METHODS = ("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth")

_APP_TYPES = (
    "native",
    "spa",
    "regular_web",
    "non_interactive",
    "resource_server",
    "express_configuration",
    "rms",
    "box",
    "cloudbees",
    "concur",
    "dropbox",
    "mscrm",
    "echosign",
    "egnyte",
    "newrelic",
    "office365",
    "salesforce",
    "sentry",
    "sharepoint",
    "slack",
    "springcm",
    "zendesk",
    "zoom",
    "sso_integration",
    "oag",
)

_JWT = record(
    {
        "lifetime_in_seconds": integer(1),
        "secret_encoded": flag(),
        "scopes": record(),
        "alg": text(choices=("HS256", "RS256", "RS512", "PS256")),
    },
    about="Configuration related to JWTs for the client.",
)

_POLICY = record({"audience": text(1), "scope": array(text())}, ("audience", "scope"), open_ended=True)
_REFRESH = record(
    {
        "rotation_type": text(choices=("rotating", "non-rotating")),
        "expiration_type": text(choices=("expiring", "non-expiring")),
        "leeway": integer(0),
        "token_lifetime": integer(1),
        "infinite_token_lifetime": flag(),
        "idle_token_lifetime": integer(1),
        "infinite_idle_token_lifetime": flag(),
        "policies": nullable(array(_POLICY)),
    },
    about="Refresh token configuration",
)

_ENABLED = record({"enabled": flag()}, open_ended=True)
_SOCIAL = record({"apple": _ENABLED, "facebook": _ENABLED, "google": _ENABLED}, open_ended=True)
_LEVELS = ("none", "fapi1_adv_pkj_par", "fapi1_adv_mtls_par", "fapi2_sp_pkj_mtls", "fapi2_sp_mtls_mtls")
# Both or neither, as recorded: one without the other is refused.
_DEFAULT_ORGANIZATION = record(
    {"organization_id": text(1), "flows": array(text(choices=("client_credentials",)), 1)},
    ("organization_id", "flows"),
    about="Defines the default Organization ID and flows",
)

_B2B = record(
    {
        "integration_type": text(choices=("custom_auth_server", "third_party", "application")),
        "sso_profiles": array(text(1), 0, 1),
    },
    open_ended=True,
)

_PROPERTIES: Mapping[str, Schema] = {
    "name": text(
        1,
        pattern="^[^<>]+$",
        about="The name of the client. Must contain at least one character. Does not allow '<' or '>'.",
    ),
    "description": text(0, 140, about="Free text description of the purpose of the Client."),
    "client_secret": text(1),
    "logo_uri": text(),
    "callbacks": _URLS,
    "oidc_logout": nullable(record()),
    "oidc_backchannel_logout": nullable(record()),
    "session_transfer": nullable(record()),
    "allowed_origins": _URLS,
    "web_origins": _URLS,
    "client_aliases": nullable(_URLS),
    "allowed_clients": _URLS,
    "allowed_logout_urls": _URLS,
    "grant_types": array(text()),
    "token_endpoint_auth_method": nullable(
        text(choices=("none", "client_secret_post", "client_secret_basic"))
    ),
    "is_token_endpoint_ip_header_trusted": flag(),
    "app_type": text(choices=_APP_TYPES),
    "is_first_party": flag(),
    "oidc_conformant": flag(),
    "jwt_configuration": _JWT,
    "encryption_key": nullable(record({"pub": text(), "cert": text(), "subject": text()})),
    "sso": flag(),
    "cross_origin_auth": flag(),
    "cross_origin_authentication": flag(),
    "cross_origin_loc": nullable(text()),
    "sso_disabled": flag(),
    "custom_login_page_on": flag(),
    "custom_login_page": text(),
    "custom_login_page_preview": text(),
    "form_template": text(),
    "addons": nullable(record()),
    "client_metadata": record(),
    "mobile": nullable(record()),
    "initiate_login_uri": text(about="Initiate login uri, must be https"),
    "native_social_login": nullable(_SOCIAL),
    "fedcm_login": nullable(record()),
    "refresh_token": nullable(_REFRESH),
    "default_organization": nullable(_DEFAULT_ORGANIZATION),
    "organization_usage": nullable(text(choices=("deny", "allow", "require"))),
    "organization_require_behavior": nullable(
        text(choices=("no_prompt", "pre_login_prompt", "post_login_prompt"))
    ),
    "organization_discovery_methods": nullable(array(text(choices=("email", "organization_name")), 1)),
    "require_pushed_authorization_requests": flag(),
    "require_proof_of_possession": flag(),
    "signed_request_object": nullable(record()),
    "token_vault_privileged_access": nullable(record()),
    "compliance_level": nullable(text(choices=_LEVELS)),
    "skip_non_verifiable_callback_uri_confirmation_prompt": nullable(flag()),
    "token_exchange": nullable(record()),
    "par_request_expiry": nullable(integer(10, 600)),
    "token_quota": nullable(record()),
    "identity_assertion_authorization_grant": nullable(record()),
    "anonymous_sessions": nullable(record()),
    "enforce_anon_session_transfer_network_binding": anything(),
    "third_party_security_mode": nullable(text(choices=("strict", "permissive"))),
    "redirection_policy": nullable(text(choices=("allow_always", "open_redirect_protection"))),
    "express_configuration": nullable(record()),
    "b2b_integration_configuration": nullable(_B2B),
    "my_organization_configuration": nullable(record()),
    "async_approval_notification_channels": nullable(array(text(choices=("guardian-push", "email", "sms")))),
    "oidc_support": anything(),
}

CREATE_CREDENTIAL = record(
    {
        "credential_type": text(choices=("public_key", "cert_subject_dn", "x509_cert")),
        "name": text(0, 128),
        "subject_dn": text(1),
        "pem": text(1),
        "alg": text(choices=("RS256", "RS384", "PS256")),
        "parse_expiry_from_cert": flag(),
        "expires_at": text(),
        "kid": text(),
    },
    required=("credential_type",),
)
UPDATE_CREDENTIAL = record({"expires_at": nullable(text())})


def _methods(credential: Schema) -> Schema:
    """Each way of authentication with the credentials that are enabled for it."""
    method = record({"credentials": array(credential)}, open_ended=True)
    return nullable(record(dict.fromkeys(METHODS, method), open_ended=True))


# A new application brings its credentials along, one that exists names those it has.
CREATE = record(
    {
        **_PROPERTIES,
        "resource_server_identifier": text(),
        "client_authentication_methods": _methods(CREATE_CREDENTIAL),
    },
    required=("name",),
)
UPDATE = record({**_PROPERTIES, "client_authentication_methods": _methods(record({"id": text(1)}, ("id",)))})
