"""The Pulumi program: read the stage, judge it, render it, declare it."""

import sys
from pathlib import Path

import pulumi

# `main: infra/` puts this folder first on the path; its modules are reached from the root, as one package:
# hence imports that do not stand first.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from infra import PhoneVerification, PhoneVerificationArgs, Settings, config, render, tenant  # noqa: E402
from infra.components import own_sms  # noqa: E402
from infra.errors import RenderError, SettingsError  # noqa: E402
from infra.protection import protect  # noqa: E402

SAID = 32  # to the language host: the person has been told, add nothing


def declare() -> None:
    try:
        settings = Settings.from_mapping(config.read(pulumi.get_project()), stage=pulumi.get_stack())
        rendered = render(settings)
    except (SettingsError, RenderError) as error:
        pulumi.log.error(str(error))
        sys.exit(SAID)
    if settings.protect:
        pulumi.runtime.register_resource_transform(protect)
    provider = tenant.provider(settings)
    verification = PhoneVerification(
        "phone-verification", PhoneVerificationArgs(settings, rendered, provider)
    )
    for name in ("action_id", "action_version", "form_url", "tenant", "bound", "form_bundle", "contract"):
        pulumi.export(name, getattr(verification, name))
    for name, value in own_sms.declare(settings, rendered, provider).items():
        pulumi.export(name, value)


declare()
