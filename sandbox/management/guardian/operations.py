"""Everything below /guardian: the factors, and the settings of each.

Source: the provider's code and auth0.com/docs/api/management/v2/guardian; nothing of it was recorded here. Of
push notifications' secrets a client reads none back; Twilio's token it does.
"""

from ...store import Doc
from ..routing import Operation
from ..schema import Schema, array, flag, integer, nullable, record, text
from . import factors
from .settings import Setting

_ENROLLMENT = (
    "{{code}} is your verification code for {{tenant.friendly_name}}. Please enter this code to verify your "
    "enrollment."
)
_VERIFICATION = "{{code}} is your verification code for {{tenant.friendly_name}}"
_TWILIO = ("from", "messaging_service_sid", "auth_token", "sid")
_SNS = (
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_region",
    "sns_apns_platform_application_arn",
    "sns_gcm_platform_application_arn",
)
_DUO = ("ikey", "skey", "host")
_PHONE_PROVIDERS = ("auth0", "twilio", "phone-message-hook")
_OTP = record({"otp_length": integer(4, 10), "otp_expiration_time": integer(1)}, open_ended=True)
_SESSION = {
    "display_remember_me_checkbox": True,
    "remember_me_default_value": False,
    "mfa_session_inactivity_timeout": 259_200,
    "mfa_session_overall_timeout": 2_592_000,
}


def _texts(names: tuple[str, ...]) -> Schema:
    return record(dict.fromkeys(names, nullable(text())))


def _nothing(names: tuple[str, ...]) -> Doc:
    return dict.fromkeys(names)


def _templates() -> Doc:
    return {"enrollment_message": _ENROLLMENT, "verification_message": _VERIFICATION}


def _messages(channel: str) -> tuple[Setting, ...]:
    """What `sms` and its successor `phone` both have."""
    base = f"factors/{channel}"
    message = text(1, 160)
    templates = ("enrollment_message", "verification_message")
    return (
        Setting(
            path=f"{base}/selected-provider",
            body=record({"provider": text(choices=_PHONE_PROVIDERS)}, ("provider",)),
            members=lambda: {"provider": "auth0"},
        ),
        Setting(
            path=f"{base}/templates",
            body=record(dict.fromkeys(templates, message), templates),
            members=_templates,
        ),
        Setting(
            path=f"{base}/providers/twilio",
            body=_texts(_TWILIO),
            members=lambda: _nothing(_TWILIO),
        ),
    )


def _with_certificate(apns: Doc) -> Doc:
    """Apple's service is on as soon as there is a certificate for it (the provider's tests)."""
    return {**apns, "enabled": bool(apns.get("p12"))}


def _webauthn(kind: str, members: Doc) -> Setting:
    properties = {
        "overrideRelyingParty": flag(),
        "relyingPartyIdentifier": nullable(text()),
        "userVerification": text(choices=("discouraged", "preferred", "required")),
    }
    return Setting(
        path=f"factors/webauthn-{kind}/settings",
        body=record(properties),
        members=lambda: dict(members),
        patch=True,
    )


_RELYING_PARTY: Doc = {"overrideRelyingParty": False, "relyingPartyIdentifier": None}
_PUSH = "factors/push-notification"
SETTINGS = (
    *_messages("sms"),
    *_messages("phone"),
    Setting(
        path="factors/phone/message-types",
        body=record(
            {"message_types": array(text(choices=("sms", "voice")), 0, 2, unique=True)}, ("message_types",)
        ),
        members=lambda: {"message_types": []},
    ),
    *(
        Setting(
            path=f"factors/{channel}/settings",
            body=_OTP,
            members=lambda: {"otp_length": 6, "otp_expiration_time": 300},
        )
        for channel in ("phone", "email")
    ),
    _webauthn("roaming", {"userVerification": "discouraged", **_RELYING_PARTY}),
    _webauthn("platform", _RELYING_PARTY),
    Setting(path="factors/duo/settings", body=_texts(_DUO), members=lambda: _nothing(_DUO), patch=True),
    Setting(
        path=f"{_PUSH}/selected-provider",
        body=record({"provider": text(choices=("guardian", "sns", "direct"))}, ("provider",)),
        members=lambda: {"provider": "guardian"},
    ),
    Setting(
        path=f"{_PUSH}/providers/sns",
        body=_texts(_SNS),
        members=lambda: _nothing(_SNS),
        secret=("aws_secret_access_key",),
        patch=True,
    ),
    Setting(
        path=f"{_PUSH}/providers/apns",
        body=record({"sandbox": flag(), "bundle_id": nullable(text()), "p12": nullable(text())}),
        members=lambda: {"bundle_id": None, "sandbox": False, "enabled": False},
        secret=("p12",),
        patch=True,
        settled=_with_certificate,
    ),
    # What is sent to Firebase is never read back.
    Setting(
        path=f"{_PUSH}/providers/fcm",
        body=_texts(("server_key",)),
        members=dict,
        patch=True,
        readable=False,
    ),
    Setting(
        path=f"{_PUSH}/providers/fcmv1",
        body=_texts(("server_credentials",)),
        members=dict,
        patch=True,
        readable=False,
    ),
    Setting(
        path="settings",
        body=record(
            {
                "display_remember_me_checkbox": flag(),
                "remember_me_default_value": flag(),
                "mfa_session_inactivity_timeout": integer(1),
                "mfa_session_overall_timeout": integer(1),
            },
            _SESSION,
        ),
        members=lambda: dict(_SESSION),
    ),
)
OPERATIONS: tuple[Operation, ...] = (
    *factors.OPERATIONS,
    *(operation for setting in SETTINGS for operation in setting.operations()),
)
