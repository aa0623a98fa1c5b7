"""/risk-assessments/settings and /supplemental-signals: what a login's risk is judged by.

Source: the provider's schema and auth0.com/docs/api/management/v2. What a new tenant has is not documented.
"""

from .routing import Operation
from .schema import flag, integer, record
from .singleton import Singleton

_SCOPE = "attack_protection"
SETTINGS = (
    Singleton(
        path="/risk-assessments/settings",
        key="risk_assessments",
        scope=_SCOPE,
        update=record({"enabled": flag("Whether or not risk assessment is enabled.")}, ("enabled",)),
        default=lambda: {"enabled": False},
    ),
    Singleton(
        path="/risk-assessments/settings/new-device",
        key="risk_assessments_new_device",
        scope=_SCOPE,
        update=record({"remember_for": integer(1, 365)}, ("remember_for",)),
        default=lambda: {"remember_for": 30},
    ),
    Singleton(
        path="/supplemental-signals",
        key="supplemental_signals",
        scope=_SCOPE,
        update=record({"akamai_enabled": flag()}, ("akamai_enabled",)),
        default=lambda: {"akamai_enabled": False},
    ),
)
OPERATIONS: tuple[Operation, ...] = tuple(
    operation for setting in SETTINGS for operation in setting.operations()
)
