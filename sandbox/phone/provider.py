"""Which regime sends a tenant's messages: its phone provider, or a connection's own gateway.

Source: auth0.com/docs/customize/phone-messages/unified-phone. A tenant that is enrolled in the unified phone
experience ignores every connection's gateway; any other keeps to it unless the connection says otherwise
(`use_phone_provider`, the dashboard's "Use Tenant-level Messaging Provider").
"""

from ..context import Sandbox
from ..store import Doc

KIND = "phone_providers"
TRIGGER = "custom-phone-provider"
_SETTINGS = ("settings", "tenant")
_ENROLLED = "phone_consolidated_experience"


def active(sandbox: Sandbox, connection: Doc | None = None) -> Doc | None:
    """The enabled phone provider that sends for this connection; None when the connection's own does."""
    provider = next((doc for doc in sandbox.store.all(KIND) if not doc["disabled"]), None)
    if provider is None or connection is None or is_enrolled(sandbox):
        return provider
    options: Doc = connection.get("options") or {}
    own = bool(options.get("gateway_url") or options.get("twilio_sid"))
    chosen = options.get("use_phone_provider") in (True, "unified")
    return provider if chosen or not own else None


def is_enrolled(sandbox: Sandbox) -> bool:
    """Whether the tenant's flag for the unified phone experience is set."""
    flags: Doc = (sandbox.store.get(*_SETTINGS) or {}).get("flags") or {}
    return flags.get(_ENROLLED) is True


def deployed_action(sandbox: Sandbox) -> Doc | None:
    """The one Action that is the custom provider, once it is deployed; it needs no binding."""
    return next(
        (
            action
            for action in sandbox.store.all("actions")
            if action["_deployed"] is not None and action["_deployed"]["trigger"] == TRIGGER
        ),
        None,
    )
