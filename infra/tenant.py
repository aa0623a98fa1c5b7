"""The tenant of a stage, and the guard that keeps a stack at the one it has."""

import pulumi
import pulumi_auth0 as auth0

from . import mending
from .settings import Settings
from .stage import is_local


def provider(settings: Settings) -> auth0.Provider:
    """The provider for the stage's own tenant: credentials come from the environment, the domain never."""
    hooks = None if is_local(settings.stage) else pulumi.ResourceHookBinding(before_update=[_guard()])
    return auth0.Provider("tenant", domain=settings.auth0.domain, opts=pulumi.ResourceOptions(hooks=hooks))


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
