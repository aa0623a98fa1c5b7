"""What is kept of a project, and how deployments are shown."""

from typing import Any

from ..context import Sandbox
from ..store import Doc, Store
from .account import USERNAME

DOMAINS = "vercel_domains"
DEPLOYMENTS = "vercel_deployments"
# What only the build needs of a deployment: its files and the environment as it was then.
RELEASES = "vercel_releases"
EVENTS = "vercel_events"
VARIABLES = "vercel_variables"
ENDED = ("READY", "ERROR", "CANCELED")
_CLOCK = "vercel_clock"


def now(sandbox: Sandbox) -> int:
    """Milliseconds since 1970, each at most once: lists are paged by them."""
    with sandbox.store.atomic():
        last = (sandbox.store.get(_CLOCK, "last") or {"at": 0})["at"]
        at = max(int(sandbox.clock.now() * 1000), int(last) + 1)
        sandbox.store.put(_CLOCK, "last", {"at": at})
    return at


def remove(store: Store, kind: str, doc: Doc) -> None:
    """Delete a document of a project with what belongs to it."""
    key = doc["name"] if kind == DOMAINS else doc["id"]
    store.delete(kind, key)
    if kind == DEPLOYMENTS:
        store.delete(RELEASES, key)
        store.delete(EVENTS, key)


def deployment(doc: Doc) -> dict[str, Any]:
    """A deployment as `GET /v13/deployments/{id}` shows it."""
    return {
        **doc,
        "status": doc["readyState"],
        "readySubstate": _substate(doc),
        "created": doc["createdAt"],
        "ownerId": doc["accountId"],
        "aliasAssigned": bool(doc["aliasAssigned"]),
        "creator": {"uid": doc["creatorId"], "username": USERNAME},
        "version": 2,
        "type": "LAMBDAS",
        "source": "api",
        "public": False,
        "routes": None,
    }


def listed(doc: Doc) -> dict[str, Any]:
    """A deployment as the list shows it: `uid` for `id`, and `aliasAssigned` is when that was."""
    names = ("projectId", "name", "url", "inspectorUrl", "target", "meta", "aliasAssigned", "aliasError")
    return {name: doc[name] for name in names} | {
        "uid": doc["id"],
        "state": doc["readyState"],
        "readyState": doc["readyState"],
        "readySubstate": _substate(doc),
        "created": doc["createdAt"],
        "createdAt": doc["createdAt"],
        "buildingAt": doc["buildingAt"],
        "ready": doc["ready"],
        "creator": {"uid": doc["creatorId"], "username": USERNAME},
        "type": "LAMBDAS",
        "source": "api",
        "isRollbackCandidate": bool(doc["aliasAssigned"]),
    }


def _substate(doc: Doc) -> str | None:
    if doc["readyState"] != "READY":
        return None
    return "PROMOTED" if doc["aliasAssigned"] else "STAGED"
