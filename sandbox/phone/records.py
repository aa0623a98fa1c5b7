"""What is known of each message: kept in the store, so that tries outlive a killed process."""

from collections.abc import Collection

from ..context import Sandbox
from ..login import logs
from ..store import Doc
from .attempt import Result
from .notification import Notification

KIND = "notifications"
_WAITING = "waiting"
_KEPT = 1000
_TRIM_EVERY = 100


def new(sandbox: Sandbox, notification: Notification) -> Doc:
    """The record of a message that is due at once."""
    return {
        "id": sandbox.ids.uuid(),
        "created_at": sandbox.clock.iso(),
        "notification": notification.to_doc(),
        "state": _WAITING,
        "due_at": sandbox.clock.now(),
        "tries": [],
    }


def add(sandbox: Sandbox, notification: Notification) -> None:
    update(sandbox, new(sandbox, notification))
    if sandbox.store.count(KIND) % _TRIM_EVERY == 0:
        sandbox.store.trim(KIND, _KEPT)


def due(sandbox: Sandbox) -> list[Doc]:
    now = sandbox.clock.now()
    return [record for record in _waiting(sandbox) if record["due_at"] <= now]


def next_due(sandbox: Sandbox, but: Collection[str] = ()) -> float | None:
    """When the next message's time comes, leaving out the ids in `but`; None when none waits."""
    return min((record["due_at"] for record in _waiting(sandbox) if record["id"] not in but), default=None)


def _waiting(sandbox: Sandbox) -> list[Doc]:
    return sandbox.store.where(KIND, "state", _WAITING)


def is_known(sandbox: Sandbox, record: Doc) -> bool:
    return sandbox.store.get(KIND, record["id"]) is not None


def update(sandbox: Sandbox, record: Doc) -> None:
    sandbox.store.put(KIND, record["id"], record)


def public(record: Doc) -> Doc:
    """A record for people and tests: whom it was for and what became of it, without the code."""
    notification = record["notification"]
    shown = {name: notification[name] for name in ("recipient", "message_type", "delivery_method")}
    return {**{name: value for name, value in record.items() if name != "notification"}, **shown}


def log(sandbox: Sandbox, notification: Notification, result: Result) -> None:
    """The tenant's log, which is all that tells of a failure: `fn`, and what the Action did itself."""
    if result.state == "delivered":
        return
    logs.write(
        sandbox,
        "fn",
        notification.incoming,
        description=result.reason,
        client=notification.client or None,
        connection=notification.connection,
        user=notification.user or None,
        actions=[result.execution["execution_id"]] if result.execution else [],
        details={
            "to": notification.recipient,
            "notification_type": notification.message_type,
            "error": result.reason or "",
        },
    )
