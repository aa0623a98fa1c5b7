"""Every resource that is declared as a collection, against one model: what happens to it in random order."""

import json
from collections import Counter
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from sandbox.context import Sandbox
from sandbox.management.collection import Collection
from sandbox.management.operations import OPERATIONS
from sandbox.testing import memory_sandbox

from .in_process import InProcess
from .schema_bodies import bodies

# What a PATCH changes by itself.
_MOVING = frozenset({"updated_at", "version", "status", "fingerprint"})
_REFUSED = frozenset({400, 403, 404, 409})
# Bodies of resources that want more of one than a schema says; the Action is one that each tenant here has.
_ACTION = "00000000-0000-4000-8000-000000000000"
_KNOWN: dict[str, Any] = {
    "/log-streams": {
        "name": "known",
        "type": "http",
        "sink": {
            "httpEndpoint": "https://logs.example.com",
            "httpContentType": "application/json",
            "httpContentFormat": "JSONLINES",
        },
    },
    "/network-acls": {
        "description": "known",
        "active": True,
        "rule": {"action": {"block": True}, "match": {"asns": [1]}, "scope": "tenant"},
    },
    "/event-streams": {
        "name": "known",
        "subscriptions": [{"event_type": "user.created"}],
        "destination": {
            "type": "webhook",
            "configuration": {
                "webhook_endpoint": "https://events.example.com",
                "webhook_authorization": {"method": "bearer", "token": "a-token"},
            },
        },
    },
    "/token-exchange-profiles": {
        "name": "known",
        "subject_token_type": "urn:acme:legacy",
        "action_id": _ACTION,
        "type": "custom_authentication",
    },
}
COLLECTIONS = {
    owner.path: owner
    for owner in (getattr(operation.handler, "__self__", None) for operation in OPERATIONS)
    if isinstance(owner, Collection)
}


def machine(collection: Collection, met: Counter[str]) -> type[RuleBasedStateMachine]:
    """A machine for one resource; `met` counts how often something succeeded."""

    class Machine(RuleBasedStateMachine):
        """The model: what was last answered of each document, in the order in which they were made."""

        def __init__(self) -> None:
            super().__init__()
            self.api = InProcess(tenant())
            self.before = self.listed()
            self.model: dict[str, Any] = {}

        def listed(self) -> list[str]:
            status, answer = self.api.call("GET", f"{collection.path}?per_page=100&take=100")
            assert status == 200
            docs = (
                answer
                if isinstance(answer, list)
                else next(v for v in answer.values() if isinstance(v, list))
            )
            return [doc[collection.key] for doc in docs]

        def one(self, number: int) -> str:
            """One that is there, or an id that isn't any."""
            known = [*self.model, "no%7Csuch%2Fid"]
            return known[number % len(known)]

        @rule(body=bodies(collection.create) | st.just(_KNOWN.get(collection.path)))
        def create(self, body: Any) -> None:
            status, answer = self.api.call("POST", collection.path, body)
            if status == collection.created:
                met["created"] += 1
                assert answer[collection.key] not in self.model
                self.model[answer[collection.key]] = self.shown(answer[collection.key])
            else:
                assert status in _REFUSED, answer

        @rule(number=st.integers(0, 5), body=bodies(collection.update))
        def change(self, number: int, body: Any) -> None:
            which = self.one(number)
            status, answer = self.api.call("PATCH", self.path(which), body)
            if which not in self.model or status not in (200, 204):
                assert status in _REFUSED, answer
                return
            met["changed"] += 1
            before, after = self.model[which], self.shown(which)
            touched = _MOVING.union(body)
            assert without(after, touched) == without(before, touched)
            self.model[which] = after

        @rule(number=st.integers(0, 5))
        def delete(self, number: int) -> None:
            which = self.one(number)
            status, answer = self.api.call("DELETE", self.path(which))
            if which not in self.model:
                assert status in (400, 404, collection.deleted), answer
                return
            met["deleted"] += 1
            assert status == collection.deleted
            del self.model[which]
            assert self.api.call("GET", self.path(which))[0] == 404

        def path(self, which: str) -> str:
            return f"{collection.path}/{which if '%' in which else quote(which, safe='')}"

        def shown(self, which: str) -> Any:
            status, answer = self.api.call("GET", self.path(which))
            assert status == 200
            return answer

        @invariant()
        def what_is_listed_is_what_was_made(self) -> None:
            assert sorted(self.listed()) == sorted([*self.before, *self.model])

        @invariant()
        def what_is_read_is_what_was_written(self) -> None:
            for which, doc in self.model.items():
                assert json.dumps(self.shown(which)) == json.dumps(doc)

    return Machine


def tenant() -> Sandbox:
    sandbox = memory_sandbox()
    triggers = [{"id": "custom-token-exchange", "version": "v1"}]
    deployed = {
        "id": _ACTION,
        "number": 1,
        "code": "",
        "secrets": [],
        "dependencies": [],
        "runtime": "node22",
    }
    action = {"id": _ACTION, "name": "exchange", "supported_triggers": triggers, "status": "built"}
    sandbox.store.put("actions", _ACTION, {**action, "_deployed": deployed})
    return sandbox


def without(doc: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in doc.items() if name not in names}


@pytest.mark.parametrize("path", sorted(COLLECTIONS))
def test_a_collection_holds_what_it_was_told(path: str) -> None:
    met: Counter[str] = Counter()
    bounds = settings(
        max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine(COLLECTIONS[path], met), settings=bounds)
    assert met["created"], "nothing that the schema allows was taken"
