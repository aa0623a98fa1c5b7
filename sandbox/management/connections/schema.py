"""Bodies of /connections. Source: the parameters of POST and PATCH /api/v2/connections."""

from ..schema import array, flag, nullable, record, text

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
    "metadata": record(),
    "authentication": _PURPOSE,
    "connected_accounts": _PURPOSE,
    "cross_app_access_requesting_app": nullable(record()),
    "cross_app_access_resource_app": nullable(record()),
}

CREATE = record(
    {"name": _NAME, "strategy": text(choices=STRATEGIES), **_CHANGEABLE}, required=("name", "strategy")
)
UPDATE = record(_CHANGEABLE)
UPDATE_CLIENTS = array(
    record({"client_id": text(1), "status": flag()}, required=("client_id", "status")), low=1, high=50
)
