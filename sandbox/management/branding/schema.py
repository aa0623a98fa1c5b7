"""Bodies of /branding/phone. Source: auth0.com/docs/api/management/v2/branding, and recorded requests."""

from ..schema import array, flag, record, text

DELIVERY_METHODS = ("text", "voice")
TYPES = ("otp_verify", "otp_enroll", "change_password", "blocked_account", "password_breach")

_METHODS = array(text(choices=DELIVERY_METHODS), 1, len(DELIVERY_METHODS), unique=True)
_TWILIO = {"sid": text(1, 255), "default_from": text(1, 255), "mssid": text(1, 255)}
# What each provider is configured with; which of them applies depends on the name. A custom provider may keep
# Twilio's settings: the provider's acceptance tests change one into the other and read them back.
CONFIGURATION = {
    "twilio": record(
        {**_TWILIO, "delivery_methods": _METHODS},
        ("sid", "delivery_methods"),
    ),
    "custom": record({**_TWILIO, "delivery_methods": _METHODS}, ("delivery_methods",)),
}
_TOKEN = {"auth_token": text(1, 255)}
CREDENTIALS = {"twilio": record(_TOKEN, ("auth_token",)), "custom": record(_TOKEN)}

_PROVIDER = {
    "name": text(1, choices=CONFIGURATION, about="Name of the phone notification provider"),
    "disabled": flag(about="Whether the provider is enabled (false) or disabled (true)."),
    "configuration": record(),
    "credentials": record(about="Provider credentials required to use authenticate to the provider."),
}
CREATE_PROVIDER = record(_PROVIDER, ("name", "credentials"))
UPDATE_PROVIDER = record(_PROVIDER)

_CONTENT = {
    "from": text(1, 255, about="Default phone number to be used as 'from' when sending a phone notification"),
    "body": record({"text": text(1, 20_000), "voice": text(1, 20_000)}),
}
CREATE_TEMPLATE = record(
    {
        "type": text(1, 255, choices=TYPES),
        "disabled": flag(about="Whether the template is enabled (false) or disabled (true)."),
        "content": record({"syntax": text(choices=("liquid",)), **_CONTENT}),
    }
)
UPDATE_TEMPLATE = record({"content": record(_CONTENT), "disabled": flag()})

TRY = record({"to": text(1, 16), "delivery_method": text(choices=DELIVERY_METHODS)}, ("to",))
