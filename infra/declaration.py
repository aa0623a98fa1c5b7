"""A whole stage: its tenant's provider, its host, the Action, and its own SMS."""

from collections.abc import Mapping

import pulumi

from . import config, tenant
from .components import own_sms
from .components.form_hosting import FormHosting, FormHostingArgs
from .components.phone_verification import PhoneVerification, PhoneVerificationArgs
from .hosting import hosted_files
from .protection import protect
from .render import render
from .settings import Settings


def program() -> None:
    """Read the stage that the engine runs, judge it, render it, declare it and export its outputs.

    Raises SettingsError, RenderError or BundleError before anything is declared.
    """
    settings = Settings.from_mapping(config.read(pulumi.get_project()), stage=pulumi.get_stack())
    rendered = render(settings)
    for name, value in declare(settings, rendered, hosted_files(settings, rendered)).items():
        pulumi.export(name, value)


def declare(
    settings: Settings, rendered: Mapping[str, str], files: Mapping[str, str]
) -> dict[str, pulumi.Output[object]]:
    """Declare everything, and return what the stack exports.

    `rendered` is `render(settings)`, `files` is `hosted_files(settings, rendered)`. Nobody is led to the host
    before it answers.
    """
    if settings.protect:
        pulumi.runtime.register_resource_transform(protect)
    provider = tenant.provider(settings)
    hosting = FormHosting("hosting", FormHostingArgs(settings, files))
    args = PhoneVerificationArgs(settings, rendered, provider, hosting.ready)
    verification = PhoneVerification("phone-verification", args)
    sms = own_sms.declare(settings, rendered, provider, hosting.ready)
    return {**hosting.outputs, **verification.outputs, **sms}
