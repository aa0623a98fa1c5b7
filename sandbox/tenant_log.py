"""The tenant's log: one list, written by login and Management API alike, read at /api/v2/logs.

Type codes: auth0.com/docs/deploy-monitor/logs/log-event-type-codes.
"""

from datetime import UTC, datetime

from .context import Sandbox
from .store import Doc

KIND = "tenant_logs"
_KEPT = 2000
_TRIM_EVERY = 200


def append(sandbox: Sandbox, kind: str, members: Doc) -> None:
    """Add an entry of a type; its id, date and tenant are filled in."""
    number = identifier(sandbox)
    entry: Doc = {
        "_id": number,
        "log_id": number,
        "date": sandbox.clock.iso(),
        "type": kind,
        "tenant_name": sandbox.addresses.tenant_name,
        **members,
    }
    if sandbox.store.append(KIND, entry) % _TRIM_EVERY == 0:
        sandbox.store.trim(KIND, _KEPT)


def identifier(sandbox: Sandbox) -> str:
    """Fifty digits as Auth0 makes them: 900, the time to the second, zeroes, and a number."""
    moment = datetime.fromtimestamp(sandbox.clock.now(), UTC)
    return f"900{moment:%Y%m%d%H%M%S}{0:014d}1223372{sandbox.ids.digits(12)}"
