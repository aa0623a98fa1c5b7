"""What a tenant already has under a name of ours, and this stack did not make, is somebody else's.

The engine asks before it makes an Action or a connection, at previews too, so that a second stack on a tenant
is refused before anything is written. The same question finds credentials that the tenant does not take.
"""

import os
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pulumi

from . import mending
from .providers import importing

_ACTION = "auth0:index/action:Action"
# What may not be there twice by one name, and how the plugin looks for it.
_LOOKUPS = {
    _ACTION: "auth0:index/getAction:getAction",
    "auth0:index/connection:Connection": "auth0:index/getConnection:getConnection",
}
# The plugin's words at our pin; tests/journey/test_safety.py meets them.
_ABSENT = ("No action found with", "No connection found with")
# A refusal, as the plugin passes it on: by the Management API, or by the token endpoint (RFC 6749, 5.2).
_REFUSED = re.compile(
    r'\b40[013] [A-Z]|"(?:access_denied|invalid_client|invalid_grant|invalid_request|unauthorized_client)"'
)
# As much as is shown of what a tenant says.
_SAID = 300

PROVIDER = "tenant"
# How the phone provider's Action is called in the program, after its component; its name is no setting.
_SENDER = "-action"

Guard = Callable[[pulumi.ResourceHookArgs], Awaitable[None]]


def refuse_namesakes(provider: pulumi.ProviderResource, domain: str) -> pulumi.ResourceTransform:
    """A transform for the whole stack: nothing is made beside a namesake that the tenant already has."""
    # on_dry_run: the preview is where nothing has been written yet.
    hook = pulumi.ResourceHook(
        "no-namesake", namesake_guard(provider, domain), pulumi.ResourceHookOptions(on_dry_run=True)
    )

    def no_namesake(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ not in _LOOKUPS:
            return None
        asking = pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(before_create=[hook]))
        return pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions.merge(args.opts, asking))

    return no_namesake


def namesake_guard(provider: pulumi.ProviderResource, domain: str) -> Guard:
    """The hook: raises RunError when the tenant has one of that name, or does not answer us."""

    async def guard(args: pulumi.ResourceHookArgs) -> None:
        name = (args.new_inputs or {}).get("name")
        if not isinstance(name, str):
            return  # not known at this preview
        try:
            found = await pulumi.runtime.invoke_async(
                _LOOKUPS[args.type], {"name": name}, pulumi.InvokeOptions(provider=provider)
            )
        except Exception as error:  # the SDK raises no narrower one
            if any(words in str(error) for words in _ABSENT):
                return
            raise pulumi.RunError(_unanswered(domain, str(error))) from error
        raise pulumi.RunError(_taken(args, domain, name, found))

    return guard


def _taken(args: pulumi.ResourceHookArgs, domain: str, name: str, found: Mapping[str, Any]) -> str:
    stage = pulumi.get_stack()
    kind, mend = _kind(args, name, stage)
    # urn:pulumi:<stack>::<project>::<types of the parents, its own last>::<name>
    stack, project, _ = args.urn.split("::", 2)
    provider = f"{stack}::{project}::pulumi:providers:auth0::{PROVIDER}"
    # A component and what it makes in the tenant are called alike.
    parent = importing.parent_of(args.urn, _SENDER)
    take_over = importing.command(args.urn, str(found["id"]), parent, provider)
    return (
        f"The tenant {domain} already has the {kind} '{name}' ({found['id']}), and the stack '{stage}' would "
        "make another. It was not changed.\n"
        "  - If another stack or team made it, leave it to them:\n"
        f"      {mend}\n"
        "  - If an interrupted `pulumi up` of this stack made it, take it over:\n"
        f"      {take_over}"
        # A hook is not told whether what is to be made replaces something of the stack's own.
        f"\n  - If this update was told to replace it (`--replace`), leave that out: it would be a second "
        f"{kind} of one name, which Auth0 refuses."
    )


def _kind(args: pulumi.ResourceHookArgs, name: str, stage: str) -> tuple[str, str]:
    """What people call it, and the setting that leaves it alone."""
    if args.type != _ACTION:
        return "connection", mending.setting("sms.connectionName", f"{name}-{stage}", stage)
    if args.name.endswith(_SENDER):
        return "Action", mending.setting("sms.mode", "off", stage)
    return "Action", mending.setting("action.name", f"{name} {stage}", stage)


def _unanswered(domain: str, said: str) -> str:
    refused = _REFUSED.search(said) is not None
    what = f"does not let in {_who()}" if refused else "does not answer now"
    mend = (
        f"Give the credentials of an application of {domain}, with the scopes of docs/scopes.md."
        if refused
        else "Run it again when the tenant, and this machine's way to it, have recovered."
    )
    return (
        f"The stack '{pulumi.get_stack()}' belongs to the tenant {domain}, and that {what}. It said:\n"
        f"      {_told(said)}\n"
        f"  {mend}"
    )


def _who() -> str:
    """Whose credentials the plugin uses: a token before an application."""
    if os.environ.get("AUTH0_API_TOKEN"):
        return "the token in AUTH0_API_TOKEN"
    client = os.environ.get("AUTH0_CLIENT_ID")
    return f"the application {client} (AUTH0_CLIENT_ID)" if client else "us: AUTH0_CLIENT_ID is not set"


def _told(said: str) -> str:
    """What the tenant said, in one line, of what the plugin wraps in its own calls."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["nothing"]
    return next((line for line in lines if line.startswith("* ")), lines[-1]).removeprefix("* ")[:_SAID]
