"""Organizations themselves, their members and the roles these have in them."""

from typing import Any
from urllib.parse import quote

import pytest

from sandbox import users
from sandbox.context import Sandbox
from sandbox.seed import CONNECTION

from .in_process import InProcess

Json = Any


@pytest.fixture
def api(sandbox: Sandbox) -> InProcess:
    return InProcess(sandbox)


def make(api: InProcess, name: str = "acme", **members: Any) -> Json:
    status, organization = api.call("POST", "/organizations", {"name": name, **members})
    assert status == 201, organization
    return organization


def path(organization: Json, below: str = "") -> str:
    return f"/organizations/{organization['id']}{below}"


def someone(sandbox: Sandbox, name: str = "ada") -> str:
    user_id: str = users.create(sandbox, CONNECTION, f"{name}@example.com", None)["user_id"]
    return user_id


def join(api: InProcess, organization: Json, *members: str) -> None:
    body = {"members": list(members)}
    assert api.call("POST", path(organization, "/members"), body) == (204, None)


def roles_of(organization: Json, user_id: str) -> str:
    return path(organization, f"/members/{quote(user_id, safe='')}/roles")


def test_an_organization_has_what_it_was_given_and_auth0_s_defaults(api: InProcess) -> None:
    made = make(api, metadata={})
    assert made == {
        "id": made["id"],
        "name": "acme",
        "display_name": "acme",
        "third_party_client_access": "block",
    }
    assert made["id"].startswith("org_")
    assert len(made["id"]) == 20
    assert api.call("GET", path(made)) == (200, made)
    assert api.call("GET", "/organizations/name/acme") == (200, made)


def test_a_change_replaces_members_and_null_removes_them(api: InProcess) -> None:
    quota = {"client_credentials": {"per_day": 10, "per_hour": 1, "enforce": True}}
    branding = {"logo_url": "https://acme.example/logo.svg", "colors": {"primary": "#e3e2f0"}}
    made = make(api, display_name="Acme", metadata={"a": "1", "b": "2"}, token_quota=quota, branding=branding)
    _, changed = api.call("PATCH", path(made), {"metadata": {"c": "3"}, "token_quota": None})
    assert changed == {**{k: v for k, v in made.items() if k != "token_quota"}, "metadata": {"c": "3"}}
    _, bare = api.call("PATCH", path(made), {"metadata": {}})
    assert "metadata" not in bare
    assert api.call("GET", path(made)) == (200, bare)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "Missing required property: name"),
        ({"name": "Acme"}, "String does not match pattern"),
        ({"name": "a" * 51}, "String is too long (51 chars), maximum 50"),
        ({"name": "acme", "display_name": ""}, "String is too short (0 chars), minimum 1"),
        ({"name": "acme", "metadata": {"a": 1}}, "found type integer' on property metadata.a"),
        ({"name": "acme", "metadata": {"a": "x" * 256}}, "String is too long (256 chars), maximum 255"),
        ({"name": "acme", "metadata": {str(n): "" for n in range(26)}}, "Too many properties defined (26)"),
        ({"name": "acme", "branding": {"logo_url": "http://a.example"}}, "format strict-https-uri-or-null"),
        ({"name": "acme", "branding": {"colors": {"primary": "red"}}}, "String does not match pattern"),
        ({"name": "acme", "third_party_client_access": "maybe"}, "No enum match for: maybe"),
    ],
)
def test_an_organization_that_makes_no_sense_is_refused(api: InProcess, body: Json, problem: str) -> None:
    status, answer = api.call("POST", "/organizations", body)
    assert (status, answer["errorCode"]) == (400, "invalid_body")
    assert problem in answer["message"]
    assert api.call("GET", "/organizations") == (200, [])


def test_a_name_belongs_to_one_organization(api: InProcess) -> None:
    acme, other = make(api), make(api, "other")
    assert api.call("POST", "/organizations", {"name": "acme"})[0] == 409
    status, answer = api.call("PATCH", path(other), {"name": "acme"})
    assert (status, answer["errorCode"]) == (409, "organization_conflict")
    assert api.call("PATCH", path(acme), {"name": "acme"})[0] == 200


@pytest.mark.parametrize(
    ("method", "below", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {}),
        ("DELETE", "", None),
        ("GET", "/members", None),
        ("POST", "/members", {"members": ["auth0|x"]}),
        ("GET", "/connections", None),
        ("POST", "/enabled_connections", {"connection_id": "con_x"}),
        ("GET", "/client-grants", None),
        ("GET", "/discovery-domains", None),
        ("POST", "/discovery-domains", {"domain": "a.example"}),
        ("GET", "/invitations", None),
        ("GET", "/clients", None),
    ],
)
def test_an_organization_that_is_not_there_is_not_found(
    api: InProcess, method: str, below: str, body: Json
) -> None:
    assert api.call(method, f"/organizations/org_0000000000000000{below}", body) == (
        404,
        {
            "statusCode": 404,
            "error": "Not Found",
            "message": "No organization found by that id or name",
            "errorCode": "inexistent_organization",
        },
    )
    assert api.call("GET", "/organizations/name/nobody")[0] == 404


def test_organizations_are_listed_in_both_styles_and_sorted(api: InProcess) -> None:
    for name in ("b", "c", "a"):
        make(api, name)
    _, page = api.call("GET", "/organizations?include_totals=true&per_page=2&page=1")
    assert (page["total"], page["start"], page["limit"]) == (3, 2, 2)
    assert [one["name"] for one in page["organizations"]] == ["a"]
    _, first = api.call("GET", "/organizations?take=2")
    _, rest = api.call("GET", f"/organizations?take=2&from={first['next']}")
    assert [one["name"] for one in first["organizations"] + rest["organizations"]] == ["b", "c", "a"]
    assert "next" not in rest
    _, found = api.call("GET", "/organizations?sort=name:-1")
    assert [one["name"] for one in found] == ["c", "b", "a"]


def test_members_come_go_and_are_shown_by_their_profile(api: InProcess, sandbox: Sandbox) -> None:
    acme, ada, eve = make(api), someone(sandbox), someone(sandbox, "eve")
    join(api, acme, ada, eve)
    join(api, acme, ada)
    _, members = api.call("GET", path(acme, "/members"))
    assert [member["user_id"] for member in members] == [ada, eve]
    assert set(members[0]) == {"user_id", "email", "name", "picture"}
    for _ in range(2):
        assert api.call("DELETE", path(acme, "/members"), {"members": [ada]}) == (204, None)
    _, page = api.call("GET", path(acme, "/members?include_totals=true"))
    assert page == {"start": 0, "limit": 50, "total": 1, "members": members[1:]}


def test_nobody_joins_with_somebody_who_is_not_there(api: InProcess, sandbox: Sandbox) -> None:
    acme, ada = make(api), someone(sandbox)
    status, answer = api.call("POST", path(acme, "/members"), {"members": [ada, "auth0|nobody"]})
    assert (status, answer["errorCode"]) == (404, "inexistent_user")
    assert api.call("GET", path(acme, "/members")) == (200, [])


@pytest.mark.parametrize("leaves", [True, False])
def test_a_checkpoint_of_members_goes_on_after_the_last_one(
    api: InProcess, sandbox: Sandbox, leaves: bool
) -> None:
    """Even after the last page, and even when that member has left meanwhile."""
    acme = make(api)
    people = []
    for number in range(5):
        people.append(someone(sandbox, f"p{number}"))
        join(api, acme, people[-1])
        sandbox.clock.advance(1)
    seen: list[str] = []
    following = ""
    for size in (2, 2, 1):
        _, page = api.call("GET", path(acme, f"/members?take=2&fields=user_id{following}"))
        assert len(page["members"]) == size
        seen += [member["user_id"] for member in page["members"]]
        if leaves:
            api.call("DELETE", path(acme, "/members"), {"members": [seen[-1]]})
        following = f"&from={quote(page['next'])}"
    assert seen == people
    assert api.call("GET", path(acme, f"/members?take=2{following}")) == (200, {"members": []})


@pytest.mark.parametrize(
    ("cursor", "answer"),
    [
        # 2020-01-01 00:00:00.000000UTC,auth0|x: from before the organization.
        ("MjAyMC0wMS0wMSAwMDowMDowMC4wMDAwMDBVVEMsYXV0aDB8eA==", (200, {"members": []})),
        ("bm8gY3Vyc29y", (400, None)),
        ("%21", (400, None)),
    ],
)
def test_a_checkpoint_of_somewhere_else_leads_nowhere(
    api: InProcess, sandbox: Sandbox, cursor: str, answer: tuple[int, Json]
) -> None:
    acme = make(api)
    join(api, acme, someone(sandbox))
    status, body = api.call("GET", path(acme, f"/members?take=2&from={cursor}"))
    assert status == answer[0]
    assert answer[1] in (None, body)


def test_members_have_roles_in_the_organization_alone(api: InProcess, sandbox: Sandbox) -> None:
    acme, other, ada = make(api), make(api, "other"), someone(sandbox)
    join(api, acme, ada)
    join(api, other, ada)
    _, role = api.call("POST", "/roles", {"name": "Reader"})
    given = {"roles": [role["id"]]}
    for _ in range(2):
        assert api.call("POST", roles_of(acme, ada), given) == (204, None)
    join(api, acme, ada)
    shown = {"id": role["id"], "name": "Reader", "description": ""}
    assert api.call("GET", roles_of(acme, ada)) == (200, [shown])
    assert api.call("GET", roles_of(other, ada)) == (200, [])
    _, (member,) = api.call("GET", path(acme, "/members?fields=roles"))
    assert member == {"roles": [{"id": role["id"], "name": "Reader"}]}
    _, effective = api.call("GET", roles_of(acme, ada).replace("/roles", "/effective-roles"))
    assert effective == {"roles": [{**shown, "sources": ["direct"]}]}
    _, holders = api.call("GET", path(acme, f"/roles/{role['id']}/members"))
    assert [holder["user_id"] for holder in holders["members"]] == [ada]
    assert api.call("DELETE", roles_of(acme, ada), given) == (204, None)
    assert api.call("GET", roles_of(acme, ada)) == (200, [])


def test_only_roles_that_exist_are_given_and_to_members_alone(api: InProcess, sandbox: Sandbox) -> None:
    acme, ada, eve = make(api), someone(sandbox), someone(sandbox, "eve")
    join(api, acme, ada)
    assert api.call("POST", roles_of(acme, ada), {"roles": ["rol_none"]})[0] == 404
    _, role = api.call("POST", "/roles", {"name": "Reader"})
    assert api.call("POST", roles_of(acme, eve), {"roles": [role["id"]]})[0] == 404
    assert api.call("GET", roles_of(acme, eve))[0] == 404
    assert api.call("DELETE", roles_of(acme, eve), {"roles": [role["id"]]}) == (204, None)


def test_whatever_is_deleted_takes_the_memberships_along(api: InProcess, sandbox: Sandbox) -> None:
    acme, other, ada = make(api), make(api, "other"), someone(sandbox)
    join(api, acme, ada)
    join(api, other, ada)
    _, role = api.call("POST", "/roles", {"name": "Reader"})
    api.call("POST", roles_of(acme, ada), {"roles": [role["id"]]})
    api.call("DELETE", f"/roles/{role['id']}", {})
    assert api.call("GET", roles_of(acme, ada)) == (200, [])
    of_ada = f"/users/{quote(ada, safe='')}/organizations"
    _, listed = api.call("GET", of_ada)
    assert [one["name"] for one in listed] == ["acme", "other"]
    assert api.call("DELETE", path(acme)) == (204, None)
    assert sandbox.store.count("organization_members") == 1
    _, page = api.call("GET", f"{of_ada}?include_totals=true&page=0&per_page=50")
    assert (page["total"], page["organizations"][0]["id"]) == (1, other["id"])
    api.call("DELETE", f"/users/{quote(ada, safe='')}")
    body = {"connection": CONNECTION, "email": "ada@example.com", "password": "Abcdefg1!"}
    api.call("POST", "/users", {**body, "user_id": ada.partition("|")[2]})
    assert api.call("GET", path(other, "/members")) == (200, [])
    assert sandbox.store.count("organization_members") == 0
