"""Values at the edge of what the Management API takes: times, days, long lists, line breaks, wrong types."""

import gzip
import json
import time
from typing import Any

import pytest

from sandbox.errors import Auth0Error
from sandbox.management.jobs import exports, imports
from sandbox.management.schema import array, text, type_of, validate
from sandbox.parsing import parsed
from sandbox.seed import CONNECTION

from .tenant_driver import Tenant, problem


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


# -- times ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"), [(b"86400.0", 201), (b"86400.5", 400), (b"1e400", 400), (b"1e15", 400)]
)
def test_a_ticket_ends_some_day(tenant: Tenant, given: bytes, expected: int) -> None:
    user = tenant.post(
        "/users", {"connection": CONNECTION, "email": "a@x.test", "password": "Correct-horse-9"}
    )
    body = {"user_id": user["user_id"], "ttl_sec": parsed(given)}
    answer = tenant.post("/tickets/email-verification", body, expected)
    assert expected == 201 or "on property ttl_sec" in problem(answer)


def test_a_scim_token_ends_some_day(tenant: Tenant) -> None:
    made = tenant.post(
        "/connections", {"name": "one", "strategy": "samlp", "options": {"signInEndpoint": "https://a.test"}}
    )
    path = f"/connections/{made['id']}/scim-configuration"
    tenant.post(path, {})
    refused = tenant.post(f"{path}/tokens", {"token_lifetime": 10**15}, 400)
    assert "is greater than maximum 2147483647' on property token_lifetime" in problem(refused)
    assert tenant.post(f"{path}/tokens", {"token_lifetime": 2**31 - 1})["valid_until"] > "20"


def test_the_first_days_of_all_are_days(tenant: Tenant) -> None:
    assert [day["date"] for day in tenant.get("/stats/daily?to=00010102")] == [
        "0001-01-01T00:00:00.000Z",
        "0001-01-02T00:00:00.000Z",
    ]


def test_of_a_range_without_end_the_last_days_are_told(tenant: Tenant) -> None:
    days = tenant.get("/stats/daily?from=00010101&to=20261231")
    assert (len(days), days[-1]["date"]) == (366, "2026-12-31T00:00:00.000Z")
    assert len(tenant.get("/stats/daily?from=20260101&to=20261231")) == 365
    assert tenant.get("/stats/daily?from=20261231&to=20260101") == []


@pytest.mark.parametrize("day", ["20261301", "2026123", "20261231%0A", "%D9%A2%D9%A00261231"])
def test_what_is_no_day_is_refused(tenant: Tenant, day: str) -> None:
    assert tenant.get(f"/stats/daily?from={day}", 400)["errorCode"] == "invalid_query_string"


# -- lists and text ---------------------------------------------------------------------------------


def test_a_long_list_is_soon_known_to_be_unique() -> None:
    started = time.process_time()
    validate([f"x{number}" for number in range(50_000)], array(text(), unique=True))
    assert time.process_time() - started < 2


@pytest.mark.parametrize("items", [[1, True], [0, False], ["1", 1], [None, "null"], [[1], [True]]])
def test_values_of_different_types_differ(items: list[Any]) -> None:
    validate(items, array(unique=True))


def test_members_in_another_order_are_the_same() -> None:
    with pytest.raises(Auth0Error, match="indexes 0 and 1"):
        validate([{"a": 1, "b": 2}, {"b": 2, "a": 1}], array(unique=True))


@pytest.mark.parametrize(
    "schema", [text(pattern="^[a-z@.]+$"), text(like="email")], ids=["pattern", "format"]
)
def test_a_line_break_at_the_end_is_part_of_the_text(schema: Any) -> None:
    validate("a@b.c", schema)
    with pytest.raises(Auth0Error):
        validate("a@b.c\n", schema)


def test_the_message_has_the_pattern_as_it_is_documented() -> None:
    with pytest.raises(Auth0Error, match=r"pattern \^a\$: b"):
        validate("b", text(pattern="^a$"))


@pytest.mark.parametrize("position", ["²", "9" * 5000, "-1", "2"])
def test_an_export_has_nothing_where_no_item_is(position: str) -> None:
    user = {"user_id": "auth0|1", "identities": [{"provider": "auth0"}]}
    fields = [{"name": f"identities[{position}].provider"}, {"name": "identities[0].provider"}]
    rows = gzip.decompress(exports.file([user], fields, "json"))
    assert json.loads(rows) == {"identities[0].provider": "auth0"}


# -- types ------------------------------------------------------------------------------------------

TYPES: dict[str, Any] = {
    "null": None, "boolean": True, "integer": 1, "number": 0.5, "string": "x", "array": [], "object": {}
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), TYPES.items())
def test_types_have_the_names_json_gives_them(name: str, value: Any) -> None:
    assert type_of(value) == name


@pytest.mark.parametrize("name", sorted(TYPES.keys() - {"string", "null"}))
def test_metadata_of_another_type_are_refused_by_its_name(tenant: Tenant, name: str) -> None:
    said = f"'Expected type string but found type {name}' on property "
    domain = {"domain": "a.example.com", "type": "auth0_managed_certs", "domain_metadata": {"a": TYPES[name]}}
    assert problem(tenant.post("/custom-domains", domain, 400)) == f"{said}domain_metadata.a."
    organization = {"name": "one", "metadata": {"a": TYPES[name]}}
    assert said in problem(tenant.post("/organizations", organization, 400))


@pytest.mark.parametrize("name", sorted(TYPES.keys() - {"object"}))
def test_an_imported_entry_of_another_type_is_told_by_its_name(tenant: Tenant, name: str) -> None:
    connection = tenant.sandbox.store.where("connections", "name", CONNECTION)[0]
    _, failures = imports.run(tenant.sandbox, connection, [TYPES[name]], upsert=False)
    assert failures[0]["errors"][0]["message"] == f"Expected type object but found type {name}"
