"""Bodies of /connections. Source: the parameters of POST and PATCH /api/v2/connections."""

from collections.abc import Iterable

from ..schema import Schema, anything, array, flag, integer, nullable, record, text

STRATEGIES = (
    "ad",
    "adfs",
    "amazon",
    "apple",
    "dropbox",
    "bitbucket",
    "auth0-oidc",
    "auth0",
    "baidu",
    "bitly",
    "box",
    "custom",
    "daccount",
    "dwolla",
    "email",
    "evernote-sandbox",
    "evernote",
    "exact",
    "facebook",
    "fitbit",
    "github",
    "google-apps",
    "google-oauth2",
    "instagram",
    "ip",
    "line",
    "linkedin",
    "oauth1",
    "oauth2",
    "office365",
    "oidc",
    "okta",
    "paypal",
    "paypal-sandbox",
    "pingfederate",
    "planningcenter",
    "salesforce-community",
    "salesforce-sandbox",
    "salesforce",
    "samlp",
    "sharepoint",
    "shopify",
    "shop",
    "sms",
    "soundcloud",
    "thirtysevensignals",
    "twitter",
    "untappd",
    "vkontakte",
    "waad",
    "weibo",
    "windowslive",
    "wordpress",
    "yahoo",
    "yandex",
    "notion-mcp",
    "asana",
    "atlassian",
    "cloudflare-mcp",
    "gitlab",
    "hubspot-mcp",
    "linear-mcp",
    "sentry-mcp",
    "slack",
)

_NAME = text(
    1,
    128,
    pattern="^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$",
    about="The name of the connection. Must start and end with an alphanumeric character and can only "
    "contain alphanumeric characters and '-'. Max length 128",
)
_STRATEGY = text(choices=STRATEGIES, about="The identity provider identifier for the connection")
_OPTIONS = record(
    about="In order to return options in the response, the `read:connections_options` scope must be present"
)
_PURPOSE = record({"active": flag()}, required=("active",), open_ended=True)

_CHANGEABLE = {
    "display_name": text(0, 128),
    "options": nullable(_OPTIONS),
    "enabled_clients": array(text(), unique=True),
    "is_domain_connection": flag(),
    "show_as_button": flag(),
    "realms": array(text(), unique=True),
    "metadata": nullable(record()),
    "authentication": _PURPOSE,
    "connected_accounts": _PURPOSE,
    "cross_app_access_requesting_app": nullable(_PURPOSE),
    "cross_app_access_resource_app": nullable(
        record({"status": text(choices=("enabled", "disabled"))}, ("status",), open_ended=True)
    ),
}

CREATE = record({"name": _NAME, "strategy": _STRATEGY, **_CHANGEABLE}, required=("name", "strategy"))
UPDATE = record(_CHANGEABLE)
# What every strategy's options have in common; the rest is kept as it came.
OPTIONS = record(
    {
        "options": record(
            {
                "set_user_root_attributes": nullable(
                    text(choices=("on_each_login", "on_first_login", "never_on_login"))
                ),
                "non_persistent_attrs": nullable(array(text(), unique=True)),
                "upstream_params": nullable(record()),
                "domain_aliases": nullable(array(text(), unique=True)),
                "brute_force_protection": nullable(flag()),
                "disable_signup": nullable(flag()),
                "strategy_version": nullable(integer()),
                "freeform_scopes": nullable(array(text())),
                "metadataXml": nullable(text()),
                "metadataUrl": nullable(text()),
                "fedMetadataXml": nullable(text()),
                "signingCert": nullable(text()),
                "oidc_metadata": nullable(record()),
            },
            open_ended=True,
        )
    },
    open_ended=True,
)
_ACTIVE = nullable(record({"active": flag()}, open_ended=True))
_ATTRIBUTE = nullable(
    record(
        {
            "identifier": _ACTIVE,
            "profile_required": nullable(flag()),
            "signup": nullable(record({"status": text()}, open_ended=True)),
        },
        open_ended=True,
    )
)
_ATTRIBUTES = record(dict.fromkeys(("email", "username", "phone_number"), _ATTRIBUTE), open_ended=True)
_METHODS = record({"password": nullable(record()), "passkey": nullable(record())}, open_ended=True)
DATABASE_OPTIONS = record(
    {
        "options": record(
            {
                "passwordPolicy": nullable(text(choices=("none", "low", "fair", "good", "excellent"))),
                "customScripts": nullable(record()),
                "configuration": nullable(record()),
                "import_mode": nullable(flag()),
                "enabledDatabaseCustomization": nullable(flag()),
                "requires_username": nullable(flag()),
                "password_complexity_options": nullable(
                    record({"min_length": integer(1, 128)}, open_ended=True)
                ),
                "password_history": nullable(
                    record({"enable": flag(), "size": integer(0, 24)}, open_ended=True)
                ),
                "password_dictionary": nullable(
                    record({"enable": flag(), "dictionary": array(text(0, 50), high=2000)}, open_ended=True)
                ),
                "password_no_personal_info": nullable(record({"enable": flag()}, open_ended=True)),
                "precedence": nullable(
                    array(text(choices=("email", "phone_number", "username")), 1, unique=True)
                ),
                "attributes": nullable(_ATTRIBUTES),
                "authentication_methods": nullable(_METHODS),
                "validation": anything(),
            },
            open_ended=True,
        )
    },
    open_ended=True,
)


def settings_of_scripts(names: Iterable[str]) -> Schema:
    """What `configuration` may hold: texts, under names of the caller's own."""
    configuration = nullable(record(dict.fromkeys(names, nullable(text())), open_ended=True))
    return record({"options": record({"configuration": configuration}, open_ended=True)}, open_ended=True)


UPDATE_CLIENTS = array(
    record({"client_id": text(1), "status": flag()}, required=("client_id", "status")), low=1, high=50
)
