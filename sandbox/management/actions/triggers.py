"""The triggers an Action can be bound to: /actions/triggers. Source: recorded answers and
https://auth0.com/docs/customize/actions/explore-triggers."""

from typing import Any

from ...errors import Auth0Error, not_found
from ..routing import Answer, Call, Operation

_CURRENT = ("node18", "node22")
_DEFAULT = "node22"

# Each trigger's current version.
TRIGGERS: dict[str, str] = {
    "post-login": "v3",
    "credentials-exchange": "v2",
    "pre-user-registration": "v2",
    "post-user-registration": "v2",
    "post-change-password": "v2",
    "send-phone-message": "v2",
    "custom-phone-provider": "v1",
    "custom-email-provider": "v1",
    "password-reset-post-challenge": "v1",
    "custom-token-exchange": "v1",
    "event-stream": "v1",
    "password-hash-migration": "v1",
    "login-post-identifier": "v1",
    "signup-post-identifier": "v1",
    "post-credential-validation": "v1",
}
RUNTIMES = ("node12", "node16", "node18", "node18-actions", "node22")
# These run for one entity each (a profile, a stream) and have no list of bindings:
# github.com/auth0/auth0-deploy-cli/issues/988
ENTITY_BOUND = ("custom-token-exchange", "event-stream", "password-hash-migration")

# A tenant has one Action of these at most.
SINGLE = ("custom-phone-provider", "custom-email-provider")


def missing() -> Auth0Error:
    return not_found("That trigger does not exist.")


def list_triggers(call: Call) -> Answer:
    return Answer({"triggers": [_shown(trigger) for trigger in TRIGGERS]})


def _shown(trigger: str) -> dict[str, Any]:
    return {
        "id": trigger,
        "version": TRIGGERS[trigger],
        "status": "CURRENT",
        "runtimes": list(_CURRENT),
        "default_runtime": _DEFAULT,
        "binding_policy": "entity-bound" if trigger in ENTITY_BOUND else "trigger-bound",
        "compatible_triggers": [],
    }


OPERATIONS = (Operation("GET", "/actions/triggers", list_triggers, ("read:actions",)),)
