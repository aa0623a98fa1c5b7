"""The post-change-password trigger: nobody waits for its Actions, and what they do changes nothing.

Source: auth0.com/docs/customize/actions/explore-triggers/post-change-password: after a person of a database
connection has reset or changed the password. The Management API changes passwords too.
"""

from ..actions import sequence
from ..context import Sandbox
from ..store import Doc
from . import event as events
from .incoming import Incoming

TRIGGER = "post-change-password"
_USER = (
    "email", "email_verified", "last_password_reset", "phone_number", "phone_verified", "user_id", "username"
)  # fmt: skip


def changed(sandbox: Sandbox, connection: Doc, user: Doc, incoming: Incoming) -> None:
    """Run the Actions for a person whose password has changed."""
    if not sandbox.store.get("bindings", TRIGGER):
        return
    event: Doc = {
        "connection": events.connection_view(connection),
        "request": events.request_view(incoming, query=False, body=False),
        "tenant": {"id": sandbox.addresses.tenant_name},
        "user": {name: user[name] for name in _USER if user.get(name) is not None},
        **events.custom_domain(sandbox, incoming.hostname),
    }
    sandbox.background.start(
        sequence.run(sandbox, TRIGGER, "onExecutePostChangePassword", lambda: event, stops=False)
    )
