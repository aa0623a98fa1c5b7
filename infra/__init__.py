"""The declaration of auth0-phone: settings, rendering and the components that a Pulumi program uses.

from auth0_phone.infra import PhoneVerification, PhoneVerificationArgs, Settings, render
"""

from typing import TYPE_CHECKING, Any

from .errors import SettingsError
from .render import render
from .secret import Secret
from .settings import Settings

if TYPE_CHECKING:
    from .components.phone_verification import PhoneVerification, PhoneVerificationArgs

__all__ = ["PhoneVerification", "PhoneVerificationArgs", "Secret", "Settings", "SettingsError", "render"]


def __getattr__(name: str) -> Any:
    # On first use: pulumi_auth0 takes a second to import, and rendering needs no engine.
    if name in ("PhoneVerification", "PhoneVerificationArgs"):
        from .components import phone_verification

        return getattr(phone_verification, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
