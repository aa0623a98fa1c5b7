"""Roles over the API: what a role permits, who has it, and what comes to people with it."""

from typing import Any
from urllib.parse import quote

import pytest

from sandbox import users
from sandbox.context import Sandbox
from sandbox.seed import CONNECTION

from .in_process import InProcess

Json = Any
API = "https://api.example"


@pytest.fixture
def api(sandbox: Sandbox) -> InProcess:
    api = InProcess(sandbox)
    scopes = [{"value": "read", "description": "Can read"}, {"value": "write"}]
    api.call("POST", "/resource-servers", {"identifier": API, "name": "The API", "scopes": scopes})
    return api


@pytest.fixture
def role(api: InProcess) -> str:
    """The path of a role."""
    return f"/roles/{api.call('POST', '/roles', {'name': 'Reader', 'description': 'Reads'})[1]['id']}"


def permissions(*names: str, of: str = API) -> Json:
    wanted = [{"resource_server_identifier": of, "permission_name": name} for name in names]
    return {"permissions": wanted}


def shown(name: str, description: str | None) -> Json:
    return {
        "permission_name": name,
        "description": description,
        "resource_server_name": "The API",
        "resource_server_identifier": API,
    }


def someone(sandbox: Sandbox, name: str = "ada") -> Json:
    return users.create(sandbox, CONNECTION, f"{name}@example.com", None)


def path(user: Json, below: str) -> str:
    return f"/users/{quote(user['user_id'], safe='')}/{below}"


def test_a_description_that_was_not_given_is_null_at_first_and_empty_later(api: InProcess) -> None:
    _, made = api.call("POST", "/roles", {"name": "x"})
    assert made["description"] is None
    for method, body in (("GET", None), ("PATCH", {})):
        assert api.call(method, f"/roles/{made['id']}", body) == (200, {**made, "description": ""})
    _, listed = api.call("GET", "/roles?name_filter=X&include_totals=true")
    assert (listed["total"], listed["roles"][0]["description"]) == (1, "")


def test_a_role_belongs_to_the_tenant_or_to_one_organization(api: InProcess) -> None:
    _, acme = api.call("POST", "/organizations", {"name": "acme"})
    owned = {"name": "Clerk", "type": "organization", "owner_id": acme["id"]}
    status, made = api.call("POST", "/roles", owned)
    assert (status, made["type"], made["owner_id"]) == (200, "organization", acme["id"])
    status, tenants = api.call("POST", "/roles", {"name": "Clerk"})
    assert (status, tenants["type"], "owner_id" in tenants) == (200, "tenant", False)
    assert api.call("POST", "/roles", owned)[0] == 409
    for query, found in (
        ("type=organization", made),
        (f"owner_id={acme['id']}", made),
        ("type=tenant", tenants),
    ):
        _, listed = api.call("GET", f"/roles?name_filter=Clerk&{query}")
        assert [role["id"] for role in listed] == [found["id"]]
    assert api.call("PATCH", f"/roles/{made['id']}", {"type": "tenant"})[0] == 400


@pytest.mark.parametrize(
    ("owned", "status"),
    [
        ({"type": "organization"}, 400),
        ({"type": "tenant", "owner_id": "org_x"}, 400),
        ({"owner_id": "org_x"}, 400),
        ({"type": "organization", "owner_id": "org_x"}, 404),
        ({"type": "other"}, 400),
    ],
)
def test_a_role_whose_owner_is_not_there_is_refused(api: InProcess, owned: Json, status: int) -> None:
    assert api.call("POST", "/roles", {"name": "Clerk", **owned})[0] == status
    assert api.call("GET", "/roles") == (200, [])


def test_permissions_are_given_taken_and_listed_by_name(api: InProcess, role: str) -> None:
    for _ in range(2):
        answer = api.call("POST", f"{role}/permissions", permissions("write", "read"))
        assert answer == (201, {})
    both = [shown("read", "Can read"), shown("write", None)]
    _, page = api.call("GET", f"{role}/permissions?include_totals=true&page=0&per_page=100")
    assert page == {"start": 0, "limit": 100, "total": 2, "permissions": both}
    for _ in range(2):
        assert api.call("DELETE", f"{role}/permissions", permissions("write")) == (204, None)
    assert api.call("GET", f"{role}/permissions") == (200, both[:1])


@pytest.mark.parametrize("wanted", [permissions("read", "none"), permissions("read", of="https://none")])
def test_a_permission_no_api_has_is_refused_and_none_is_given(
    api: InProcess, role: str, wanted: Json
) -> None:
    status, answer = api.call("POST", f"{role}/permissions", wanted)
    assert (status, answer["errorCode"]) == (404, "inexistent_permission")
    assert api.call("GET", f"{role}/permissions") == (200, [])


def test_permissions_go_with_their_scope(api: InProcess, role: str) -> None:
    api.call("POST", f"{role}/permissions", permissions("read", "write"))
    (server,) = [one for one in api.call("GET", "/resource-servers")[1] if one["identifier"] == API]
    api.call("PATCH", f"/resource-servers/{server['id']}", {"scopes": [{"value": "write"}]})
    assert api.call("GET", f"{role}/permissions") == (200, [shown("write", None)])


def test_a_role_knows_who_has_it(api: InProcess, sandbox: Sandbox, role: str) -> None:
    ada, eve = someone(sandbox), someone(sandbox, "eve")
    assert api.call("POST", f"{role}/users", {"users": [ada["user_id"]]}) == (200, {})
    api.call("POST", path(eve, "roles"), {"roles": [role.rpartition("/")[2]]})
    _, page = api.call("GET", f"{role}/users?include_totals=true&per_page=50&take=100")
    assert [user["user_id"] for user in page["users"]] == [ada["user_id"], eve["user_id"]]
    assert set(page["users"][0]) == {"user_id", "email", "picture", "name"}
    _, first = api.call("GET", f"{role}/users?take=1")
    _, last = api.call("GET", f"{role}/users?take=1&from={first['next']}")
    assert [user["user_id"] for user in last["users"]] == [eve["user_id"]]
    api.call("DELETE", f"/users/{ada['user_id']}")
    _, listed = api.call("GET", f"{role}/users")
    assert [user["user_id"] for user in listed] == [eve["user_id"]]


def test_a_role_is_given_to_all_or_to_nobody(api: InProcess, sandbox: Sandbox, role: str) -> None:
    ada = someone(sandbox)
    status, answer = api.call("POST", f"{role}/users", {"users": [ada["user_id"], "auth0|nobody"]})
    assert (status, answer["errorCode"]) == (404, "inexistent_user")
    assert api.call("GET", f"{role}/users") == (200, [])


def test_people_are_told_where_a_permission_comes_from(api: InProcess, sandbox: Sandbox, role: str) -> None:
    ada, role_id = someone(sandbox), role.rpartition("/")[2]
    api.call("POST", f"{role}/permissions", permissions("read", "write"))
    api.call("POST", path(ada, "permissions"), permissions("read"))
    api.call("POST", path(ada, "roles"), {"roles": [role_id]})
    direct = {"source_id": "", "source_name": "", "source_type": "DIRECT"}
    by_role = {"source_id": role_id, "source_name": "Reader", "source_type": "ROLE"}
    assert api.call("GET", path(ada, "permissions")) == (
        200,
        [
            {**shown("read", "Can read"), "sources": [direct, by_role]},
            {**shown("write", None), "sources": [by_role]},
        ],
    )
    assert api.call("GET", path(ada, "effective-permissions"))[0] == 400
    _, effective = api.call("GET", path(ada, f"effective-permissions?resource_server_identifier={API}"))
    assert [one["sources"] for one in effective["permissions"]] == [["direct", "roles"], ["roles"]]
    _, held = api.call("GET", path(ada, "effective-roles"))
    assert [(one["id"], one["sources"]) for one in held["roles"]] == [(role_id, ["direct"])]
    api.call("DELETE", role, {})
    assert api.call("GET", path(ada, "permissions")) == (
        200,
        [{**shown("read", "Can read"), "sources": [direct]}],
    )


def test_a_role_that_is_not_there_is_not_found(api: InProcess) -> None:
    for method, below, body in (
        ("GET", "permissions", None),
        ("POST", "permissions", permissions("read")),
        ("DELETE", "permissions", permissions("read")),
        ("GET", "users", None),
        ("POST", "users", {"users": ["auth0|x"]}),
    ):
        status, answer = api.call(method, f"/roles/rol_none/{below}", body)
        assert (status, answer["errorCode"]) == (404, "inexistent_role")
