"""Brute-force protection: ten wrong codes in a row for one number from one address end its attempts.

Source: auth0.com/docs/secure/attack-protection/brute-force-protection
"""

from ...context import Sandbox
from ...store import Doc
from .connection import Options

LIMIT = 10
_LIFE_SECONDS = 30 * 86400
_KIND = "passwordless_failures"


def are_over(sandbox: Sandbox, connection: Doc, number: str, ip: str) -> bool:
    return Options.of(connection).protected and _count(sandbox, _key(connection, number, ip)) >= LIMIT


def failed(sandbox: Sandbox, connection: Doc, number: str, ip: str) -> bool:
    """Count a failure; True for the one that ends the attempts."""
    key = _key(connection, number, ip)
    count = _count(sandbox, key) + 1
    where = {"connection_id": connection["id"], "identifier": number, "ip": ip}
    sandbox.store.put(_KIND, key, {"count": count, "at": sandbox.clock.now(), **where})
    return Options.of(connection).protected and count == LIMIT


def succeeded(sandbox: Sandbox, connection: Doc, number: str, ip: str) -> None:
    sandbox.store.delete(_KIND, _key(connection, number, ip))


def addresses(sandbox: Sandbox, connection: Doc, number: str) -> list[str]:
    """From where attempts for a number have failed since the last right one."""
    failures = sandbox.store.where(_KIND, "identifier", number)
    return [failure["ip"] for failure in failures if failure["connection_id"] == connection["id"]]


def _count(sandbox: Sandbox, key: str) -> int:
    doc = sandbox.store.get(_KIND, key)
    fresh = doc is not None and doc["at"] + _LIFE_SECONDS > sandbox.clock.now()
    return int(doc["count"]) if doc and fresh else 0


def _key(connection: Doc, number: str, ip: str) -> str:
    return f"{connection['id']} {number} {ip}"
