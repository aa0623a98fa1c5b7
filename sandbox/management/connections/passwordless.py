"""What the options of an sms connection may be. Source: the Management API's description of strategy sms.

Only types, choices and lengths are described; what isn't named here is kept as it came, as recorded.
"""

from ..schema import array, flag, integer, nullable, record, text, validate

_AUTHENTICATION = record(
    {
        "method": text(1),
        "subject": text(),
        "audience": text(1),
        "secret": text(1),
        "secret_base64_encoded": flag(),
    },
    required=("method", "audience", "secret"),
    open_ended=True,
)
_OPTIONS = record(
    {
        "name": text(),
        "provider": nullable(text(choices=("sms_gateway", "twilio"))),
        "from": nullable(text()),
        "template": nullable(text()),
        "syntax": nullable(text(choices=("liquid", "md_with_macros"))),
        "totp": nullable(record({"length": integer(1), "time_step": integer(1)}, open_ended=True)),
        "twilio_sid": nullable(text()),
        "twilio_token": nullable(text()),
        "messaging_service_sid": nullable(text()),
        "gateway_url": nullable(text(1, 255, pattern="^https?://")),
        "gateway_authentication": nullable(_AUTHENTICATION),
        "disable_signup": nullable(flag()),
        "brute_force_protection": nullable(flag()),
        "upstream_params": nullable(record()),
        "non_persistent_attrs": nullable(array(text())),
    },
    open_ended=True,
)
_BODY = record({"options": _OPTIONS}, open_ended=True)


def check_sms(options: object) -> None:
    """Raise Auth0Error 400 invalid_body for options no sms connection can have."""
    validate({"options": options}, _BODY)
