"""What an organization is joined to: connections, grants, applications, domains; and whom it invites."""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.context import Sandbox

from .in_process import InProcess

Json = Any


@pytest.fixture
def api(sandbox: Sandbox) -> InProcess:
    return InProcess(sandbox)


@pytest.fixture
def acme(api: InProcess) -> str:
    """The path of an organization."""
    return f"/organizations/{post(api, '/organizations', {'name': 'acme'})['id']}"


@pytest.fixture
def connection(api: InProcess) -> Json:
    return post(api, "/connections", {"name": "people", "strategy": "auth0"})


def post(api: InProcess, path: str, body: Json, expect: int = 201) -> Json:
    status, answer = api.call("POST", path, body)
    assert status == expect, answer
    return answer


def test_a_connection_has_its_defaults_and_says_what_it_is(
    api: InProcess, acme: str, connection: Json
) -> None:
    made = post(api, f"{acme}/enabled_connections", {"connection_id": connection["id"]})
    assert made == {
        "connection_id": connection["id"],
        "assign_membership_on_login": False,
        "show_as_button": True,
        "is_signup_enabled": False,
        "connection": {"name": "people", "strategy": "auth0"},
    }
    assert api.call("GET", f"{acme}/enabled_connections/{connection['id']}") == (200, made)
    _, page = api.call("GET", f"{acme}/enabled_connections?include_totals=true")
    assert page == {"start": 0, "limit": 50, "total": 1, "enabled_connections": [made]}
    _, whole = api.call("GET", f"{acme}/connections/{connection['id']}")
    assert {name: whole[name] for name in made} == made
    assert whole["is_enabled"] is True


@pytest.mark.parametrize("form", ["connections", "enabled_connections"])
def test_a_connection_is_changed_and_removed_in_either_form(
    api: InProcess, acme: str, connection: Json, form: str
) -> None:
    one = f"{acme}/{form}/{connection['id']}"
    post(api, f"{acme}/{form}", {"connection_id": connection["id"], "assign_membership_on_login": True})
    assert api.call("POST", f"{acme}/{form}", {"connection_id": connection["id"]})[0] == 409
    _, changed = api.call("PATCH", one, {"is_signup_enabled": True})
    assert (changed["assign_membership_on_login"], changed["is_signup_enabled"]) == (True, True)
    status, answer = api.call("PATCH", one, {"assign_membership_on_login": False})
    assert (status, answer["errorCode"]) == (400, "invalid_body")
    assert api.call("GET", one) == (200, changed)
    for _ in range(2):
        assert api.call("DELETE", one) == (204, None)
    assert api.call("GET", one)[0] == 404


def test_a_connection_that_is_off_is_in_the_longer_list_alone(
    api: InProcess, acme: str, connection: Json
) -> None:
    body = {"connection_id": connection["id"], "is_enabled": False, "organization_access_level": "full"}
    made = post(api, f"{acme}/connections", body)
    assert (made["is_enabled"], made["organization_access_level"]) == (False, "full")
    assert api.call("GET", f"{acme}/connections") == (200, [made])
    assert api.call("GET", f"{acme}/connections?is_enabled=true") == (200, [])
    assert api.call("GET", f"{acme}/enabled_connections") == (200, [])
    assert api.call("GET", f"{acme}/enabled_connections/{connection['id']}")[0] == 404


def test_an_organization_begins_with_connections(api: InProcess, connection: Json) -> None:
    wanted = {"connection_id": connection["id"], "assign_membership_on_login": True}
    made = post(api, "/organizations", {"name": "b", "enabled_connections": [wanted]})
    (joined,) = made["enabled_connections"]
    assert (joined["assign_membership_on_login"], joined["connection"]["name"]) == (True, "people")
    unknown = {"name": "c", "enabled_connections": [{"connection_id": "con_none"}]}
    assert api.call("POST", "/organizations", unknown)[0] == 404
    assert api.call("GET", "/organizations/name/c")[0] == 404


def test_a_deleted_connection_is_no_organization_s_any_more(
    api: InProcess, acme: str, connection: Json
) -> None:
    post(api, f"{acme}/connections", {"connection_id": connection["id"]})
    api.call("DELETE", f"/connections/{connection['id']}")
    assert api.call("GET", f"{acme}/connections") == (200, [])
    assert api.call("GET", f"{acme}/connections/{connection['id']}")[0] == 404


@pytest.fixture
def grant(api: InProcess) -> Json:
    api_ = post(api, "/resource-servers", {"identifier": "https://a", "scopes": [{"value": "read"}]})
    client = post(api, "/clients", {"name": "machine"})
    body = {"client_id": client["client_id"], "audience": api_["identifier"], "scope": ["read"]}
    return post(api, "/client-grants", {**body, "organization_usage": "allow"})


def test_grants_are_joined_listed_and_left(api: InProcess, acme: str, grant: Json) -> None:
    made = post(api, f"{acme}/client-grants", {"grant_id": grant["id"]})
    assert {name: made[name] for name in ("id", "client_id", "audience", "scope", "organization_usage")} == {
        name: grant[name] for name in ("id", "client_id", "audience", "scope", "organization_usage")
    }
    assert api.call("POST", f"{acme}/client-grants", {"grant_id": grant["id"]})[0] == 409
    assert api.call("POST", f"{acme}/client-grants", {"grant_id": "cgr_none"})[0] == 404
    assert api.call("GET", f"{acme}/client-grants?client_id={grant['client_id']}") == (200, [made])
    assert api.call("GET", f"{acme}/client-grants?audience=https://b") == (200, [])
    _, page = api.call("GET", f"{acme}/client-grants?include_totals=true&per_page=50")
    assert page == {"start": 0, "limit": 50, "total": 1, "client_grants": [made]}
    _, listed = api.call("GET", f"/client-grants/{grant['id']}/organizations?take=5")
    assert [one["name"] for one in listed["organizations"]] == ["acme"]
    assert api.call("DELETE", f"{acme}/client-grants/{grant['id']}") == (204, None)
    assert api.call("GET", f"{acme}/client-grants") == (200, [])


def test_a_grant_goes_with_its_application(api: InProcess, acme: str, grant: Json) -> None:
    post(api, f"{acme}/client-grants", {"grant_id": grant["id"]})
    api.call("DELETE", f"/clients/{grant['client_id']}")
    assert api.call("GET", f"{acme}/client-grants") == (200, [])


def test_applications_are_joined_listed_and_left(api: InProcess, acme: str) -> None:
    client = post(api, "/clients", {"name": "app", "app_type": "spa"})["client_id"]
    (made,) = post(api, f"{acme}/clients", {"clients": [{"client_id": client}]})
    assert (made["client_id"], made["use_for_member_access"]) == (client, False)
    assert (made["client"]["name"], made["client"]["app_type"]) == ("app", "spa")
    _, changed = api.call("PATCH", f"{acme}/clients/{client}", {"use_for_member_access": True})
    assert api.call("GET", f"{acme}/clients") == (200, {"clients": [changed]})
    assert api.call("DELETE", f"{acme}/clients", {"clients": [client]}) == (204, None)
    assert api.call("GET", f"{acme}/clients/{client}")[0] == 404
    assert api.call("POST", f"{acme}/clients", {"clients": [{"client_id": "none"}]})[0] == 404


def test_organizations_say_what_ties_them_to_an_application(api: InProcess, acme: str) -> None:
    client = post(api, "/clients", {"name": "shop"})["client_id"]
    post(api, "/organizations", {"name": "other"})
    post(api, f"{acme}/clients", {"clients": [{"client_id": client, "use_for_member_access": True}]})
    _, listed = api.call("GET", f"/organizations?include_client_association_for={client}")
    ties = {organization["name"]: organization.get("client") for organization in listed}
    assert ties == {"acme": {"use_for_member_access": True}, "other": None}
    assert all("client" not in organization for organization in api.call("GET", "/organizations")[1])


def test_no_group_has_a_role(api: InProcess, acme: str) -> None:
    role = post(api, "/roles", {"name": "r"}, 200)["id"]
    assert api.call("GET", f"{acme}/roles/{role}/groups") == (200, {"groups": []})
    assert api.call("GET", f"{acme}/roles/rol_none/groups")[0] == 404
    assert api.call("GET", f"/organizations/org_none/roles/{role}/groups")[0] == 404


def test_a_domain_says_how_it_is_proven(api: InProcess, acme: str) -> None:
    domain = post(api, f"{acme}/discovery-domains", {"domain": "Acme.example"})
    organization = acme.rpartition("/")[2]
    assert domain == {
        "id": domain["id"],
        "domain": "acme.example",
        "status": "pending",
        "use_for_organization_discovery": True,
        "verification_host": f"_ss-verification.{organization}.acme.example",
        "verification_txt": domain["verification_txt"],
    }
    assert domain["id"].startswith("ord_")
    assert len(domain["verification_txt"]) == 32
    one = f"{acme}/discovery-domains/{domain['id']}"
    _, changed = api.call("PATCH", one, {"status": "verified", "use_for_organization_discovery": False})
    assert changed == {**domain, "status": "verified", "use_for_organization_discovery": False}
    assert api.call("GET", one) == (200, changed)
    assert api.call("GET", f"{acme}/discovery-domains/name/ACME.example") == (200, changed)
    assert api.call("GET", f"{acme}/discovery-domains?take=100") == (200, {"domains": [changed]})
    assert api.call("POST", f"{acme}/discovery-domains", {"domain": "acme.example"})[0] == 409
    assert api.call("DELETE", one) == (204, None)
    assert api.call("GET", one)[0] == 404


def test_another_organization_s_domain_is_not_found(api: InProcess, acme: str) -> None:
    domain = post(api, f"{acme}/discovery-domains", {"domain": "acme.example", "status": "verified"})
    other = post(api, "/organizations", {"name": "other"})["id"]
    for method in ("GET", "DELETE"):
        assert api.call(method, f"/organizations/{other}/discovery-domains/{domain['id']}")[0] == 404
    api.call("DELETE", acme)
    assert api.call("GET", f"/organizations/{other}/discovery-domains") == (200, {"domains": []})


def seconds_between(invitation: Json) -> float:
    first, last = (datetime.fromisoformat(invitation[name]) for name in ("created_at", "expires_at"))
    return (last - first).total_seconds()


def invite(client: str, **members: Any) -> Json:
    people = {"inviter": {"name": "Ada"}, "invitee": {"email": "eve@example.com"}}
    return {**people, "client_id": client, **members}


def test_an_invitation_leads_to_where_the_application_logs_people_in(api: InProcess, acme: str) -> None:
    client = post(api, "/clients", {"name": "app", "initiate_login_uri": "https://app.example/login"})
    made = post(api, f"{acme}/invitations", invite(client["client_id"], user_metadata={"a": 1}))
    address = urlsplit(made["invitation_url"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == "https://app.example/login"
    assert parse_qs(address.query) == {
        "invitation": [made["ticket_id"]],
        "organization": [made["organization_id"]],
        "organization_name": ["acme"],
    }
    assert (made["invitee"], made["user_metadata"]) == ({"email": "eve@example.com"}, {"a": 1})
    assert seconds_between(made) == 7 * 86_400
    short = post(api, f"{acme}/invitations", invite(client["client_id"], ttl_sec=60))
    assert seconds_between(short) == 60
    assert api.call("GET", f"{acme}/invitations") == (200, [short, made])
    assert api.call("GET", f"{acme}/invitations?sort=created_at:1") == (200, [made, short])
    one = f"{acme}/invitations/{made['id']}"
    assert api.call("GET", f"{one}?fields=invitee") == (200, {"invitee": {"email": "eve@example.com"}})
    assert api.call("DELETE", one) == (204, None)
    assert api.call("GET", one)[0] == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 400),
        ({"client_id": "none"}, 404),
        ({"roles": ["rol_none"]}, 404),
        ({"connection_id": "con_none"}, 404),
        ({"ttl_sec": 2_592_001}, 400),
        ({"invitee": {"email": "eve"}}, 400),
    ],
)
def test_an_invitation_that_leads_nowhere_is_refused(
    api: InProcess, acme: str, change: Json, status: int
) -> None:
    client = post(api, "/clients", {"name": "app"})["client_id"]
    assert api.call("POST", f"{acme}/invitations", {**invite(client), **change})[0] == status
    assert api.call("GET", f"{acme}/invitations") == (200, [])
