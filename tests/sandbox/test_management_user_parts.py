"""What belongs to a user: linked accounts, factors, blocks, and what ends with the user."""

from typing import Any
from urllib.parse import quote

import pytest

from sandbox import users
from sandbox.context import Sandbox
from sandbox.login.passwordless import attempts
from sandbox.seed import CONNECTION
from sandbox.users import LINKED

from .in_process import InProcess

Json = Any
NUMBER = "+14155550123"


@pytest.fixture
def api(sandbox: Sandbox) -> InProcess:
    return InProcess(sandbox)


@pytest.fixture
def ada(sandbox: Sandbox) -> Json:
    return users.public(users.create(sandbox, CONNECTION, "ada@example.com", "Abcdefg1!", username="ada"))


@pytest.fixture
def phone(api: InProcess) -> Json:
    """The same person, by SMS."""
    options = {"brute_force_protection": True}
    api.call("POST", "/connections", {"name": "sms", "strategy": "sms", "options": options})
    _, user = api.call(
        "POST", "/users", {"connection": "sms", "phone_number": NUMBER, "phone_verified": True}
    )
    return user


def path(user: Json, below: str = "") -> str:
    return f"/users/{quote(user['user_id'], safe='')}{below}"


def named(user: Json) -> Json:
    provider, _, identifier = user["user_id"].partition("|")
    return {"provider": provider, "user_id": identifier}


def test_a_linked_account_becomes_an_identity_and_is_nobody_any_more(
    api: InProcess, sandbox: Sandbox, ada: Json, phone: Json
) -> None:
    status, identities = api.call("POST", path(ada, "/identities"), named(phone))
    assert status == 201
    assert identities == [
        ada["identities"][0],
        {
            **phone["identities"][0],
            "profileData": {
                "phone_number": NUMBER,
                "phone_verified": True,
                **{name: phone[name] for name in ("name", "nickname", "picture")},
            },
        },
    ]
    assert api.call("GET", path(ada))[1]["identities"] == identities
    assert api.call("GET", path(phone))[0] == 404
    assert sandbox.store.get(LINKED, phone["user_id"]) == {
        "user_id": ada["user_id"],
        "provider": "sms",
        "connection": "sms",
        "phone_number": NUMBER,
    }
    api.call("DELETE", path(ada))
    assert sandbox.store.count(LINKED) == 0


def test_an_unlinked_account_is_a_user_again_as_it_was(api: InProcess, sandbox: Sandbox, ada: Json) -> None:
    eve = users.create(sandbox, CONNECTION, "eve@example.com", "Abcdefg1!", user_metadata={"a": 1})
    api.call("POST", path(ada, "/identities"), {**named(eve), "user_id": eve["user_id"]})
    identity = quote(eve["user_id"].partition("|")[2], safe="")
    assert api.call("DELETE", path(ada, f"/identities/auth0/{identity}")) == (200, ada["identities"])
    assert api.call("GET", path(eve)) == (200, users.public(eve))
    assert sandbox.store.count(LINKED) == 0
    assert users.check_password(sandbox.store.get("users", eve["user_id"]) or {}, "Abcdefg1!")
    assert api.call("DELETE", path(ada, f"/identities/auth0/{identity}"))[0] == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"provider": "auth0"}, 400),
        ({"link_with": "no.such.token"}, 400),
        ({"provider": "auth0", "user_id": "nobody"}, 404),
    ],
)
def test_a_link_to_nobody_is_refused(api: InProcess, ada: Json, body: Json, status: int) -> None:
    assert api.call("POST", path(ada, "/identities"), body)[0] == status
    assert api.call("POST", path(ada, "/identities"), named(ada))[0] == 400
    assert api.call("GET", path(ada)) == (200, ada)


def test_factors_are_added_read_changed_and_removed(api: InProcess, ada: Json) -> None:
    methods = path(ada, "/authentication-methods")
    status, phone = api.call("POST", methods, {"type": "phone", "phone_number": NUMBER, "name": "Mine"})
    assert status == 201
    assert phone["id"].startswith("phone|dev_")
    assert [kind["type"] for kind in phone["authentication_methods"]] == ["sms", "voice"]
    _, totp = api.call("POST", methods, {"type": "totp", "totp_secret": "JBSWY3DPEHPK3PXP"})
    assert totp["totp_secret"] == "JBSWY3DPEHPK3PXP"
    _, page = api.call("GET", f"{methods}?include_totals=true")
    assert (page["total"], [one["type"] for one in page["authenticators"]]) == (2, ["phone", "totp"])
    assert page["authenticators"][0] == {**phone, "confirmed": True}
    assert "totp_secret" not in page["authenticators"][1]
    one = f"{methods}/{quote(phone['id'], safe='')}"
    _, changed = api.call("PATCH", one, {"name": "Ours", "preferred_authentication_method": "voice"})
    assert (changed["name"], changed["preferred_authentication_method"]) == ("Ours", "voice")
    assert api.call("GET", one) == (200, changed)
    assert api.call("DELETE", one) == (204, None)
    assert api.call("GET", one)[0] == 404


def test_factors_are_replaced_as_a_whole(api: InProcess, ada: Json) -> None:
    methods = path(ada, "/authentication-methods")
    api.call("POST", methods, {"type": "phone", "phone_number": NUMBER})
    _, made = api.call("PUT", methods, [{"type": "email", "email": "ada@example.com"}])
    _, listed = api.call("GET", methods)
    assert [one["id"] for one in listed] == [one["id"] for one in made]
    # What can't be stored as a whole isn't stored in part.
    assert api.call("PUT", methods, [{"type": "totp", "totp_secret": "x"}, {"type": "phone"}])[0] == 400
    assert api.call("GET", methods) == (200, listed)
    assert api.call("DELETE", methods) == (204, None)
    assert api.call("GET", methods) == (200, [])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "fingerprint"},
        {"type": "phone"},
        {"type": "email", "email": "x"},
        {"type": "totp", "a": 1},
    ],
)
def test_a_factor_that_makes_no_sense_is_refused(api: InProcess, ada: Json, body: Json) -> None:
    assert api.call("POST", path(ada, "/authentication-methods"), body)[0] == 400


def test_the_older_calls_see_and_remove_the_same_factors(api: InProcess, ada: Json) -> None:
    methods = path(ada, "/authentication-methods")
    api.call("POST", methods, {"type": "phone", "phone_number": NUMBER})
    api.call("POST", methods, {"type": "totp", "totp_secret": "JBSWY3DPEHPK3PXP"})
    _, enrollments = api.call("GET", path(ada, "/enrollments"))
    assert [one["auth_method"] for one in enrollments] == ["sms", "authenticator"]
    assert (enrollments[0]["phone_number"], enrollments[0]["status"]) == (NUMBER, "confirmed")
    assert api.call("DELETE", path(ada, "/multifactor/google-authenticator")) == (204, None)
    assert [one["auth_method"] for one in api.call("GET", path(ada, "/enrollments"))[1]] == ["sms"]
    assert api.call("DELETE", path(ada, "/multifactor/abacus"))[0] == 400
    assert api.call("POST", path(ada, "/multifactor/actions/invalidate-remember-browser")) == (204, None)
    assert api.call("DELETE", path(ada, "/authenticators")) == (204, None)
    assert api.call("GET", path(ada, "/enrollments")) == (200, [])


def test_there_is_one_recovery_code_at_a_time(api: InProcess, ada: Json) -> None:
    codes = {api.call("POST", path(ada, "/recovery-code-regeneration"))[1]["recovery_code"] for _ in "ab"}
    assert {len(code) for code in codes} == {24}
    _, methods = api.call("GET", path(ada, "/authentication-methods"))
    assert [one["type"] for one in methods] == ["recovery-code"]
    assert not codes & set(map(str, methods[0].values()))


def block(sandbox: Sandbox) -> None:
    (connection,) = sandbox.store.where("connections", "name", "sms")
    for ip in ("192.0.2.1", "192.0.2.2"):
        for _ in range(attempts.LIMIT if ip.endswith("1") else 1):
            attempts.failed(sandbox, connection, NUMBER, ip)


@pytest.mark.parametrize("way", ["identifier", "id"])
def test_a_block_is_told_and_lifted(api: InProcess, sandbox: Sandbox, phone: Json, way: str) -> None:
    place = f"/user-blocks?identifier={quote(NUMBER)}"
    if way == "id":
        place = f"/user-blocks/{quote(phone['user_id'], safe='')}"
    assert api.call("GET", place) == (200, {"blocked_for": []})
    block(sandbox)
    told = {"identifier": NUMBER, "ip": "192.0.2.1", "connection": "sms"}
    assert api.call("GET", place) == (200, {"blocked_for": [told]})
    assert api.call("DELETE", place) == (204, None)
    assert api.call("GET", place) == (200, {"blocked_for": []})
    (connection,) = sandbox.store.where("connections", "name", "sms")
    assert not attempts.are_over(sandbox, connection, NUMBER, "192.0.2.1")


def test_nobody_has_connected_accounts(api: InProcess, ada: Json) -> None:
    path = f"/users/{quote(ada['user_id'], safe='')}/connected-accounts"
    assert api.call("GET", path) == (200, {"connected_accounts": []})
    assert api.call("GET", "/users/auth0%7Cnobody/connected-accounts")[0] == 404


def test_nobody_s_blocks_are_not_found(api: InProcess) -> None:
    assert api.call("GET", "/user-blocks?identifier=nobody@example.com")[0] == 404
    assert api.call("GET", "/user-blocks/auth0%7Cnobody")[0] == 404
    assert api.call("GET", "/user-blocks")[0] == 400


@pytest.mark.parametrize(
    ("method", "below"),
    [
        ("GET", "/authentication-methods"),
        ("GET", "/enrollments"),
        ("GET", "/logs"),
        ("GET", "/organizations"),
        ("GET", "/sessions"),
        ("GET", "/refresh-tokens"),
        ("GET", "/effective-roles"),
        ("DELETE", "/authenticators"),
        ("DELETE", "/multifactor/duo"),
        ("POST", "/recovery-code-regeneration"),
        ("DELETE", "/identities/auth0/x"),
    ],
)
def test_nothing_belongs_to_somebody_who_is_not_there(api: InProcess, method: str, below: str) -> None:
    status, answer = api.call(method, f"/users/auth0%7Cnobody{below}")
    assert (status, answer["errorCode"]) == (404, "inexistent_user")


def test_what_belongs_to_a_user_goes_with_the_user(api: InProcess, sandbox: Sandbox, ada: Json) -> None:
    api.call("POST", path(ada, "/authentication-methods"), {"type": "phone", "phone_number": NUMBER})
    api.call("POST", path(ada, "/recovery-code-regeneration"))
    api.call("DELETE", path(ada))
    assert sandbox.store.count("authentication_methods") == 0
