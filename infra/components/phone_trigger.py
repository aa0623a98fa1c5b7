"""Whose Action sends the tenant's phone messages: there is room for one."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_auth0 as auth0

TRIGGER = "custom-phone-provider"
ACTION_NAME = "auth0-phone provider"


def unless_taken(name: str, wanted: str, reason: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """`wanted`, once the live list of the trigger is known to hold no other team's Action.

    Feed it into a resource: when the trigger is taken, the program stops there with `reason`, before anything
    has changed. The providers themselves cannot be listed (the plugin reads one by its id alone).
    """
    live = auth0.TriggerActions.get(f"{name}-live", TRIGGER, opts=opts)

    def judged(actions: Sequence[Any] | None) -> str:
        # The plugin leaves out a list that is empty.
        others = [item["display_name"] for item in actions or () if item["display_name"] != ACTION_NAME]
        if others:
            raise pulumi.RunError(
                f"The Action '{others[0]}', which is not this stack's, sends the tenant's messages: {reason}"
            )
        return wanted

    return live.actions.apply(judged)
