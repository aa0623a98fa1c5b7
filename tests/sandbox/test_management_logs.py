"""/logs: pages and checkpoints, the search, and what calls of the Management API leave there."""

import contextlib
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import tenant_log
from sandbox.errors import Auth0Error
from sandbox.management.logs import query
from sandbox.management.logs.recording import describe
from sandbox.management.operations import OPERATIONS

from .actions_api import CODE, POST_LOGIN
from .tenant_driver import Tenant

ENTRIES: tuple[dict[str, Any], ...] = (
    {"type": "s", "user_id": "auth0|1", "client_id": "app", "user_agent": "iPhone Mobile"},
    {"type": "f", "user_id": "auth0|2", "client_id": "app", "description": "Wrong email or password."},
    {"type": "s", "user_id": "auth0|2", "client_id": "other", "details": {"prompts": [{"name": "login"}]}},
)


@pytest.fixture
def tenant() -> Tenant:
    made = Tenant()
    for entry in ENTRIES:
        made.sandbox.clock.advance(60)
        tenant_log.append(made.sandbox, entry["type"], entry)
    return made


def found(tenant: Tenant, text: str) -> list[tuple[str, str]]:
    return [(entry["type"], entry["user_id"]) for entry in tenant.get(f"/logs?sort=date:1&q={text}")]


# -- lists ------------------------------------------------------------------------------------------


def test_an_entry_has_auth0_s_shape(tenant: Tenant) -> None:
    newest, _, oldest = tenant.get("/logs")
    assert re.fullmatch(r"900\d{47}", oldest["log_id"])
    assert oldest["log_id"] == oldest["_id"]
    assert oldest["log_id"][3:17] == re.sub(r"\D", "", oldest["date"])[:14]
    assert ENTRIES[0].items() <= oldest.items()
    assert (oldest["isMobile"], newest["isMobile"], newest["tenant_name"]) == (True, False, "localhost")
    assert tenant.get(f"/logs/{oldest['log_id']}") == oldest
    assert tenant.get("/logs/none", 404)["statusCode"] == 404


def test_pages_go_back_in_time_and_know_their_totals(tenant: Tenant) -> None:
    page = tenant.get("/logs?page=1&per_page=2&include_totals=true")
    assert (page["start"], page["limit"], page["length"], page["total"]) == (2, 2, 1, 3)
    assert [entry["user_id"] for entry in page["logs"]] == ["auth0|1"]
    assert tenant.get("/logs?sort=user_id:1")[0]["user_id"] == "auth0|1"
    tenant.get("/logs?sort=date", 400)


def test_only_the_members_asked_for_are_shown(tenant: Tenant) -> None:
    assert tenant.get("/logs?fields=type,user_id&per_page=1") == [{"type": "s", "user_id": "auth0|2"}]
    page = tenant.get("/logs?fields=details&include_fields=false&include_totals=true")
    assert all("details" not in entry for entry in page["logs"])


def test_pages_end_after_a_thousand_entries(tenant: Tenant) -> None:
    assert tenant.get("/logs?page=9&per_page=100") == []
    assert tenant.get("/logs?page=10&per_page=100", 400)["errorCode"] == "invalid_paging"


def test_a_checkpoint_goes_forwards(tenant: Tenant) -> None:
    first = tenant.get("/logs?take=1")
    assert first[0]["user_id"] == "auth0|1"
    rest = tenant.get(f"/logs?from={first[0]['log_id']}&take=10")
    assert [entry["type"] for entry in rest] == ["f", "s"]
    assert tenant.get(f"/logs?from={rest[-1]['log_id']}") == []
    tenant.get("/logs?take=101", 400)


def test_a_checkpoint_whose_entry_is_gone_keeps_its_place(tenant: Tenant) -> None:
    oldest = tenant.get("/logs?take=1")[0]["log_id"]
    tenant.sandbox.store.trim("tenant_logs", 2)
    assert [entry["type"] for entry in tenant.get(f"/logs?from={oldest}")] == ["f", "s"]
    assert tenant.get(f"/logs?from=9009{'9' * 46}") == []


# -- the search -------------------------------------------------------------------------------------

FIRST, SECOND, THIRD = (("s", "auth0|1"), ("f", "auth0|2"), ("s", "auth0|2"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type:s", [FIRST, THIRD]),
        ("type:s AND user_id:\"auth0|2\"", [THIRD]),
        ("type:s user_id:auth0|2", [THIRD]),
        ("type:f OR client_id:other", [SECOND, THIRD]),
        ("NOT type:s", [SECOND]),
        ("-type:s", [SECOND]),
        ("type:s AND NOT (client_id:other OR client_id:none)", [FIRST]),
        ("type:f OR type:s AND client_id:other", [SECOND, THIRD]),
        ("user_id:auth0*2", [SECOND, THIRD]),
        ("details.prompts.name:login", [THIRD]),
        ('"Wrong email or password."', [SECOND]),
        ('"wrong email or password."', []),
        ("type:S", []),
        ("type:s %26%26 client_id:other", [THIRD]),
        ("user_id:(auth0|1 OR auth0|2) !type:f", [FIRST, THIRD]),
        ("_exists_:user_agent", [FIRST]),
        ("date:[2020-01-01 TO *]", [FIRST, SECOND, THIRD]),
        ("date:[* TO 2020-01-01]", []),
        ("user_id:{auth0|1 TO auth0|2]", [SECOND, THIRD]),
        ("user_id:[auth0|1 TO auth0|2}", [FIRST]),
    ],
)  # fmt: skip
def test_the_search_finds_what_lucene_would(tenant: Tenant, text: str, expected: list[Any]) -> None:
    assert found(tenant, text.replace(" ", "%20").replace("|", "%7C").replace('"', "%22")) == expected


@pytest.mark.parametrize(
    "text", ["type:(", "AND", "type:s OR", "(type:s", "type:s)", "type:", '"open', "NOT",
             "type:s~", "(" * 3000, "NOT " * 3000]
)  # fmt: skip
def test_what_is_no_query_is_refused(tenant: Tenant, text: str) -> None:
    answer = tenant.get(f"/logs?q={text.replace(' ', '%20')}", 400)
    assert answer["errorCode"] == "invalid_query_string"


@given(st.text(alphabet='ab:*"()[]{}\\ -!|&TOANDR', max_size=30))
def test_any_text_is_a_query_or_refused(text: str) -> None:
    with contextlib.suppress(Auth0Error):
        test = query.parse(text)
        assert all(isinstance(test(entry), bool) for entry in ENTRIES)


# -- calls of the Management API --------------------------------------------------------------------


def recorded(tenant: Tenant) -> list[dict[str, Any]]:
    return list(tenant.get("/logs?sort=date:1&q=type:sapi%20OR%20type:fapi"))


def test_what_changes_something_is_recorded_and_reading_is_not(tenant: Tenant) -> None:
    body = {"name": "one", "supported_triggers": POST_LOGIN, "code": CODE, "secrets": []}
    made = tenant.post("/actions/actions", {**body, "secrets": [{"name": "KEY", "value": "top-secret"}]})
    tenant.get(f"/actions/actions/{made['id']}")
    tenant.post(f"/actions/actions/{made['id']}/deploy", expect=200)
    tenant.post("/actions/actions", body, 409)
    tenant.patch(f"/actions/actions/{made['id']}", {"color": "red"}, 400)
    entries = recorded(tenant)
    told = [(e["type"], e["description"], e["details"]["response"]["statusCode"]) for e in entries]
    assert told == [
        ("sapi", "Create an action", 201),
        ("sapi", "Deploy an action", 200),
        ("fapi", "Create an action", 409),
        ("fapi", "Update an action", 400),
    ]
    request = entries[0]["details"]["request"]
    assert (request["method"], request["path"]) == ("post", "/api/v2/actions/actions")
    assert entries[0]["client_name"] == "Deployment"
    assert entries[0]["user_id"] == f"{entries[0]['client_id']}@clients"
    assert "top-secret" not in json.dumps(entries)


def test_every_change_has_words_of_its_own() -> None:
    said = {
        f"{operation.method} {operation.path}": describe(operation)
        for operation in OPERATIONS
        if operation.method != "GET"
    }
    assert said["PATCH /tenants/settings"] == "Update settings"
    assert said["DELETE /log-streams/{id}"] == "Delete a log stream"
    assert said["POST /actions/modules/{id}/rollback"] == "Roll back a module"
    assert all(re.fullmatch(r"[A-Z][a-z-]+( [A-Za-z0-9-]+)+", words) for words in said.values()), said
