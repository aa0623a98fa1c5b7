"""/guardian/factors and /guardian/policies: which factors are on, and when one is asked for.

Source: the provider's code, and auth0.com/docs/api/management/v2/guardian. Nothing of it was recorded here:
the order of the list and which factors say `trial_expired` are as documented. A login asks for a factor only
where an Action does.
"""

from ...store import Doc
from ..prompts.names import known
from ..routing import Answer, Call, Operation
from ..schema import array, flag, record, text
from ..singleton import KIND

_FACTORS = "guardian:factors"
_POLICIES = "guardian:policies"
NAMES = (
    "push-notification",
    "sms",
    "email",
    "duo",
    "otp",
    "webauthn-roaming",
    "webauthn-platform",
    "recovery-code",
)
_WITH_TRIAL = ("push-notification", "sms")
_CHOICES = ("all-applications", "confidence-score")


def list_factors(call: Call) -> Answer:
    enabled = _enabled(call)
    return Answer([_factor(name, enabled.get(name, False)) for name in NAMES])


def set_factor(call: Call) -> Answer:
    name = known(call.params["name"], NAMES, "name", "Factor name")
    call.sandbox.store.put(KIND, _FACTORS, {**_enabled(call), name: call.body["enabled"]})
    return Answer({"enabled": call.body["enabled"]})


def get_policies(call: Call) -> Answer:
    return Answer((call.sandbox.store.get(KIND, _POLICIES) or {}).get("policies", []))


def set_policies(call: Call) -> Answer:
    call.sandbox.store.put(KIND, _POLICIES, {"policies": call.body})
    return Answer(call.body)


def _enabled(call: Call) -> Doc:
    return call.sandbox.store.get(KIND, _FACTORS) or {}


def _factor(name: str, enabled: bool) -> Doc:
    trial = {"trial_expired": False} if name in _WITH_TRIAL else {}
    return {"enabled": enabled, **trial, "name": name}


OPERATIONS = (
    Operation("GET", "/guardian/factors", list_factors, ("read:guardian_factors",)),
    Operation(
        "PUT",
        "/guardian/factors/{name}",
        set_factor,
        ("update:guardian_factors",),
        record({"enabled": flag("Whether this factor is enabled (true) or disabled (false).")}, ("enabled",)),
    ),
    Operation("GET", "/guardian/policies", get_policies, ("read:mfa_policies",)),
    Operation(
        "PUT",
        "/guardian/policies",
        set_policies,
        ("update:mfa_policies",),
        array(text(choices=_CHOICES), 0, 1),
    ),
)
