"""Users as login and Management API share them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import users
from sandbox.context import Sandbox
from sandbox.errors import Auth0Error
from sandbox.seed import CONNECTION

EMAIL = "ada@example.com"
NUMBER = "+14155550123"


def test_a_user_has_auth0_s_shape(sandbox: Sandbox) -> None:
    user = users.public(users.create(sandbox, CONNECTION, "Ada@Example.com", "secret"))
    assert user["user_id"].startswith("auth0|")
    assert user["email"] == EMAIL
    assert user["email_verified"] is False
    assert (user["name"], user["nickname"]) == (EMAIL, "ada")
    assert user["identities"] == [
        {
            "connection": CONNECTION,
            "user_id": user["user_id"].partition("|")[2],
            "provider": "auth0",
            "isSocial": False,
        }
    ]
    assert user["picture"].startswith("https://s.gravatar.com/avatar/")
    assert user["created_at"] == user["updated_at"]


def test_the_password_is_hashed_and_never_shown(sandbox: Sandbox) -> None:
    user = users.create(sandbox, CONNECTION, EMAIL, "correct horse")
    assert "correct horse" not in str(sandbox.store.dump())
    assert not any("password" in name for name in users.public(user))
    assert users.check_password(user, "correct horse")
    assert not users.check_password(user, "correct horsE")


def test_who_has_no_password_can_not_sign_in_with_any(sandbox: Sandbox) -> None:
    user = users.create(sandbox, CONNECTION, EMAIL, None)
    assert not users.check_password(user, "")


@settings(deadline=None)
@given(password=st.text(min_size=1), other=st.text(min_size=1))
def test_only_the_password_itself_is_the_password(password: str, other: str) -> None:
    user = {"user_id": "auth0|1"}
    users.set_password(user, password)
    assert users.check_password(user, password)
    assert users.check_password(user, other) == (password == other)


def test_given_attributes_win_over_derived_ones(sandbox: Sandbox) -> None:
    user = users.create(
        sandbox,
        CONNECTION,
        EMAIL,
        None,
        user_id="ada",
        name="Ada",
        email_verified=True,
        user_metadata={"phone_number": NUMBER, "none": None},
        app_metadata={},
    )
    assert user["user_id"] == "auth0|ada"
    assert (user["name"], user["email_verified"]) == ("Ada", True)
    assert user["user_metadata"] == {"phone_number": NUMBER}
    assert user["app_metadata"] == {}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"email": EMAIL}, {"email": "ADA@example.com"}),
        ({"email": EMAIL, "username": "ada"}, {"email": "b@example.com", "username": "ada"}),
        ({"email": None, "phone_number": NUMBER}, {"email": None, "phone_number": NUMBER}),
        ({"email": EMAIL, "user_id": "x"}, {"email": "b@example.com", "user_id": "x"}),
    ],
)
def test_a_second_user_with_the_same_identifier_is_refused(
    sandbox: Sandbox, first: dict[str, str], second: dict[str, str]
) -> None:
    users.create(sandbox, CONNECTION, password=None, **first)
    with pytest.raises(Auth0Error) as refused:
        users.create(sandbox, CONNECTION, password=None, **second)
    assert (refused.value.status, refused.value.message) == (409, "The user already exists.")
    assert sandbox.store.count("users") == 1


def test_the_same_address_may_live_in_two_connections(sandbox: Sandbox) -> None:
    sandbox.store.put(
        "connections",
        "con_x",
        {"id": "con_x", "name": "email", "strategy": "email", "options": {}, "enabled_clients": []},
    )
    database = users.create(sandbox, CONNECTION, EMAIL, None)
    passwordless = users.create(sandbox, "email", EMAIL, None)
    assert passwordless["user_id"].startswith("email|")
    assert users.find_by_email(sandbox, CONNECTION, EMAIL) == database
    assert users.find_by_email(sandbox, "email", EMAIL) == passwordless


def test_an_unknown_connection_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(Auth0Error) as refused:
        users.create(sandbox, "nowhere", EMAIL, None)
    assert (refused.value.status, refused.value.error_code) == (400, "inexistent_connection")


def test_users_are_found_by_address_whatever_its_case(sandbox: Sandbox) -> None:
    user = users.create(sandbox, CONNECTION, EMAIL, None, phone_number=NUMBER)
    assert users.find_by_email(sandbox, CONNECTION, "ADA@EXAMPLE.COM") == user
    assert users.find_by_email(sandbox, CONNECTION, "b@example.com") is None
    assert users.find_by_email(sandbox, "other", EMAIL) is None


@pytest.mark.parametrize(
    ("current", "patch", "merged"),
    [
        (None, {"a": 1}, {"a": 1}),
        ({"a": 1, "b": 2}, {"b": 3}, {"a": 1, "b": 3}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": 3}}, {"a": {"x": 3}}),
        ({"a": {"x": 1}}, {"a": {"x": None}}, {"a": {"x": None}}),
        ({"a": 1}, {}, {"a": 1}),
    ],
)
def test_metadata_is_merged_on_its_first_level_alone(
    current: dict[str, object] | None, patch: dict[str, object], merged: dict[str, object]
) -> None:
    assert users.merge_metadata(current, patch) == merged


@pytest.mark.parametrize(
    ("policy", "password", "accepted"),
    [
        ("none", "a", True),
        ("low", "abcde", False),
        ("low", "abcdef", True),
        ("fair", "abcdefgh", False),
        ("fair", "Abcdefg1", True),
        ("good", "Abcdef1", False),
        ("good", "Abcdefg!", True),
        ("excellent", "Abcdefg1!", False),
        ("excellent", "Abcdefgh1!", True),
    ],
)
def test_a_password_is_as_strong_as_the_policy_asks(policy: str, password: str, accepted: bool) -> None:
    connection = {"options": {"passwordPolicy": policy}}
    if accepted:
        users.check_strength(connection, password)
    else:
        with pytest.raises(Auth0Error, match="too weak"):
            users.check_strength(connection, password)
