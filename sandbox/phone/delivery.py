"""Messages on their way: handed over at once, tried again when asked to, and never reported to the user.

Documented (auth0.com/docs/actions/reference/custom-phone-provider/custom-phone-provider-api-object):
`drop` is final, `retry` means up to five more tries "in the next minutes", the last call wins, reasons are
cut after 1,024 characters. Not documented: how far apart the tries are, and that an Action that throws or
takes too long is not tried again; the latter is the switch `phone_action_error`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from ..context import Sandbox
from ..store import Doc
from . import attempt, provider, records
from .attempt import Result
from .notification import Notification

# Seconds before each further try.
DELAYS = (15, 30, 60, 60, 60)


async def deliver(sandbox: Sandbox, notification: Notification) -> None:
    """Take a message on; it is sent soon after. Whatever becomes of it, the caller learns nothing."""
    records.add(sandbox, notification)
    sandbox.clock.alarm.ring()


@contextlib.asynccontextmanager
async def sending(sandbox: Sandbox) -> AsyncIterator[None]:
    """Messages go out inside the block; what was not sent at its end is sent by the next start."""
    task = asyncio.create_task(_run(sandbox))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def send_due(sandbox: Sandbox) -> None:
    """Try every message whose time has come, once."""
    await asyncio.gather(*(_try(sandbox, record) for record in records.due(sandbox)))


async def _run(sandbox: Sandbox) -> None:
    """Send what is due; while nothing is, only wait."""
    alarm, flying = sandbox.clock.alarm, set[str]()
    alarm.attach()
    try:
        async with asyncio.TaskGroup() as group:
            while True:
                for record in records.due(sandbox):
                    if record["id"] not in flying:
                        flying.add(record["id"])
                        group.create_task(_fly(sandbox, record, flying))
                due = records.next_due(sandbox, flying)
                await alarm.wait(None if due is None else max(0.0, due - sandbox.clock.now()))
    finally:
        alarm.detach()


async def _fly(sandbox: Sandbox, record: Doc, flying: set[str]) -> None:
    try:
        await _try(sandbox, record)
    finally:
        flying.discard(record["id"])
        sandbox.clock.alarm.ring()


async def _try(sandbox: Sandbox, record: Doc) -> None:
    notification = Notification.from_doc(record["notification"])
    governing = provider.active(sandbox)
    if governing is None:
        result = Result("dropped", "There is no enabled phone provider any more.")
    else:
        result = await attempt.make(sandbox, governing, notification)
    if not records.is_known(sandbox, record):
        return  # the tenant was reset meanwhile
    tries = [*record["tries"], {"at": sandbox.clock.iso(), **result.to_doc()}]
    again = result.state == "waiting" and len(tries) <= len(DELAYS)
    state = "failed" if result.state == "waiting" and not again else result.state
    due_at = sandbox.clock.now() + DELAYS[len(tries) - 1] if again else None
    records.update(sandbox, record | {"tries": tries, "state": state, "due_at": due_at})
    records.log(sandbox, notification, result)
