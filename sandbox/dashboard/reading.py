"""What the pages show, read from the store: plain values, with secrets masked."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

from ..actions import execution
from ..store import Doc, Store
from .masking import masked

# Log types of what begins or ends a login. https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes
_ENDINGS = {
    "s": "Logged in",
    "ssa": "Logged in silently",
    "seoobft": "Logged in with a password and an out-of-band factor",
    "seacft": "Code exchanged",
    "sertft": "Token refreshed",
    "sepft": "Logged in with a password",
    "sepotpft": "Logged in with a one-time password",
    "sede": "Device code exchanged",
    "seccft": "Token for a machine",
    "ss": "Signed up",
    "f": "Failed",
    "fp": "Wrong password",
    "fu": "Unknown user",
    "fsa": "Silent login failed",
    "fertft": "Refresh failed",
    "ferrt": "Refresh token used again",
    "feacft": "Code refused",
    "fepft": "Login with a password failed",
    "fepotpft": "Login with a one-time password failed",
    "fede": "Device code refused",
    "feccft": "Token for a machine refused",
    "fs": "Sign-up failed",
}

_PAGE = 500


@dataclass(frozen=True)
class Entry:
    """One line of the tenant's log about somebody's login."""

    id: str
    date: str
    kind: str
    title: str
    failed: bool
    who: str
    application: str
    connection: str
    description: str
    runs: list[Doc]

    @property
    def milliseconds(self) -> float:
        return float(sum(run["milliseconds"] for run in self.runs))


def actions(store: Store) -> list[Doc]:
    """Every Action, with the triggers that run it."""
    bound = _bound(store)
    return [{**public, "bound": bound.get(public["id"], [])} for public in map(_action, store.all("actions"))]


def action(store: Store, identifier: str) -> Doc | None:
    """One Action with its versions, the newest first."""
    doc = store.get("actions", identifier)
    if doc is None:
        return None
    versions = store.where("action_versions", "_action_id", identifier)
    deployed = (doc.get("_deployed") or {}).get("id")
    return {
        **_action(doc),
        "bound": _bound(store).get(identifier, []),
        "versions": [
            {"number": each["number"], "created_at": each["created_at"], "deployed": each["id"] == deployed}
            for each in sorted(versions, key=lambda each: -each["number"])
        ],
    }


def flows(store: Store) -> list[Doc]:
    """Triggers that have Actions, each with them in the order in which they run."""
    names = {doc["id"]: doc["name"] for doc in store.all("actions")}
    return [
        {
            "trigger": trigger,
            "steps": [
                {
                    "id": each["action_id"],
                    "name": each["display_name"],
                    "action": names.get(each["action_id"], ""),
                }
                for each in bindings
            ],
        }
        for trigger, bindings in _bindings(store)
    ]


def connections(store: Store) -> list[Doc]:
    clients = {doc["client_id"]: doc.get("name", "") for doc in store.all("clients")}
    return [
        {
            "id": doc["id"],
            "name": doc["name"],
            "strategy": doc["strategy"],
            "applications": [clients.get(each, each) for each in doc.get("enabled_clients", [])],
            "options": pretty(masked(doc.get("options") or {})),
        }
        for doc in store.all("connections")
    ]


def users(store: Store, page: int, size: int) -> tuple[list[Doc], int]:
    """One page of the users, the newest first, and how many there are."""
    docs = store.newest("users", page * size, size)
    return [_user(doc) for doc in docs], store.count("users")


def user(store: Store, identifier: str) -> Doc | None:
    doc = store.get("users", identifier)
    if doc is None:
        return None
    hidden = ("app_metadata", "user_metadata", "identities")
    return {
        **_user(doc),
        "profile": pretty({key: value for key, value in masked(doc).items() if key not in hidden}),
        "app_metadata": pretty(masked(doc.get("app_metadata") or {})),
        "user_metadata": pretty(masked(doc.get("user_metadata") or {})),
        "identities": pretty(masked(doc.get("identities") or [])),
    }


def logins(store: Store, limit: int) -> list[Entry]:
    """The latest lines of the log that are about logins, the newest first."""
    found = (entry(store, doc) for doc in _lines(store))
    return list(islice((each for each in found if each), limit))


def _lines(store: Store) -> Iterator[Doc]:
    """The log, the newest line first, read no further than anybody asks."""
    for skip in count(0, _PAGE):
        page = store.newest("tenant_logs", skip, _PAGE)
        yield from page
        if len(page) < _PAGE:
            return


def login(store: Store, identifier: str) -> Entry | None:
    docs = store.where("tenant_logs", "log_id", identifier)
    return entry(store, docs[0]) if docs else None


def entry(store: Store, doc: Doc) -> Entry | None:
    """None for a line that is about something else than a login."""
    kind = doc["type"]
    if kind not in _ENDINGS:
        return None
    return Entry(
        id=doc["log_id"],
        date=doc["date"],
        kind=kind,
        title=_ENDINGS[kind],
        failed=kind.startswith("f"),
        who=doc.get("user_name") or doc.get("user_id", ""),
        application=doc.get("client_name", ""),
        connection=doc.get("connection", ""),
        description=doc.get("description", ""),
        runs=list(_runs(store, doc)),
    )


def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


def _runs(store: Store, doc: Doc) -> Iterable[Doc]:
    """The Actions that ran, in order, each with its calls and what it wrote to its console."""
    for run in execution.runs_in(store, execution.of_entry(doc)):
        error = run.get("error")
        yield {
            **run,
            "error": error["message"] if error else "",
            "calls": [_call(each) for each in run.get("calls", [])],
        }


def _call(call: Doc) -> Doc:
    error = call.get("error")
    return {
        **call,
        "result": error or call.get("status", ""),
        "failed": bool(error) or int(call.get("status") or 0) >= 400,
    }


def _action(doc: Doc) -> Doc:
    return {
        "id": doc["id"],
        "name": doc["name"],
        "triggers": [each["id"] for each in doc["supported_triggers"]],
        "runtime": doc.get("runtime", ""),
        "status": doc.get("status", ""),
        "code": doc["code"],
        "lines": doc["code"].count("\n") + 1,
        "secrets": [each["name"] for each in doc.get("_secrets", [])],
        "dependencies": [f"{each['name']}@{each['version']}" for each in doc.get("dependencies", [])],
        "deployed": bool(doc.get("_deployed")),
        "updated_at": doc["updated_at"],
    }


def _user(doc: Doc) -> Doc:
    names = (doc.get(key) for key in ("name", "email", "username", "phone_number"))
    return {
        "id": doc["user_id"],
        "name": next((each for each in names if each), doc["user_id"]),
        "connection": doc["identities"][0]["connection"],
        "logins": doc.get("logins_count", 0),
        "last_login": doc.get("last_login", ""),
        "verified": (doc.get("app_metadata") or {}).get("phone_number_verified") is True,
        "blocked": doc.get("blocked", False),
    }


def _bindings(store: Store) -> list[tuple[str, list[Doc]]]:
    return [
        (stored["bindings"][0]["trigger_id"], stored["bindings"])
        for stored in store.all("bindings")
        if stored["bindings"]
    ]


def _bound(store: Store) -> dict[str, list[str]]:
    bound: dict[str, list[str]] = {}
    for trigger, bindings in _bindings(store):
        for each in bindings:
            bound.setdefault(each["action_id"], []).append(trigger)
    return bound
