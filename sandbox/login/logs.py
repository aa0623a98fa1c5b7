"""The tenant's log: Auth0's type codes (auth0.com/docs/deploy-monitor/logs/log-event-type-codes)."""

from collections.abc import Sequence
from typing import Any

from .. import tenant_log
from ..context import Sandbox
from ..store import Doc
from .incoming import Incoming


def write(
    sandbox: Sandbox,
    kind: str,
    incoming: Incoming,
    *,
    description: str | None = None,
    client: Doc | None = None,
    connection: Doc | None = None,
    user: Doc | None = None,
    actions: Sequence[str] = (),
    details: Doc | None = None,
) -> None:
    """Append one entry; `actions` are the ids of the executions that led to it."""
    members: Doc = {
        "ip": incoming.ip,
        "user_agent": incoming.user_agent,
        "hostname": incoming.hostname,
        **_present("description", description),
        **_named(client, connection, user),
        **_present("details", _details(actions, details)),
    }
    tenant_log.append(sandbox, kind, members)


def _details(actions: Sequence[str], details: Doc | None) -> Doc | None:
    found = {**(details or {}), **({"actions": {"executions": list(actions)}} if actions else {})}
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
