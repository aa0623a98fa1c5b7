"""What holds for every resource alike, over a table of all of them."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.management.operations import OPERATIONS

from .api import Api, encoded

Json = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """How to make one, change it and tell it apart."""

    path: str
    body: Json
    change: Json
    id: str = "id"
    created: int = 201
    deleted: int = 204
    # A second DELETE answers as if it had been there.
    repeatable: bool = True
    needs: tuple[tuple[str, Json], ...] = field(default=())
    # Members that exist to steer one request and are not shown again.
    unseen: tuple[str, ...] = ()


NOTHING = "con_0000000000000000"
API = {"identifier": "https://api.example", "scopes": [{"value": "a"}]}
RESOURCES = [
    Resource(
        "/actions/actions",
        {"name": "x", "supported_triggers": [{"id": "post-login", "version": "v3"}]},
        {"code": "// changed"},
        repeatable=False,
    ),
    Resource(
        "/branding/phone/providers",
        {
            "name": "twilio",
            "configuration": {"sid": "s", "mssid": "m", "delivery_methods": ["text"]},
            "credentials": {"auth_token": "t"},
        },
        {"disabled": True},
        repeatable=False,
        unseen=("credentials",),
    ),
    Resource(
        "/branding/phone/templates",
        {"type": "otp_verify", "content": {"syntax": "liquid", "body": {"text": "{{ code }}"}}},
        {"disabled": True},
        repeatable=False,
    ),
    Resource(
        "/organizations",
        {"name": "acme", "display_name": "Acme"},
        {"display_name": "Changed"},
        repeatable=False,
    ),
    Resource("/clients", {"name": "x"}, {"description": "changed"}, "client_id"),
    Resource(
        "/client-grants",
        {"audience": API["identifier"], "default_for": "third_party_clients", "scope": []},
        {"scope": ["a"]},
        needs=(("/resource-servers", API),),
    ),
    Resource(
        "/connection-profiles", {"name": "x", "enabled_features": ["scim"]}, {"name": "y"}, repeatable=False
    ),
    Resource(
        "/connections",
        {"name": "x", "strategy": "sms"},
        {"display_name": "changed"},
        deleted=202,
        repeatable=False,
    ),
    Resource(
        "/custom-domains",
        {"domain": "login.example.com", "type": "self_managed_certs"},
        {"custom_client_ip_header": "true-client-ip"},
        "custom_domain_id",
        repeatable=False,
    ),
    Resource("/resource-servers", API, {"name": "changed"}),
    Resource(
        "/roles",
        {"name": "x", "description": "d"},
        {"description": "changed"},
        created=200,
        deleted=200,
        repeatable=False,
    ),
    Resource(
        "/user-attribute-profiles",
        {
            "name": "x",
            "user_attributes": {},
            "user_id": {"oidc_mapping": "s", "saml_mapping": ["u"], "scim_mapping": "n"},
        },
        {"name": "y"},
        repeatable=False,
    ),
    Resource(
        "/users",
        {
            "connection": "Username-Password-Authentication",
            "email": "ada@example.com",
            "password": "Abcdefg1!",
        },
        {"nickname": "changed"},
        "user_id",
        unseen=("connection", "password"),
    ),
]
each = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.path)


@pytest.fixture
def made(api: Api, resource: Resource) -> Json:
    for path, body in resource.needs:
        api.post(path, body)
    answer: Json = api.post(resource.path, resource.body, resource.created)
    return answer


def one(resource: Resource, made: Json) -> str:
    return f"{resource.path}/{encoded(made[resource.id])}"


def settled(doc: Json) -> Json:
    """Without what a build in progress or the time changes."""
    return {name: value for name, value in doc.items() if name not in ("status", "updated_at")}


def listed(api: Api, resource: Resource) -> list[Json]:
    answer = api.get(resource.path)
    members = answer.values() if isinstance(answer, dict) else [answer]
    items: list[Json] = next(member for member in members if isinstance(member, list))
    return items


@each
def test_the_answer_to_a_creation_is_the_whole_thing(resource: Resource, made: Json) -> None:
    """Clients decode the answer into what they sent: it has to hold all of it, and the id."""
    shown = {name: value for name, value in resource.body.items() if name not in resource.unseen}
    assert made[resource.id]
    assert {name: made[name] for name in shown} == shown


@each
def test_what_was_created_can_be_read_and_is_listed(api: Api, resource: Resource, made: Json) -> None:
    assert settled(api.get(one(resource, made))) == settled(made)
    assert [settled(doc) for doc in listed(api, resource) if doc[resource.id] == made[resource.id]] == [
        settled(made)
    ]


@each
def test_a_change_keeps_the_rest(api: Api, resource: Resource, made: Json) -> None:
    changed = api.patch(one(resource, made), resource.change)
    assert settled(changed) == settled({**made, **resource.change})
    assert settled(api.get(one(resource, made))) == settled(changed)


@each
def test_the_same_change_twice_is_the_same_change(api: Api, resource: Resource, made: Json) -> None:
    once = api.patch(one(resource, made), resource.change)
    assert settled(api.patch(one(resource, made), resource.change)) == settled(once)


@each
def test_a_change_of_nothing_changes_nothing(api: Api, resource: Resource, made: Json) -> None:
    assert settled(api.patch(one(resource, made), {})) == settled(made)


@each
def test_what_is_deleted_is_gone(api: Api, resource: Resource, made: Json) -> None:
    api.delete(one(resource, made), expect=resource.deleted)
    answer = api.get(one(resource, made), 404)
    assert (answer["statusCode"], answer["error"]) == (404, "Not Found")
    api.patch(one(resource, made), resource.change, 404)
    assert made[resource.id] not in [doc[resource.id] for doc in listed(api, resource)]
    api.delete(one(resource, made), expect=resource.deleted if resource.repeatable else 404)


@each
def test_a_second_one_does_not_get_the_first_one_s_id(api: Api, resource: Resource, made: Json) -> None:
    api.delete(one(resource, made), expect=resource.deleted)
    again = api.post(resource.path, resource.body, resource.created)
    assert again[resource.id] != made[resource.id]


@each
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_an_unknown_member_is_refused_and_named(
    api: Api, resource: Resource, made: Json, method: str
) -> None:
    path, body = (resource.path, resource.body) if method == "POST" else (one(resource, made), {})
    answer = Api.answer(api.call(method, path, {**body, "no_such_member": 1}), 400)
    assert answer == {
        "statusCode": 400,
        "error": "Bad Request",
        "message": "Payload validation error: 'Additional properties not allowed: no_such_member'.",
        "errorCode": "invalid_body",
    }


@each
def test_private_members_are_never_shown(api: Api, resource: Resource, made: Json) -> None:
    answers = [made, api.get(one(resource, made)), *listed(api, resource)]
    assert not [name for answer in answers for name in answer if name.startswith("_")]


# Every resource of the API, in the table above or not.
READ_BY_ID = sorted(
    known.path
    for known in OPERATIONS
    if known.method == "GET" and known.path.count("{") == 1 and known.path.endswith("}")
)


@pytest.mark.parametrize("path", READ_BY_ID)
def test_what_is_not_there_is_told_in_the_usual_form(api: Api, path: str) -> None:
    """404; 400 where the id can't be one: clients go by the status, people by the words."""
    answer = api.call("GET", f"{path[: path.index('{')]}{NOTHING}")
    body = answer.json()
    assert answer.status_code in (400, 404), body
    assert body["statusCode"] == answer.status_code
    assert body["error"] in ("Bad Request", "Not Found")
    assert body["message"]


def test_the_table_holds_resources_of_the_api() -> None:
    creatable = {known.path for known in OPERATIONS if known.method == "POST"}
    assert {resource.path for resource in RESOURCES} <= creatable
