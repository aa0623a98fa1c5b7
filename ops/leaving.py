"""Leaving takes two steps: a destroy while the Action is bound is refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from .errors import OpsError

_DESTROY = frozenset({"destroy", "down", "dn"})  # one command, by its names
_MEMBERSHIP = "auth0:index/triggerAction:TriggerAction"
_LOGIN = "post-login"  # nobody waits for an answer of the phone provider's Action, which has a place, too


def destroys(arguments: Sequence[str]) -> bool:
    """Whether these words to Pulumi delete the stack's resources."""
    return (
        arguments[:1] != ["config"]
        and not _DESTROY.isdisjoint(arguments)
        and "--preview-only" not in arguments
    )


def refuse_while_bound(exported: Mapping[str, Any]) -> None:
    """Raise OpsError when a stack's state (`pulumi stack export`) holds the Action's place at its trigger."""
    resources = (exported.get("deployment") or {}).get("resources") or ()
    if any(_is_bound(resource) for resource in resources):
        raise OpsError(
            "The Action is still bound",
            "A destroy now would take it away from people who are logging in.",
            "First unbind it: make up SET=verification.enforcement=off; then run the command again",
        )


def _is_bound(resource: Mapping[str, Any]) -> bool:
    trigger = (resource.get("inputs") or {}).get("trigger")
    return resource.get("type") == _MEMBERSHIP and trigger == _LOGIN
