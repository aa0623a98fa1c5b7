"""The tenant's log: Auth0's type codes (auth0.com/docs/deploy-monitor/logs/log-event-type-codes)."""

from collections.abc import Sequence
from typing import Any

from ..context import Sandbox
from ..store import Doc
from .incoming import Incoming

_KEPT = 2000
_TRIM_EVERY = 200


def write(
    sandbox: Sandbox,
    kind: str,
    incoming: Incoming,
    *,
    description: str | None = None,
    client: Doc | None = None,
    connection: Doc | None = None,
    user: Doc | None = None,
    actions: Sequence[Doc] = (),
    details: Doc | None = None,
) -> None:
    """Append one entry; `actions` are the executions that led to it, with their whole console output."""
    number = sandbox.ids.digits(20)
    entry: Doc = {
        "_id": number,
        "log_id": number,
        "date": sandbox.clock.iso(),
        "type": kind,
        "ip": incoming.ip,
        "user_agent": incoming.user_agent,
        "hostname": incoming.hostname,
        "tenant_name": sandbox.addresses.tenant_name,
        **_present("description", description),
        **_named(client, connection, user),
        **_present("details", _details(actions, details)),
    }
    sequence = sandbox.store.append("tenant_logs", entry)
    if sequence % _TRIM_EVERY == 0:
        sandbox.store.trim("tenant_logs", _KEPT)


def _details(actions: Sequence[Doc], details: Doc | None) -> Doc | None:
    found = {**(details or {}), **({"actions": list(actions)} if actions else {})}
    return found or None


def _named(client: Doc | None, connection: Doc | None, user: Doc | None) -> Doc:
    names: Doc = {}
    if client:
        names |= {"client_id": client["client_id"], "client_name": client.get("name", "")}
    if connection:
        names |= {"connection": connection["name"], "connection_id": connection["id"]}
        names |= {"strategy": connection["strategy"]}
    if user:
        names |= {"user_id": user["user_id"], "user_name": user.get("email") or user.get("name", "")}
    return names


def _present(name: str, value: Any) -> Doc:
    return {} if value is None else {name: value}
