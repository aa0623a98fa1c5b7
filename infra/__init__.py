"""The declaration of auth0-phone: settings, rendering and the components that a Pulumi program uses.

from auth0_phone.infra import PhoneVerification, PhoneVerificationArgs, Settings, render
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .components.form_hosting import FormHosting, FormHostingArgs
    from .components.phone_provider import PhoneProvider, PhoneProviderArgs
    from .components.phone_verification import PhoneVerification, PhoneVerificationArgs
    from .components.sms_connection import SmsConnection, SmsConnectionArgs
    from .errors import SettingsError
    from .hosting import hosted_files
    from .render import render
    from .secret import Secret
    from .settings import Settings

__all__ = [
    "FormHosting",
    "FormHostingArgs",
    "PhoneProvider",
    "PhoneProviderArgs",
    "PhoneVerification",
    "PhoneVerificationArgs",
    "Secret",
    "Settings",
    "SettingsError",
    "SmsConnection",
    "SmsConnectionArgs",
    "hosted_files",
    "render",
]
_PLACES = {
    "FormHosting": "components.form_hosting",
    "PhoneProvider": "components.phone_provider",
    "PhoneVerification": "components.phone_verification",
    "SmsConnection": "components.sms_connection",
    "Secret": "secret",
    "Settings": "settings",
    "SettingsError": "errors",
    "hosted_files": "hosting",
}


# All of it on first use: pulumi_auth0 takes a second to import, which rendering does without, and settings
# a third of one, which the provider's process does without.
def __getattr__(name: str) -> Any:
    if place := _PLACES.get(name.removesuffix("Args"), _PLACES.get(name)):
        return getattr(import_module(f"{__name__}.{place}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class _Package(ModuleType):
    @property
    def render(self) -> Any:
        """The function; importing the module of that name would put that in its place."""
        return import_module(f"{__name__}.render").render

    @render.setter
    def render(self, module: ModuleType) -> None:
        """What the import system does with every submodule."""


sys.modules[__name__].__class__ = _Package
