"""The triggers an Action can be bound to: /actions/triggers. Source: recorded answers and
https://auth0.com/docs/customize/actions/explore-triggers."""

from typing import Any

from ...errors import Auth0Error, not_found
from ..routing import Answer, Call, Operation

_CURRENT = ("node18", "node22")
_DEFAULT = "node22"
_OLD = "node12"

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
# Versions of before, each still listed.
DEPRECATED: dict[str, tuple[str, ...]] = {
    "post-login": ("v2", "v1"),
    "credentials-exchange": ("v1",),
    "pre-user-registration": ("v1",),
    "post-user-registration": ("v1",),
    "post-change-password": ("v1",),
    "send-phone-message": ("v1",),
}
# What else an Action of a trigger's current version may be bound to.
_COMPATIBLE = {"post-login": ("v2",)}
# The function that an Action exports.
HANDLERS: dict[str, str] = {
    "post-login": "onExecutePostLogin",
    "credentials-exchange": "onExecuteCredentialsExchange",
    "pre-user-registration": "onExecutePreUserRegistration",
    "post-user-registration": "onExecutePostUserRegistration",
    "post-change-password": "onExecutePostChangePassword",
    "send-phone-message": "onExecuteSendPhoneMessage",
    "custom-phone-provider": "onExecuteCustomPhoneProvider",
    "custom-email-provider": "onExecuteCustomEmailProvider",
    "password-reset-post-challenge": "onExecutePostChallenge",
    "custom-token-exchange": "onExecuteCustomTokenExchange",
    "event-stream": "onExecuteEventStream",
    "password-hash-migration": "onExecutePasswordHashMigration",
    "login-post-identifier": "onExecuteLoginPostIdentifier",
    "signup-post-identifier": "onExecuteSignupPostIdentifier",
    "post-credential-validation": "onExecutePostCredentialValidation",
}
RUNTIMES = ("node12", "node16", "node18", "node18-actions", "node22")
# These run for one entity each (a profile, a stream) and have no list of bindings:
# github.com/auth0/auth0-deploy-cli/issues/988
ENTITY_BOUND = ("custom-token-exchange", "event-stream", "password-hash-migration")

# A tenant has one Action of these at most.
SINGLE = ("custom-phone-provider", "custom-email-provider")


def missing() -> Auth0Error:
    return not_found("That trigger does not exist.")


def versions(trigger: str) -> tuple[str, ...]:
    """Every version of a trigger that an Action may be written for, the current one first."""
    return (TRIGGERS[trigger], *DEPRECATED.get(trigger, ()))


def list_triggers(call: Call) -> Answer:
    return Answer({"triggers": [version for trigger in TRIGGERS for version in _listed(trigger)]})


def _listed(trigger: str) -> list[dict[str, Any]]:
    """The current version, then those of before. Source: the provider's guide to action triggers."""
    compatible = [{"id": trigger, "version": version} for version in _COMPATIBLE.get(trigger, ())]
    current = {
        "id": trigger,
        "version": TRIGGERS[trigger],
        "status": "CURRENT",
        "runtimes": list(_CURRENT),
        "default_runtime": _DEFAULT,
        "binding_policy": "entity-bound" if trigger in ENTITY_BOUND else "trigger-bound",
        "compatible_triggers": compatible,
    }
    return [current, *(_old(current, version) for version in DEPRECATED.get(trigger, ()))]


def _old(current: dict[str, Any], version: str) -> dict[str, Any]:
    return {
        **current,
        "version": version,
        "status": "DEPRECATED",
        "runtimes": [_OLD],
        "default_runtime": _OLD,
        "compatible_triggers": [],
    }


OPERATIONS = (Operation("GET", "/actions/triggers", list_triggers, ("read:actions",)),)
