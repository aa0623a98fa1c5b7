"""The tenant of a stage, and the guards that keep a stack at the one it has."""

import os

import pulumi
import pulumi_auth0 as auth0

from . import mending
from .ownership import PROVIDER, refuse_namesakes
from .settings import Settings
from .stage import is_local

_DOMAIN = "AUTH0_DOMAIN"


def provider(settings: Settings) -> auth0.Provider:
    """The provider for the stage's own tenant: credentials come from the environment, the domain never.

    Raises RunError when the environment names another tenant: its credentials are that one's, too.
    """
    domain = settings.auth0.domain
    if is_local(settings.stage):
        return auth0.Provider(PROVIDER, domain=domain)
    _refuse_inherited(domain, settings.stage)
    hooks = pulumi.ResourceHookBinding(before_update=[_guard()])
    it = auth0.Provider(PROVIDER, domain=domain, opts=pulumi.ResourceOptions(hooks=hooks))
    pulumi.runtime.register_resource_transform(refuse_namesakes(it, domain))
    return it


def _refuse_inherited(domain: str, stage: str) -> None:
    inherited = os.environ.get(_DOMAIN, "").strip().removeprefix("https://").rstrip("/").lower()
    if inherited and inherited != domain:
        raise pulumi.RunError(
            f"The stage '{stage}' belongs to the tenant {domain}, and {_DOMAIN} names {inherited}: nothing "
            f"was changed. Use the credentials of {domain}, and:\n    unset {_DOMAIN}"
        )


def _guard() -> pulumi.ResourceHook:
    # on_dry_run: a preview, too, must stop; to the engine another domain is a mere update of the provider.
    return pulumi.ResourceHook(
        "same-tenant", refuse_another_tenant, pulumi.ResourceHookOptions(on_dry_run=True)
    )


def refuse_another_tenant(args: pulumi.ResourceHookArgs) -> None:
    """Raises when an update of the provider would move the stack to another tenant."""
    old = (args.old_inputs or {}).get("domain")
    new = (args.new_inputs or {}).get("domain")
    if old and new and old != new:
        raise pulumi.RunError(
            f"This stack belongs to the tenant {old}, and auth0.domain says {new}: nothing was changed. "
            f"Put it back, or make another stage for {new}:\n"
            f"    {mending.setting('auth0.domain', str(old), pulumi.get_stack())}"
        )
