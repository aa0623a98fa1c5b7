"""The declaration of auth0-phone: settings, rendering and the components that a Pulumi program uses.

from auth0_phone.infra import PhoneVerification, PhoneVerificationArgs, Settings, render
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import SettingsError
from .render import render
from .secret import Secret
from .settings import Settings

if TYPE_CHECKING:
    from .components.phone_provider import PhoneProvider, PhoneProviderArgs
    from .components.phone_verification import PhoneVerification, PhoneVerificationArgs
    from .components.sms_connection import SmsConnection, SmsConnectionArgs

__all__ = [
    "PhoneProvider",
    "PhoneProviderArgs",
    "PhoneVerification",
    "PhoneVerificationArgs",
    "Secret",
    "Settings",
    "SettingsError",
    "SmsConnection",
    "SmsConnectionArgs",
    "render",
]
_COMPONENTS = {
    "PhoneProvider": "phone_provider",
    "PhoneVerification": "phone_verification",
    "SmsConnection": "sms_connection",
}


def __getattr__(name: str) -> Any:
    # On first use: pulumi_auth0 takes a second to import, and rendering needs no engine.
    if module := _COMPONENTS.get(name.removesuffix("Args")):
        return getattr(import_module(f"{__name__}.components.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
