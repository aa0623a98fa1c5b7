"""Connections: options by strategy, enabled applications, and the rules between attributes."""

from typing import Any

import pytest

from sandbox import users
from sandbox.testing import RunningSandbox

from .api import Api, at_once

GATEWAY: dict[str, Any] = {
    "name": "sms",
    "provider": "sms_gateway",
    "gateway_url": "https://gateway.example/sms",
    "gateway_authentication": {
        "method": "bearer",
        "subject": "urn:auth0",
        "audience": "https://gateway.example",
        "secret": "shown-in-clear",
        "secret_base64_encoded": False,
    },
    "forward_req_info": True,
    "template": "@@password@@",
    "syntax": "md_with_macros",
    "totp": {"time_step": 300, "length": 6},
    "messaging_service_sid": None,
    "disable_signup": False,
    "brute_force_protection": True,
}


def create(api: Api, strategy: str = "auth0", name: str = "c", **members: Any) -> dict[str, Any]:
    connection: dict[str, Any] = api.post("/connections", {"name": name, "strategy": strategy, **members})
    return connection


def attribute(active: bool = True, **members: Any) -> dict[str, Any]:
    return {
        "identifier": {"active": active},
        "profile_required": True,
        "signup": {"status": "required"},
        **members,
    }


def test_a_new_database_has_auth0_s_defaults(api: Api) -> None:
    connection = create(api)
    assert connection["id"].startswith("con_")
    assert connection["realms"] == ["c"]
    assert connection["enabled_clients"] == []
    assert connection["is_domain_connection"] is False
    assert connection["authentication"] == {"active": True}
    assert connection["connected_accounts"] == {"active": False}
    options = connection["options"]
    assert options["passwordPolicy"] == "good"
    assert options["strategy_version"] == 2
    assert options["brute_force_protection"] is True
    assert options["authentication_methods"]["password"]["enabled"] is True
    assert options["authentication_methods"]["passkey"] == {"enabled": False}


def test_a_gateway_s_options_come_back_verbatim(api: Api) -> None:
    """The secret too: a client's state is compared with it. What is null is told once and not kept."""
    connection = create(api, "sms", "sms", options=GATEWAY)
    assert connection["options"] == GATEWAY
    kept = {name: value for name, value in GATEWAY.items() if value is not None}
    path = f"/connections/{connection['id']}"
    assert api.get(path)["options"] == kept
    assert api.patch(path, {"options": GATEWAY})["options"] == GATEWAY
    assert connection["authentication"] == {"active": True}


def test_what_the_documents_show_is_taken(api: Api) -> None:
    """The oldest example has the strategy in its options, the newest a flag as a string, and both work."""
    example = {"strategy": "sms", "forward_req_info": "true", "gateway_url": "http://gateway.example"}
    assert create(api, "sms", "sms", options=example)["options"] == example
    assert create(api, "email", "email", options={"email": {"body": "@@code@@"}})["options"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"provider": "pigeon"}, "'No enum match for: pigeon' on property options.provider"),
        ({"syntax": "mustache"}, "'No enum match for: mustache' on property options.syntax"),
        ({"gateway_url": "ftp://x"}, "on property options.gateway_url"),
        ({"gateway_url": "https://" + "x" * 250}, "'String is too long (258 chars), maximum 255'"),
        ({"template": 7}, "'Expected type string but found type integer' on property options.template"),
        ({"totp": {"length": "6"}}, "on property options.totp.length"),
        ({"disable_signup": "no"}, "'Expected type boolean but found type string' on property options"),
        ({"gateway_authentication": {"method": "bearer", "secret": "x"}},
         "'Missing required property: audience' on property options.gateway_authentication"),
    ],
)  # fmt: skip
def test_options_no_sms_connection_can_have(api: Api, options: dict[str, Any], problem: str) -> None:
    made = create(api, "sms", "sms")
    for answer in (
        api.call("POST", "/connections", {"name": "other", "strategy": "sms", "options": options}),
        api.call("PATCH", f"/connections/{made['id']}", {"options": options}),
    ):
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_body")
        assert problem in answer.json()["message"]


def test_a_patch_replaces_the_options_as_a_whole(api: Api) -> None:
    connection = create(api, "sms", "sms", options=GATEWAY, display_name="Phone")
    shorter = {"name": "sms", "template": "Code: @@password@@"}
    changed = api.patch(f"/connections/{connection['id']}", {"options": shorter})
    assert changed["options"] == shorter
    assert changed["display_name"] == "Phone"
    assert changed["realms"] == ["sms"]


def test_a_patched_database_gets_its_basic_defaults_again(api: Api) -> None:
    connection = create(api)
    changed = api.patch(f"/connections/{connection['id']}", {"options": {"disable_signup": True}})
    assert changed["options"]["disable_signup"] is True
    assert changed["options"]["brute_force_protection"] is True
    assert not {"passwordPolicy", "mfa"} & set(changed["options"])


def test_other_members_are_merged_and_null_removes(api: Api) -> None:
    resource = {"status": "enabled"}
    connection = create(
        api, "samlp", display_name="C", metadata={"a": "1", "b": "2"}, cross_app_access_resource_app=resource
    )
    assert connection["cross_app_access_resource_app"] == resource
    body = {"metadata": {"a": None}, "cross_app_access_resource_app": None, "is_domain_connection": True}
    changed = api.patch(f"/connections/{connection['id']}", body)
    assert changed["metadata"] == {"b": "2"}
    assert changed["is_domain_connection"] is True
    assert "cross_app_access_resource_app" not in changed
    assert changed["options"] == connection["options"]


@pytest.mark.parametrize("body", [{"name": "other"}, {"strategy": "sms"}, {"id": "con_x"}])
def test_name_and_strategy_can_not_be_changed(api: Api, body: dict[str, str]) -> None:
    connection = create(api)
    api.patch(f"/connections/{connection['id']}", body, 400)
    assert api.get(f"/connections/{connection['id']}") == connection


def test_names_are_unique(api: Api) -> None:
    create(api)
    assert api.post("/connections", {"name": "c", "strategy": "sms"}, 409) == {
        "statusCode": 409,
        "error": "Conflict",
        "message": "A connection with the same name already exists",
        "errorCode": "connection_conflict",
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"strategy": "auth0"}, "Missing required property: name"),
        ({"name": "x"}, "Missing required property: strategy"),
        ({"name": "x", "strategy": "pigeon"}, "No enum match for: pigeon"),
        ({"name": "-x", "strategy": "sms"}, "String does not match pattern"),
        ({"name": "x y", "strategy": "sms"}, "String does not match pattern"),
        ({"name": "x" * 129, "strategy": "sms"}, "maximum 128"),
        ({"name": "x", "strategy": "sms", "nonsense": 1}, "Additional properties not allowed: nonsense"),
    ],
)
def test_a_connection_that_makes_no_sense_is_refused(api: Api, body: dict[str, Any], message: str) -> None:
    assert message in api.post("/connections", body, 400)["message"]
    assert len(api.get("/connections")) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"attributes": {"email": attribute(False), "username": attribute(False)}},
            "attributes must contain one active identifier",
        ),
        (
            {"attributes": {"email": attribute()}, "validation": {"username": {"min": 1, "max": 5}}},
            "Cannot set both options.attributes and options.validation",
        ),
        (
            {"attributes": {"email": attribute()}, "requires_username": True},
            "Cannot set both options.attributes and options.requires_username",
        ),
        (
            {"attributes": {"email": attribute(), "phone_number": attribute(signup={"status": "inactive"})}},
            "attribute phone_number must also be required on signup",
        ),
    ],
)
def test_attributes_that_contradict_each_other_are_refused(
    api: Api, options: dict[str, Any], message: str
) -> None:
    body = {"name": "x", "strategy": "auth0", "options": options}
    answer = api.post("/connections", body, 400)
    assert (answer["message"], answer["errorCode"]) == (message, "invalid_body")
    connection = create(api)
    assert api.patch(f"/connections/{connection['id']}", {"options": options}, 400)["message"] == message


@pytest.mark.parametrize("before", [True, False])
def test_whether_addresses_are_unique_is_decided_once(api: Api, before: bool) -> None:
    connection = create(api, options={"attributes": {"email": attribute(unique=before)}})
    path = f"/connections/{connection['id']}"
    same = {"attributes": {"email": attribute(unique=before)}}
    assert api.patch(path, {"options": same})["options"]["attributes"]["email"]["unique"] is before
    other = api.patch(path, {"options": {"attributes": {"email": attribute(unique=not before)}}}, 400)
    assert other["message"] == "cannot patch unique property on email attribute"
    # Left out, it reads as true.
    silent = {"options": {"attributes": {"email": attribute()}}}
    assert api.call("PATCH", path, silent).status_code == (200 if before else 400)


def test_an_email_attribute_that_comes_later_is_unique(api: Api) -> None:
    connection = create(api, options={"attributes": {"username": attribute()}})
    options = {"attributes": {"username": attribute(), "email": attribute(unique=False)}}
    answer = api.patch(f"/connections/{connection['id']}", {"options": options}, 400)
    assert answer["message"] == "cannot add non-unique email attribute"
    email = {"attributes": {"username": attribute(), "email": attribute()}}
    changed = api.patch(f"/connections/{connection['id']}", {"options": email})
    assert changed["options"]["attributes"]["email"]["unique"] is True


def test_connections_are_found_by_name_and_strategy(api: Api) -> None:
    create(api, "sms", "sms", options=GATEWAY)
    create(api, "email", "email")

    def listed(**query: str) -> list[str]:
        return [
            connection["name"] for connection in api.get("/connections", take="100", **query)["connections"]
        ]

    assert listed() == ["Username-Password-Authentication", "sms", "email"]
    assert listed(name="sms") == ["sms"]
    assert listed(name="nothing") == []
    assert listed(strategy="email") == ["email"]


def test_some_members_are_shown_whatever_the_fields(api: Api) -> None:
    connection = create(api)
    shown = api.get(f"/connections/{connection['id']}", fields="strategy,name", include_fields="true")
    assert shown == {
        "id": connection["id"],
        "strategy": "auth0",
        "name": "c",
        "is_domain_connection": False,
        "authentication": {"active": True},
        "connected_accounts": {"active": False},
    }


def test_an_unknown_connection_does_not_exist(api: Api) -> None:
    expected = {
        "statusCode": 404,
        "error": "Not Found",
        "message": "The connection does not exist",
        "errorCode": "inexistent_connection",
    }
    assert api.get("/connections/con_x", 404) == expected
    assert api.patch("/connections/con_x", {}, 404) == expected
    assert api.delete("/connections/con_x", expect=404) == expected
    assert api.get("/connections/con_x/clients", 404) == expected
    assert api.patch("/connections/con_x/clients", [{"client_id": "x", "status": True}], 404) == expected


def test_deleting_answers_202_and_takes_the_users_along(api: Api, running_sandbox: RunningSandbox) -> None:
    connection = create(api)
    kept = users.create(running_sandbox.sandbox, "Username-Password-Authentication", "a@example.com", None)
    users.create(running_sandbox.sandbox, "c", "b@example.com", None)
    answer = api.delete(f"/connections/{connection['id']}", expect=202)
    assert set(answer) == {"deleted_at"}
    assert [user["user_id"] for user in api.get("/users")] == [kept["user_id"]]


# -- enabled applications ---------------------------------------------------------------------------


def enabled(api: Api, connection: dict[str, Any]) -> list[str]:
    listed = api.get(f"/connections/{connection['id']}/clients")["clients"]
    assert api.get(f"/connections/{connection['id']}")["enabled_clients"] == [
        client["client_id"] for client in listed
    ]
    return [client["client_id"] for client in listed]


def test_applications_are_switched_on_and_off_one_by_one(api: Api) -> None:
    connection = create(api)
    path = f"/connections/{connection['id']}/clients"
    wanted = [{"client_id": name, "status": True} for name in ("a", "b", "a")]
    assert api.patch(path, wanted, 204) is None
    assert enabled(api, connection) == ["a", "b"]
    api.patch(path, [{"client_id": "a", "status": False}, {"client_id": "c", "status": True}], 204)
    assert enabled(api, connection) == ["b", "c"]
    api.patch(path, [{"client_id": "unknown", "status": False}], 204)
    assert enabled(api, connection) == ["b", "c"]


@pytest.mark.parametrize(
    "body",
    [[], {}, [{"client_id": "a"}], [{"status": True}], [{"client_id": "a", "status": "yes"}], [{}] * 51],
)
def test_a_switch_that_makes_no_sense_is_refused(api: Api, body: Any) -> None:
    connection = create(api)
    api.patch(f"/connections/{connection['id']}/clients", body, 400)


def test_enabled_applications_are_read_by_checkpoint(api: Api) -> None:
    connection = create(api)
    path = f"/connections/{connection['id']}/clients"
    api.patch(path, [{"client_id": f"c{number}", "status": True} for number in range(5)], 204)
    first = api.get(path, take="3")
    assert len(first["clients"]) == 3
    second = api.get(path, take="3", **{"from": first["next"]})
    assert second == {"clients": [{"client_id": "c3"}, {"client_id": "c4"}]}


def test_switches_at_once_are_all_kept(api: Api, running_sandbox: RunningSandbox) -> None:
    connection = create(api)
    path = f"/connections/{connection['id']}/clients"
    names = [f"c{number}" for number in range(6)]
    calls = [("PATCH", path, [{"client_id": name, "status": True}]) for name in names]
    assert at_once(running_sandbox, calls) == [204] * 6
    assert sorted(enabled(api, connection)) == names


def test_options_may_need_scopes_of_their_own(api: Api, running_sandbox: RunningSandbox) -> None:
    """On tenants made since the migration; the rest of a connection is read and changed as before."""
    switches = running_sandbox.sandbox.switches
    switches.connections_options_need_scopes = False
    connection = create(api)
    path = f"/connections/{connection['id']}"
    caller = api.as_(running_sandbox.token("read:connections", "update:connections"))
    assert caller.get(path)["options"] == connection["options"]
    switches.connections_options_need_scopes = True
    assert "options" not in caller.get(path)
    assert all("options" not in listed for listed in caller.get("/connections"))
    refused = caller.patch(path, {"options": {"disable_signup": True}}, 403)
    assert refused["message"] == "Insufficient scope, expected any of: update:connections_options"
    changed = caller.patch(path, {"display_name": "C"})
    assert (changed["display_name"], "options" in changed) == ("C", False)
    # The migration leaves creating alone; who has every scope has these two as well.
    creator = api.as_(running_sandbox.token("create:connections"))
    assert create(creator, "sms", "sms", options=GATEWAY)["options"] == GATEWAY
    assert api.patch(path, {"options": {"disable_signup": True}})["options"]["disable_signup"] is True
    assert api.get(path)["options"]["disable_signup"] is True
