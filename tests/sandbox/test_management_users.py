"""Users over the API: create, find, patch, and their roles and permissions."""

from typing import Any

import pytest

from sandbox import users
from sandbox.context import Sandbox
from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox

from .api import Api, at_once, encoded
from .in_process import InProcess

EMAIL = "ada@example.com"
PASSWORD = "Abcdefg1!"
NUMBER = "+14155550123"


def create(api: Api, email: str = EMAIL, **members: Any) -> dict[str, Any]:
    user: dict[str, Any] = api.post(
        "/users", {"connection": CONNECTION, "email": email, "password": PASSWORD, **members}
    )
    return user


def path(user: dict[str, Any]) -> str:
    return f"/users/{encoded(user['user_id'])}"


def test_a_created_user_can_be_read_by_its_encoded_id(api: Api) -> None:
    user = create(api, username="ada", user_metadata={"phone_number": NUMBER}, app_metadata={"plan": "x"})
    assert user["user_id"].startswith("auth0|")
    assert user["email_verified"] is False
    assert not any("password" in name for name in user)
    assert api.get(path(user)) == user
    assert api.get(f"/users/{user['user_id']}") == user


@pytest.mark.parametrize("strategy", ["google-oauth2", "oidc"])
def test_users_of_other_providers_come_by_logging_in(api: Api, strategy: str) -> None:
    options = {"type": "front_channel", "issuer": "https://idp.example", "client_id": "x"}
    options |= {name: f"https://idp.example/{name}" for name in ("authorization_endpoint", "jwks_uri")}
    api.post("/connections", {"name": "theirs", "strategy": strategy, "options": options})
    refused = api.post("/users", {"connection": "theirs", "email": EMAIL}, 400)
    assert refused["message"] == "Users can be created in database and passwordless connections only"
    assert api.get("/users") == []


def test_an_id_of_one_s_own_gets_the_provider_s_prefix(api: Api) -> None:
    assert create(api, user_id="ada")["user_id"] == "auth0|ada"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"email": EMAIL, "password": PASSWORD}, 400, "Missing required property: connection"),
        ({"connection": "nowhere", "email": EMAIL}, 400, "The connection does not exist"),
        ({"connection": CONNECTION, "password": PASSWORD}, 400, "Missing required property: email"),
        ({"connection": CONNECTION, "email": EMAIL}, 400, "Missing required property: password"),
        ({"connection": CONNECTION, "email": "ada", "password": PASSWORD}, 400, "format email: ada"),
        (
            {"connection": CONNECTION, "email": EMAIL, "password": "weak"},
            400,
            "PasswordStrengthError: Password is too weak",
        ),
        (
            {"connection": CONNECTION, "email": EMAIL, "password": PASSWORD, "phone_number": "0123"},
            400,
            "does not match pattern",
        ),
        (
            {"connection": CONNECTION, "email": EMAIL, "password": PASSWORD, "user_metadata": []},
            400,
            "Expected type object but found type array",
        ),
        (
            {"connection": CONNECTION, "email": EMAIL, "password": PASSWORD, "roles": []},
            400,
            "Additional properties not allowed: roles",
        ),
    ],
)
def test_a_user_that_makes_no_sense_is_refused(
    api: Api, body: dict[str, Any], status: int, message: str
) -> None:
    assert message in api.post("/users", body, status)["message"]
    assert api.get("/users") == []


def test_the_same_address_twice_is_a_conflict(api: Api) -> None:
    create(api)
    body = {"connection": CONNECTION, "email": EMAIL.upper(), "password": PASSWORD}
    answer = api.post("/users", body, 409)
    assert (answer["message"], answer["errorCode"]) == ("The user already exists.", "auth0_idp_error")


def test_a_user_of_an_sms_connection_needs_a_number_alone(api: Api) -> None:
    api.post("/connections", {"name": "sms", "strategy": "sms"})
    body = {"connection": "sms", "phone_number": NUMBER, "phone_verified": True}
    user = api.post("/users", body)
    assert user["user_id"].startswith("sms|")
    assert (user["name"], user["phone_verified"]) == (NUMBER, True)
    assert "email" not in user
    api.post("/users", {"connection": "sms", "email": EMAIL}, 400)


@pytest.mark.parametrize(
    ("change", "verified"),
    [
        ({"phone_number": "+14155550124"}, False),
        ({"phone_number": "+14155550124", "phone_verified": True}, True),
        ({"phone_number": NUMBER}, True),
        ({"nickname": "Ada"}, True),
    ],
)
def test_a_changed_number_is_no_longer_proven(api: Api, change: dict[str, Any], verified: bool) -> None:
    api.post("/connections", {"name": "sms", "strategy": "sms"})
    user = api.post("/users", {"connection": "sms", "phone_number": NUMBER, "phone_verified": True})
    assert api.patch(path(user), change)["phone_verified"] is verified


def test_a_changed_address_is_no_longer_proven(api: Api) -> None:
    user = create(api, email_verified=True)
    assert api.patch(path(user), {"email": "other@example.com"})["email_verified"] is False


def test_metadata_is_merged_and_other_members_replaced(api: Api) -> None:
    user = create(api, user_metadata={"a": 1, "b": {"x": 1}}, app_metadata={"keep": True, "drop": 1})
    changed = api.patch(
        path(user),
        {
            "user_metadata": {"b": {"y": 2}, "c": 3},
            "app_metadata": {"drop": None, "phone_number": NUMBER},
            "nickname": "countess",
            "given_name": None,
        },
    )
    assert changed["user_metadata"] == {"a": 1, "b": {"y": 2}, "c": 3}
    assert changed["app_metadata"] == {"keep": True, "phone_number": NUMBER}
    assert changed["nickname"] == "countess"
    assert changed["email"] == EMAIL
    assert api.get(path(user)) == changed


@pytest.mark.parametrize("nothing", [{}, None])
def test_metadata_is_erased_by_an_empty_object(api: Api, nothing: dict[str, Any] | None) -> None:
    user = create(api, user_metadata={"a": 1}, app_metadata={"b": 1})
    changed = api.patch(path(user), {"user_metadata": nothing})
    assert (changed["user_metadata"], changed["app_metadata"]) == ({}, {"b": 1})
    assert api.get(path(user)) == changed


@pytest.mark.parametrize(
    "change",
    [
        {"username": "eve", "password": "Gfedcba1!"},
        {"username": "eve", "email_verified": True},
        {"password": "Gfedcba1!", "email_verified": True},
    ],
)
def test_what_does_not_go_together_is_refused(api: Api, change: dict[str, Any]) -> None:
    user = create(api, username="ada")
    answer = api.patch(path(user), change, 400)
    assert answer["message"] == f"Cannot update {' and '.join(change)} simultaneously"
    assert api.get(path(user)) == user


def test_a_name_to_log_in_with_is_changed_but_not_added(api: Api) -> None:
    assert api.patch(path(create(api, username="ada")), {"username": "eve"})["username"] == "eve"
    answer = api.patch(path(create(api, "b@example.com")), {"username": "b"}, 400)
    assert answer["message"] == "Cannot update username for users without an username already set."


def test_an_update_has_a_date_and_keeps_the_first_one(api: Api, running_sandbox: RunningSandbox) -> None:
    user = create(api)
    running_sandbox.sandbox.clock.advance(10)
    changed = api.patch(path(user), {"nickname": "x"})
    assert changed["updated_at"] > user["updated_at"]
    assert changed["created_at"] == user["created_at"]


def test_an_address_taken_by_somebody_else_is_refused(api: Api) -> None:
    create(api)
    other = create(api, "eve@example.com")
    answer = api.patch(path(other), {"email": EMAIL}, 400)
    assert answer["message"] == "The specified new email already exists"
    assert api.patch(path(other), {"email": "EVE@example.com"})["email"] == "eve@example.com"


def test_a_new_password_must_be_strong_and_is_dated(api: Api) -> None:
    user = create(api)
    api.patch(path(user), {"password": "weak"}, 400)
    changed = api.patch(path(user), {"password": "Gfedcba1!", "connection": CONNECTION})
    assert "last_password_reset" in changed
    assert "connection" not in changed


def test_unknown_users_do_not_exist_and_deleting_them_succeeds(api: Api) -> None:
    assert api.get("/users/auth0%7Cnobody", 404) == {
        "statusCode": 404,
        "error": "Not Found",
        "message": "The user does not exist.",
        "errorCode": "inexistent_user",
    }
    api.patch("/users/auth0%7Cnobody", {"nickname": "x"}, 404)
    api.delete("/users/auth0%7Cnobody")
    user = create(api)
    api.delete(path(user))
    api.get(path(user), 404)


def test_patches_at_once_lose_nothing(api: Api, running_sandbox: RunningSandbox) -> None:
    user = create(api)
    calls = [("PATCH", path(user), {"app_metadata": {f"k{number}": number}}) for number in range(8)]
    assert at_once(running_sandbox, calls) == [200] * 8
    assert api.get(path(user))["app_metadata"] == {f"k{number}": number for number in range(8)}


# -- finding ----------------------------------------------------------------------------------------


@pytest.fixture
def people(api: Api) -> Api:
    create(api, "ada@example.com", username="ada", name="Ada Lovelace", app_metadata={"plan": "gold"})
    create(api, "grace@example.com", name="Grace Hopper", email_verified=True)
    create(api, "alan@example.org", name="Alan Turing", user_metadata={"tags": ["x", "y"]})
    return api


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("email:ada@example.com", ["ada"]),
        ('email:"ada@example.com"', ["ada"]),
        ("email:ADA@EXAMPLE.COM", ["ada"]),
        ("email:a*", ["ada", "alan"]),
        ("username:ada", ["ada"]),
        ('name:"Grace Hopper"', ["grace"]),
        ("email_verified:true", ["grace"]),
        ("app_metadata.plan:gold", ["ada"]),
        ("user_metadata.tags:y", ["alan"]),
        (f"identities.connection:{CONNECTION}", ["ada", "grace", "alan"]),
        ("email:ada@example.com OR email:grace@example.com", ["ada", "grace"]),
        ("email:a* AND NOT username:ada", ["alan"]),
        ("email:a* AND username:ada OR email_verified:true", ["ada", "grace"]),
        ("email:nobody@example.com", []),
        ("app_metadata:gold", []),
        ("ada", ["ada"]),
        ("(email:a* OR email:g*) AND NOT username:ada", ["grace", "alan"]),
        ('email:("ada@example.com" OR "grace@example.com")', ["ada", "grace"]),
        ("NOT _exists_:username", ["grace", "alan"]),
        ("-email:ada*", ["grace", "alan"]),
        ("email:[a TO b]", ["ada", "alan"]),
        ("email:{b TO *]", ["grace"]),
        ("created_at:[2020-01-01 TO *]", ["ada", "grace", "alan"]),
        ("email:?da@example.com", ["ada"]),
    ],
)
def test_users_are_searched(people: Api, query: str, found: list[str]) -> None:
    page = people.get("/users", q=query, include_totals="true", search_engine="v3")
    assert [user["email"].partition("@")[0] for user in page["users"]] == found
    assert (page["length"], page["total"], page["start"]) == (len(found), len(found), 0)


@pytest.mark.parametrize(
    "query",
    ["email:", "(email:a", "email:a)", "email:[a TO b", "email:a AND", "OR email:a", 'name:"a', "name:/a/"],
)
def test_a_query_it_does_not_understand_is_refused(people: Api, query: str) -> None:
    assert people.get("/users", 400, q=query)["errorCode"] == "invalid_query_string"


def test_the_found_are_sorted_on_request(people: Api) -> None:
    def addresses(sort: str) -> list[str]:
        return [user["email"][:3] for user in people.get("/users", sort=sort)]

    assert addresses("email:1") == ["ada", "ala", "gra"]
    assert addresses("email:-1") == ["gra", "ala", "ada"]
    assert addresses("username:-1")[0] == "ada"
    assert people.get("/users", 400, sort="email")["errorCode"] == "invalid_query_string"


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_pages_hold_everybody_once_and_in_order(sandbox: Sandbox, size: int) -> None:
    api = InProcess(sandbox)
    for number in range(5):
        users.create(sandbox, CONNECTION, f"{number}@example.com", None)
    seen: list[str] = []
    for page in range(6):
        _, answer = api.call("GET", f"/users?per_page={size}&page={page}&include_totals=true")
        assert (answer["total"], answer["start"], answer["length"]) == (5, page * size, len(answer["users"]))
        seen += [user["email"][0] for user in answer["users"]]
    assert seen == list("01234")


def test_nobody_pages_beyond_a_thousand(api: Api) -> None:
    assert api.get("/users", 400, page="20", per_page="50")["errorCode"] == "invalid_paging"


def test_users_are_found_by_address_across_connections(people: Api) -> None:
    people.post("/connections", {"name": "email", "strategy": "email"})
    people.post("/users", {"connection": "email", "email": EMAIL})
    found = people.get("/users-by-email", email=EMAIL)
    assert [user["identities"][0]["connection"] for user in found] == [CONNECTION, "email"]
    assert people.get("/users-by-email", email="ADA@example.com") == []
    assert people.get("/users-by-email", email=EMAIL, fields="email") == [{"email": EMAIL}] * 2
    people.get("/users-by-email", 400)


# -- roles and permissions --------------------------------------------------------------------------


def test_roles_are_given_and_taken(api: Api) -> None:
    user = create(api)
    made = [api.post("/roles", {"name": name, "description": name}, 200) for name in ("owner", "admin")]
    # What kind of role it is is told of the role itself alone.
    roles = [{name: role[name] for name in ("id", "name", "description")} for role in made]
    api.post(f"{path(user)}/roles", {"roles": [role["id"] for role in roles]}, 204)
    listed = api.get(f"{path(user)}/roles", include_totals="true", page="0", per_page="100")
    assert (listed["total"], listed["roles"]) == (2, roles)
    api.delete(f"{path(user)}/roles", {"roles": [roles[0]["id"]]})
    assert api.get(f"{path(user)}/roles") == [roles[1]]
    api.delete(f"/roles/{roles[1]['id']}", {}, 200)
    assert api.get(f"{path(user)}/roles") == []
    api.post(f"{path(user)}/roles", {"roles": ["rol_unknown"]}, 404)


def test_permissions_are_given_and_taken(api: Api) -> None:
    user = create(api)
    api.post("/resource-servers", {"identifier": "https://a", "name": "A", "scopes": [{"value": "read:x"}]})
    wanted = {"permissions": [{"resource_server_identifier": "https://a", "permission_name": "read:x"}]}
    for _ in range(2):
        assert api.post(f"{path(user)}/permissions", wanted) == {}
    (permission,) = api.get(f"{path(user)}/permissions")
    assert permission == {
        "permission_name": "read:x",
        "description": None,
        "resource_server_name": "A",
        "resource_server_identifier": "https://a",
        "sources": [{"source_id": "", "source_name": "", "source_type": "DIRECT"}],
    }
    api.delete(f"{path(user)}/permissions", wanted)
    assert api.get(f"{path(user)}/permissions") == []


def test_a_permission_goes_with_its_scope(api: Api) -> None:
    user = create(api)
    server = api.post("/resource-servers", {"identifier": "https://a", "scopes": [{"value": "read:x"}]})
    permission = {"resource_server_identifier": "https://a", "permission_name": "read:x"}
    api.post(f"{path(user)}/permissions", {"permissions": [permission]})
    api.patch(f"/resource-servers/{server['id']}", {"scopes": []})
    assert api.get(f"{path(user)}/permissions") == []
    api.post(f"{path(user)}/permissions", {"permissions": [permission]}, 404)


def test_assignments_are_no_part_of_the_profile(api: Api) -> None:
    user = create(api)
    role = api.post("/roles", {"name": "owner"}, 200)
    api.post(f"{path(user)}/roles", {"roles": [role["id"]]}, 204)
    assert api.get(path(user)) == user
