"""Protection of what a stage must not lose by mistake."""

from collections.abc import Mapping
from typing import Any

import pulumi

from . import mending

# The bindings are not among them: the trigger's list is retained whenever it leaves the stack, and our place
# in it has to go at once when enforcement is turned off; a destroy spares it as long as it spares the Action.
PROTECTED = frozenset({"auth0:index/action:Action", "auth0:index/connection:Connection"})


def protect(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """A transform for the whole stack: protected resources stop any plan that deletes or replaces them.

    A resource that says `protect=False` itself is left out.
    """
    if args.type_ not in PROTECTED or args.opts.protect is False:
        return None
    opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True))
    return pulumi.ResourceTransformResult(args.props, opts)


def connection_guard(protected: bool) -> pulumi.ResourceOptions:
    """For the component that holds the SMS connection: another name is another connection, without its users.

    The engine would say that a resource cannot be replaced, and on an unprotected stage nothing at all.
    """
    told = refuse_another_connection if protected else tell_of_another_connection
    # on_dry_run: the preview is where a person can still think again.
    hook = pulumi.ResourceHook("same-connection", told, pulumi.ResourceHookOptions(on_dry_run=True))
    return pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(before_update=[hook]))


def refuse_another_connection(args: pulumi.ResourceHookArgs) -> None:
    if names := _renamed(args):
        mend = mending.setting("sms.connectionName", names[0], pulumi.get_stack())
        raise pulumi.RunError(
            f"The SMS connection is '{names[0]}', and sms.connectionName says '{names[1]}'. Auth0 renames no "
            "connection: this one would be deleted with its users, and another made. Nothing was changed. "
            f"Put the name back:\n    {mend}"
        )


def tell_of_another_connection(args: pulumi.ResourceHookArgs) -> None:
    if names := _renamed(args):
        pulumi.log.warn(
            f"The SMS connection '{names[0]}' is deleted, with its users, and '{names[1]}' is made: "
            "Auth0 renames no connection."
        )


def _renamed(args: pulumi.ResourceHookArgs) -> tuple[str, str] | None:
    old, new = _name(args.old_inputs), _name(args.new_inputs)
    return (old, new) if old and new and old != new else None


def _name(inputs: Mapping[str, Any] | None) -> str:
    return str((inputs or {}).get("connectionName") or "")
