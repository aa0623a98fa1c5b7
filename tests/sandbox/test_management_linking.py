"""Who may link which account, by which proof, and what a linked account still takes from others."""

from typing import Any

import pytest

from sandbox import users
from sandbox.context import Sandbox
from sandbox.login.passwordless import people
from sandbox.management.users.existing import KIND
from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox

from .api import Api, encoded

Json = Any
NUMBER = "+14155550123"
APPLICATION = "an-application"


@pytest.fixture
def ada(running_sandbox: RunningSandbox) -> Json:
    return users.create(running_sandbox.sandbox, CONNECTION, "ada@example.com", "Abcdefg1!")


@pytest.fixture
def eve(running_sandbox: RunningSandbox) -> Json:
    return users.create(
        running_sandbox.sandbox, CONNECTION, "eve@example.com", "Abcdefg1!", username="eve", user_id="eve"
    )


def path(user: Json, below: str = "/identities") -> str:
    return f"/users/{encoded(user['user_id'])}{below}"


def named(user: Json) -> Json:
    provider, _, identifier = user["user_id"].partition("|")
    return {"provider": provider, "user_id": identifier}


def own(api: Api, running: RunningSandbox, user: Json) -> Api:
    """A client with the user's own token, as an application got it."""
    scope = "update:current_user_identities"
    return api.as_(running.token(scope, sub=user["user_id"], azp=APPLICATION))


def id_token(running: RunningSandbox, user: Json, alg: str = "RS256", **claims: Any) -> str:
    sandbox = running.sandbox
    now = int(sandbox.clock.now())
    about = {"iss": sandbox.addresses.issuer, "sub": user["user_id"], "aud": APPLICATION}
    return sandbox.keys.sign({**about, "iat": now, "exp": now + 60, **claims}, alg=alg)


def test_a_user_s_own_token_links_by_proof_alone(
    api: Api, running_sandbox: RunningSandbox, ada: Json, eve: Json
) -> None:
    mine = own(api, running_sandbox, ada)
    refused = mine.post(path(ada), named(eve), 403)
    assert refused["message"] == "Insufficient scope, expected any of: update:users"
    assert api.get(path(eve, ""))["user_id"] == eve["user_id"]
    identities = mine.post(path(ada), {"link_with": id_token(running_sandbox, eve)})
    assert [identity["user_id"] for identity in identities[1:]] == ["eve"]
    api.get(path(eve, ""), 404)


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another"}, {"exp": 1}, {"iss": "https://elsewhere.example/"}, {"alg": "RS512"}],
    ids=str,
)
def test_only_an_id_token_for_the_same_application_is_proof(
    api: Api, running_sandbox: RunningSandbox, ada: Json, eve: Json, claims: Json
) -> None:
    body = {"link_with": id_token(running_sandbox, eve, **claims)}
    assert own(api, running_sandbox, ada).post(path(ada), body, 400)["errorCode"] == "invalid_token"
    api.get(path(eve, ""))


def test_an_access_token_is_no_proof(api: Api, running_sandbox: RunningSandbox, ada: Json, eve: Json) -> None:
    body = {"link_with": running_sandbox.token("read:users", sub=eve["user_id"], azp=APPLICATION)}
    assert own(api, running_sandbox, ada).post(path(ada), body, 400)["errorCode"] == "invalid_token"


@pytest.mark.parametrize("also", ["provider", "user_id", "connection_id"])
def test_a_proof_stands_alone(
    api: Api, running_sandbox: RunningSandbox, ada: Json, eve: Json, also: str
) -> None:
    client = running_sandbox.sandbox.store.get("seed", "m2m_client") or {}
    body = {"link_with": id_token(running_sandbox, eve, aud=client["client_id"])}
    assert api.post(path(ada), {**body, also: "auth0"}, 400)["errorCode"] == "invalid_body"
    api.post(path(ada), body)


@pytest.mark.parametrize(
    "taken", [{"user_id": "eve"}, {"email": "Eve@example.com"}, {"username": "eve"}], ids=str
)
def test_nobody_new_takes_what_a_linked_account_has(api: Api, ada: Json, eve: Json, taken: Json) -> None:
    api.post(path(ada), named(eve))
    body = {"connection": CONNECTION, "email": "new@example.com", "password": "Abcdefg1!", **taken}
    assert api.post("/users", body, 409)["message"] == "The user already exists."
    api.delete(path(ada, "/identities/auth0/eve"), expect=200)
    assert api.get(path(eve, "")) == users.public(eve)
    api.delete(path(eve, ""))
    api.post("/users", body)


def test_nobody_s_address_becomes_that_of_a_linked_account(api: Api, ada: Json, eve: Json) -> None:
    bob = api.post("/users", {"connection": CONNECTION, "email": "bob@example.com", "password": "Abcdefg1!"})
    api.post(path(ada), named(eve))
    refused = api.patch(path(bob, ""), {"email": "eve@example.com"}, 400)
    assert refused["message"] == "The specified new email already exists"


def test_unlinking_leaves_whoever_has_the_id_by_now(
    api: Api, running_sandbox: RunningSandbox, ada: Json, eve: Json
) -> None:
    """In a file of an earlier sandbox there may be such a user."""
    store = running_sandbox.sandbox.store
    api.post(path(ada), named(eve))
    living = {**eve, "email": "living@example.com"}
    store.put(KIND, eve["user_id"], living)
    api.delete(path(ada, "/identities/auth0/eve"), expect=200)
    assert store.get(KIND, eve["user_id"]) == living


@pytest.fixture
def linked(api: Api, running_sandbox: RunningSandbox, ada: Json) -> Json:
    """The connection of a number that is linked to ada."""
    connection = api.post("/connections", {"name": "sms", "strategy": "sms"})
    phone = users.create(running_sandbox.sandbox, "sms", None, None, phone_number=NUMBER, user_id="a")
    api.post(path(ada), named(phone))
    return connection


def test_who_logs_in_by_a_linked_number_is_the_user_it_is_linked_to(
    running_sandbox: RunningSandbox, ada: Json, linked: Json
) -> None:
    sandbox: Sandbox = running_sandbox.sandbox
    person, is_new = people.prove(sandbox, linked, {"number": NUMBER, "identity": "a"})
    assert (person["user_id"], is_new) == (ada["user_id"], False)
    # The number was proven, and it isn't the user's own.
    assert "phone_verified" not in person
    assert sandbox.store.count(KIND) == 1


def test_a_linked_address_is_no_proof_of_another(
    api: Api, running_sandbox: RunningSandbox, ada: Json
) -> None:
    connection = api.post("/connections", {"name": "email", "strategy": "email"})
    mail = users.create(running_sandbox.sandbox, "email", "other@example.com", None, user_id="a")
    api.post(path(ada), named(mail))
    code = {"number": "other@example.com", "identity": "a"}
    person, _ = people.prove(running_sandbox.sandbox, connection, code)
    assert (person["user_id"], person["email_verified"]) == (ada["user_id"], False)
    # A database's account has a password of its own, so its address alone finds nobody.
    bob = users.create(running_sandbox.sandbox, CONNECTION, "bob@example.com", "Abcdefg1!")
    api.post(path(ada), named(bob))
    assert users.find_by_email(running_sandbox.sandbox, CONNECTION, "bob@example.com") is None
