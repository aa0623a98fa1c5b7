"""Leaving takes two steps: a destroy while the Action is bound is refused."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .errors import OpsError

_DESTROY = frozenset({"destroy", "down", "dn"})  # one command, by its names
# Pulumi's options that take no value (`pulumi --help`); before its command every other takes the next word.
_FLAGS = {"-e", "--emoji", "-Q", "--fully-qualify-stack-names", "-h", "--help", "--version"}
_FLAGS |= {"--disable-integrity-checking", "--logflow", "--logtostderr", "--non-interactive"}
_PREVIEW = "--preview-only"
_TRUE = frozenset({_PREVIEW, *(f"{_PREVIEW}={word}" for word in ("1", "t", "T", "true", "TRUE", "True"))})
_MEMBERSHIP = "auth0:index/triggerAction:TriggerAction"
_LIST = "auth0:index/triggerActions:TriggerActions"
LOGIN = "post-login"  # nobody waits for an answer of the phone provider's Action, which has a place, too


def destroys(arguments: Sequence[str]) -> bool:
    """Whether these words to Pulumi delete the stack's resources."""
    if _command(arguments) not in _DESTROY:
        return False
    said = [word for word in arguments if word.partition("=")[0] == _PREVIEW]
    return not said or said[-1] not in _TRUE


def _command(arguments: Sequence[str]) -> str:
    """The first word that is no option of Pulumi's, nor an option's value; empty without one."""
    words = iter(arguments)
    for word in words:
        if not word.startswith("-"):
            return word
        is_long, is_short = word.startswith("--"), len(word) == 2
        if word not in _FLAGS and "=" not in word and (is_long or is_short):
            next(words, None)
    return ""


def refuse_while_bound(
    exported: Mapping[str, Any], unbind: str = "make up SET=verification.enforcement=off"
) -> None:
    """Raise OpsError when a stack's state (`pulumi stack export`) holds the Action's place at its trigger.

    `unbind` is what takes it away there, alone.
    """
    resources = (exported.get("deployment") or {}).get("resources") or ()
    if any(resource.get("type") == _MEMBERSHIP for resource in bindings(resources)):
        raise OpsError(
            "The Action is still bound",
            "A destroy now would take it away from people who are logging in.",
            f"First unbind it: {unbind}; then run the command again",
        )


def bindings(resources: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """What of a stack's state binds the Action to logins: its place, and the trigger's whole list.

    What the state only looks at (`external`) is somebody else's.
    """
    for resource in resources:
        trigger = (resource.get("inputs") or {}).get("trigger")
        is_ours = resource.get("type") in (_MEMBERSHIP, _LIST) and not resource.get("external")
        if is_ours and trigger == LOGIN:
            yield resource
