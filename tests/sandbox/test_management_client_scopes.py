"""What of an application each scope shows, and which changes of one are refused."""

from typing import Any

import pytest
from joserfc.jwk import RSAKey

from sandbox.testing import RunningSandbox

from .api import Api

Json = Any
SUMMARY = {"client_id", "app_type", "name", "description"}
# https://auth0.com/docs/api/management/v2/clients/get-clients
KEYS = {"client_secret", "signing_keys"}


@pytest.fixture
def client(api: Api) -> Json:
    return api.post("/clients", {"name": "x", "description": "d", "app_type": "non_interactive"})


def path(client: Json, below: str = "") -> str:
    return f"/clients/{client['client_id']}{below}"


@pytest.mark.parametrize(
    ("scope", "hidden", "shown"),
    [
        ("read:client_summary", None, SUMMARY),
        ("read:client_credentials", None, SUMMARY | KEYS),
        ("read:clients", KEYS, None),
        ("read:client_keys", set(), None),
    ],
)
def test_each_scope_shows_its_part(
    api: Api,
    running_sandbox: RunningSandbox,
    client: Json,
    scope: str,
    hidden: set[str] | None,
    shown: set[str] | None,
) -> None:
    reader = api.as_(running_sandbox.token(scope))
    names = shown if hidden is None else set(client) - hidden
    assert set(reader.get(path(client))) == names
    (listed,) = (one for one in reader.get("/clients") if one["client_id"] == client["client_id"])
    assert set(listed) == names


def test_who_makes_a_secret_is_shown_it(api: Api, running_sandbox: RunningSandbox, client: Json) -> None:
    rotator = api.as_(running_sandbox.token("update:client_keys"))
    rotated = rotator.post(path(client, "/rotate-secret"), expect=200)
    assert rotated["client_secret"] == api.get(path(client))["client_secret"] != client["client_secret"]
    assert "signing_keys" not in rotated
    assert "client_secret" not in rotator.patch(path(client), {"description": "changed"})


def test_connections_of_an_application_need_two_scopes(
    api: Api, running_sandbox: RunningSandbox, client: Json
) -> None:
    body = {"name": "google", "strategy": "google-oauth2", "options": {"client_secret": "hidden"}}
    made = api.post("/connections", body)
    place = path(client, "/connections")
    api.patch(f"/connections/{made['id']}/clients", [{"client_id": client["client_id"], "status": True}], 204)

    def reader(*scopes: str) -> Api:
        return api.as_(running_sandbox.token(*scopes))

    for scope in ("read:client_summary", "read:clients"):
        refused = reader(scope).get(place, 403)
        assert refused["message"] == "Insufficient scope, expected any of: read:connections"
        (seen,) = reader("read:connections", scope).get(place)["connections"]
        assert (seen["id"], "options" in seen) == (made["id"], False)
    refused = reader("read:connections").get(place, 403)
    assert refused["message"] == "Insufficient scope, expected any of: read:clients,read:client_summary"
    (seen,) = reader("read:connections", "read:connections_options", "read:clients").get(place)["connections"]
    assert seen["options"]["client_secret"] == "hidden"


@pytest.mark.parametrize(
    "body",
    [
        {"client_authentication_methods": {"private_key_jwt": {"credentials": [{"id": "nope"}]}}},
        {"signed_request_object": {"credentials": [{"id": "nope"}]}},
        {"token_vault_privileged_access": {"credentials": ["nope"]}},
        {
            "client_authentication_methods": {
                "private_key_jwt": {"credentials": []},
                "tls_client_auth": {"credentials": []},
            }
        },
    ],
)
def test_a_method_is_one_and_uses_the_application_s_own_credentials(
    api: Api, client: Json, body: Json
) -> None:
    assert api.patch(path(client), body, 400)["errorCode"] == "invalid_body"
    assert api.get(path(client)) == client


def test_another_application_s_credential_is_nobody_s(api: Api, client: Json) -> None:
    other = api.post("/clients", {"name": "other"})
    pem = RSAKey.generate_key(2048).as_pem(private=False).decode()
    made = api.post(path(other, "/credentials"), {"credential_type": "public_key", "pem": pem})
    body = {"signed_request_object": {"required": True, "credentials": [{"id": made["id"]}]}}
    api.patch(path(client), body, 400)
    assert api.patch(path(other), body)["signed_request_object"]["credentials"] == [{"id": made["id"]}]


def test_a_new_application_has_one_method(api: Api) -> None:
    methods: Json = {name: {"credentials": []} for name in ("private_key_jwt", "tls_client_auth")}
    answer = api.post("/clients", {"name": "x", "client_authentication_methods": methods}, 400)
    assert answer["errorCode"] == "invalid_body"


def test_the_global_client_stays(api: Api) -> None:
    (found,) = api.get("/clients", is_global="true")
    api.delete(path(found), expect=400)
    assert api.get("/clients", is_global="true") == [found]
