"""What a call reads of the store: a list shows its page only, and nothing is read once per item."""

from collections import Counter
from typing import Any

import pytest
from starlette.datastructures import QueryParams

from sandbox.errors import not_found
from sandbox.management import permissions
from sandbox.management.collection import Collection
from sandbox.management.routing import Answer, Call
from sandbox.management.schema import record
from sandbox.store import Doc, Store
from sandbox.testing import memory_sandbox

from .management_driver import Management

POST_LOGIN = [{"id": "post-login", "version": "v3"}]


@pytest.fixture
def api() -> Management:
    return Management()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """How often each kind was read, by (method of the store, kind)."""
    counted: Counter[tuple[str, str]] = Counter()

    def counting(name: str) -> Any:
        method = getattr(Store, name)

        def read(store: Store, kind: str, *rest: str) -> Any:
            counted[name, kind] += 1
            return method(store, kind, *rest)

        return read

    for name in ("all", "where"):
        monkeypatch.setattr(Store, name, counting(name))
    return counted


def test_a_list_of_apis_looks_for_the_clients_of_its_page(
    api: Management, reads: Counter[tuple[str, str]]
) -> None:
    identifiers = [f"https://api.example/{number}" for number in range(5)]
    for identifier in identifiers:
        api.post("/resource-servers", {"identifier": identifier})
    standing = {"name": "c", "app_type": "resource_server", "resource_server_identifier": identifiers[3]}
    client = api.post("/clients", standing)
    before = len(api.get("/resource-servers")) - len(identifiers)
    reads.clear()
    (shown,) = api.get(f"/resource-servers?page={before + 3}&per_page=1")
    assert (shown["identifier"], shown["client_id"]) == (identifiers[3], client["client_id"])
    (other,) = api.get(f"/resource-servers?page={before + 2}&per_page=1")
    assert "client_id" not in other
    assert (reads["all", "clients"], reads["where", "clients"]) == (0, 2)


@pytest.mark.parametrize("query", ["per_page=2&page=1", "take=2&from=p2"])
def test_a_collection_views_what_it_shows(query: str) -> None:
    viewed = []

    def view(call: Call, doc: Doc) -> Doc:
        viewed.append(doc["id"])
        return {"seen": doc["id"]}

    things = Collection(
        path="/things",
        kind="things",
        scope="things",
        missing=lambda: not_found("The thing does not exist"),
        create=record({}),
        update=record({}),
        new=lambda call: {},
        view=view,
    )
    sandbox = memory_sandbox()
    for number in range(5):
        sandbox.store.put("things", str(number), {"id": number})
    listing = next(operation for operation in things.operations() if operation.path == "/things")
    answer = listing.handler(Call(sandbox, {}, QueryParams(query), None, {}))
    assert isinstance(answer, Answer)
    shown = answer.body["things"] if "take" in query else answer.body
    assert shown == [{"seen": 2}, {"seen": 3}]
    assert viewed == [2, 3]


def test_a_list_of_clients_shows_its_page(api: Management) -> None:
    for number in range(4):
        api.post("/clients", {"name": f"c{number}"})
    everybody = [client["client_id"] for client in api.get("/clients?is_global=false")]
    page = api.get("/clients?is_global=false&page=1&per_page=2&fields=client_id&include_totals=true")
    assert page["clients"] == [{"client_id": client_id} for client_id in everybody[2:4]]
    assert page["total"] == len(everybody)
    told = api.get("/clients?is_global=true&fields=client_id")
    assert [sorted(client) for client in told] == [["client_id", "tenant"]]


def test_each_api_s_scopes_are_read_once(reads: Counter[tuple[str, str]]) -> None:
    store = memory_sandbox().store
    scopes = [{"value": f"do:{number}", "description": str(number)} for number in range(20)]
    store.put("resource_servers", "a", {"id": "a", "identifier": "urn:a", "name": "A", "scopes": scopes})
    wanted = [{"resource_server_identifier": "urn:a", "permission_name": scope["value"]} for scope in scopes]
    reads.clear()
    held = permissions.added(store, wanted[:3], wanted)
    assert held == wanted
    assert reads["where", "resource_servers"] == 1
    listed = permissions.listed(store, held)
    assert [shown["permission_name"] for shown in listed] == sorted(scope["value"] for scope in scopes)
    assert {shown["description"] for shown in listed} == {scope["description"] for scope in scopes}
    assert reads["where", "resource_servers"] == 2


def test_deploying_an_action_reads_its_own_versions(api: Management, reads: Counter[tuple[str, str]]) -> None:
    body = {"name": "one", "supported_triggers": POST_LOGIN, "code": "", "deploy": True}
    first = api.post("/actions/actions", body)
    second = api.post("/actions/actions", {**body, "name": "two"})
    reads.clear()
    path = f"/actions/actions/{second['id']}"
    version = api.post(f"{path}/deploy", None, 200)
    assert version["number"] == 2
    assert [known["number"] for known in api.get(f"{path}/versions")["versions"]] == [2, 1]
    assert reads["all", "action_versions"] == 0
    api.delete(path)
    assert [known["number"] for known in api.get(f"/actions/actions/{first['id']}/versions")["versions"]] == [
        1
    ]
