"""Applications: defaults, what a PATCH keeps and removes, secrets, credentials."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import ECKey, RSAKey

from sandbox.testing import RunningSandbox

from .api import Api

GRANTS = ["authorization_code", "implicit", "refresh_token", "client_credentials"]


def create(api: Api, **members: Any) -> dict[str, Any]:
    client: dict[str, Any] = api.post("/clients", {"name": "x", **members})
    return client


def path(client: dict[str, Any]) -> str:
    return f"/clients/{client['client_id']}"


def test_a_new_client_has_auth0_s_defaults(api: Api) -> None:
    client = create(api)
    assert len(client.pop("client_id")) == 32
    assert len(client.pop("client_secret")) == 64
    assert client.pop("signing_keys")
    assert client == {
        "name": "x",
        "is_first_party": True,
        "is_token_endpoint_ip_header_trusted": False,
        "oidc_conformant": False,
        "jwt_configuration": {"secret_encoded": False, "lifetime_in_seconds": 36000},
        "sso_disabled": False,
        "cross_origin_authentication": False,
        "grant_types": GRANTS,
        "custom_login_page_on": True,
        "refresh_token": {
            "rotation_type": "non-rotating",
            "expiration_type": "non-expiring",
            "leeway": 0,
            "token_lifetime": 2592000,
            "infinite_token_lifetime": True,
            "infinite_idle_token_lifetime": True,
            "idle_token_lifetime": 1296000,
        },
    }


@pytest.mark.parametrize(
    ("given", "derived"),
    [
        ({"token_endpoint_auth_method": "none"}, {"grant_types": GRANTS[:3]}),
        ({"app_type": "resource_server", "resource_server_identifier": "https://a"}, {"grant_types": []}),
        ({"is_first_party": False}, {"oidc_conformant": True, "third_party_security_mode": "permissive"}),
        (
            {"jwt_configuration": {"alg": "RS256"}},
            {"jwt_configuration": {"secret_encoded": False, "alg": "RS256"}},
        ),
        (
            {"is_first_party": False, "third_party_security_mode": "strict"},
            {"grant_types": ["authorization_code"], "oidc_conformant": True},
        ),
        (
            {"session_transfer": {"can_create_session_transfer_token": True}},
            {
                "session_transfer": {
                    "can_create_session_transfer_token": True,
                    "allowed_authentication_methods": [],
                    "enforce_device_binding": "ip",
                    "allow_refresh_token": False,
                    "enforce_online_refresh_tokens": True,
                    "enforce_cascade_revocation": True,
                }
            },
        ),
    ],
)
def test_some_members_decide_about_others(api: Api, given: dict[str, Any], derived: dict[str, Any]) -> None:
    client = create(api, **given)
    assert {name: client[name] for name in derived} == derived


@pytest.mark.parametrize(
    ("given", "lifetimes"),
    [
        ({}, (2592000, 1296000)),
        ({"token_endpoint_auth_method": "none"}, (2592000, 1296000)),
        ({"token_endpoint_auth_method": "client_secret_post"}, (31557600, 2592000)),
        ({"refresh_token": {"rotation_type": "rotating", "token_lifetime": 60}}, (60, 1296000)),
    ],
)
def test_refresh_tokens_of_confidential_clients_live_longer(
    api: Api, given: dict[str, Any], lifetimes: tuple[int, int]
) -> None:
    token = create(api, **given)["refresh_token"]
    assert (token["token_lifetime"], token["idle_token_lifetime"]) == lifetimes


def test_a_patch_replaces_what_it_names_and_null_removes(api: Api) -> None:
    client = create(api, callbacks=["https://a/cb"], description="old", addons={"aws": {}})
    changed = api.patch(path(client), {"callbacks": ["https://b/cb"], "addons": None, "description": ""})
    assert changed["callbacks"] == ["https://b/cb"]
    assert changed["description"] == ""
    assert "addons" not in changed
    assert changed["grant_types"] == GRANTS
    assert api.get(path(client)) == changed


def test_metadata_and_some_objects_are_merged(api: Api) -> None:
    client = create(
        api,
        client_metadata={"a": "1", "b": "2"},
        session_transfer={"delegation": {"allow_delegated_access": True}},
    )
    changed = api.patch(
        path(client),
        {
            "client_metadata": {"a": None, "c": "3"},
            "session_transfer": {"delegation": None},
            "jwt_configuration": {"alg": "RS256"},
        },
    )
    assert changed["client_metadata"] == {"b": "2", "c": "3"}
    assert "delegation" not in changed["session_transfer"]
    assert changed["jwt_configuration"] == {
        "secret_encoded": False,
        "lifetime_in_seconds": 36000,
        "alg": "RS256",
    }


def test_ids_and_secrets_survive_a_patch(api: Api) -> None:
    client = create(api)
    changed = api.patch(path(client), {"name": "y"})
    assert (changed["client_id"], changed["client_secret"]) == (client["client_id"], client["client_secret"])
    api.patch(path(client), {"client_id": "mine"}, 400)


def test_rotating_makes_another_secret(api: Api) -> None:
    client = create(api)
    rotated = api.post(f"{path(client)}/rotate-secret", expect=200)
    assert rotated["client_secret"] != client["client_secret"]
    assert api.get(path(client))["client_secret"] == rotated["client_secret"]


def test_secrets_need_a_scope_of_their_own(api: Api, running_sandbox: RunningSandbox) -> None:
    client = create(api)
    reader = api.as_(running_sandbox.token("read:clients"))
    assert not {"client_secret", "signing_keys"} & set(reader.get(path(client)))
    assert "client_secret" in api.as_(running_sandbox.token("read:client_keys")).get(path(client))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Missing required property: name"),
        ({"name": "a<b"}, "String does not match pattern ^[^<>]+$: a<b"),
        ({"name": "x", "app_type": "toaster"}, "No enum match for: toaster"),
        ({"name": "x", "callbacks": "https://a/cb"}, "Expected type array but found type string"),
        ({"name": "x", "jwt_configuration": {"alg": "none"}}, "No enum match for: none"),
        ({"name": "x", "nonsense": 1}, "Additional properties not allowed: nonsense"),
        ({"name": "x", "description": "x" * 141}, "maximum 140"),
    ],
)
def test_a_client_that_makes_no_sense_is_refused(api: Api, body: dict[str, Any], message: str) -> None:
    answer = api.post("/clients", body, 400)
    assert message in answer["message"]
    assert answer["errorCode"] == "invalid_body"
    assert len(api.get("/clients")) == 3


def test_an_unknown_client_does_not_exist(api: Api) -> None:
    expected = {
        "statusCode": 404,
        "error": "Not Found",
        "message": "The client does not exist",
        "errorCode": "inexistent_client",
    }
    assert api.get("/clients/nobody", 404) == expected
    assert api.patch("/clients/nobody", {"name": "x"}, 404) == expected
    assert api.post("/clients/nobody/rotate-secret", expect=404) == expected
    assert api.get("/clients/nobody/credentials", 404) == expected


def test_deleting_takes_grants_and_connections_places_along(api: Api) -> None:
    client = create(api)
    api.post("/resource-servers", {"identifier": "https://a"})
    api.post("/client-grants", {"client_id": client["client_id"], "audience": "https://a", "scope": []})
    connection = api.post("/connections", {"name": "c", "strategy": "auth0"})
    clients = f"/connections/{connection['id']}/clients"
    api.patch(clients, [{"client_id": client["client_id"], "status": True}], 204)
    api.delete(path(client))
    api.delete(path(client))
    api.get(path(client), 404)
    assert api.get("/client-grants", client_id=client["client_id"]) == []
    assert api.get(clients) == {"clients": []}


def test_clients_are_filtered(api: Api) -> None:
    create(api, app_type="spa")
    create(api, app_type="native", is_first_party=False)

    def listed(**query: str) -> int:
        return len(api.get("/clients", **query))

    assert listed() == 5
    assert listed(app_type="spa,native") == 2
    assert listed(is_first_party="false") == 1
    assert listed(is_global="true") == 1
    assert listed(is_global="false") == 4


def test_the_global_client_is_how_pages_are_changed(api: Api) -> None:
    page = api.get(
        "/clients", is_global="true", fields="client_id", include_fields="true", include_totals="true"
    )
    (found,) = page["clients"]
    assert set(found) == {"client_id", "tenant"}
    changed = api.patch(path(found), {"custom_login_page_on": True, "custom_login_page": "<html>&lt;</html>"})
    assert changed["custom_login_page"] == "<html>&lt;</html>"
    assert changed["name"] == "All Applications"


def test_a_client_can_stand_for_an_api(api: Api) -> None:
    server = api.post("/resource-servers", {"identifier": "https://a"})
    client = create(api, app_type="resource_server", resource_server_identifier="https://a")
    assert api.get(f"/resource-servers/{server['id']}")["client_id"] == client["client_id"]
    api.delete(path(client))
    assert "client_id" not in api.get(f"/resource-servers/{server['id']}")


# -- credentials ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate() -> str:
    leaf = trustme.CA().issue_cert(
        "client.example",
        common_name="client",
        not_after=datetime(2033, 5, 13, 9, 33, 13),
        key_type=trustme.KeyType.RSA,
    )
    return leaf.cert_chain_pems[0].bytes().decode()


@pytest.fixture(scope="module")
def public_key() -> str:
    return RSAKey.generate_key(2048).as_pem(private=False).decode()


def test_a_key_is_known_by_its_thumbprint_and_never_shown(api: Api, public_key: str) -> None:
    client = create(api)
    made = api.post(
        f"{path(client)}/credentials", {"name": "k", "credential_type": "public_key", "pem": public_key}
    )
    assert made["id"].startswith("cred_")
    assert made["alg"] == "RS256"
    assert made["kid"] == RSAKey.import_key(public_key).thumbprint()
    assert "pem" not in made
    assert "expires_at" not in made
    assert api.get(f"{path(client)}/credentials") == [made]
    assert api.get(f"{path(client)}/credentials/{made['id']}") == made


def test_a_certificate_gives_its_expiry_when_asked(api: Api, certificate: str) -> None:
    client = create(api)
    body = {"credential_type": "public_key", "pem": certificate, "parse_expiry_from_cert": True}
    made = api.post(f"{path(client)}/credentials", body)
    assert made["expires_at"] == "2033-05-13T09:33:13.000Z"
    # Recorded: the key's thumbprint, not the certificate's.
    assert made["kid"] == RSAKey.import_key(certificate).thumbprint()


def test_a_certificate_gives_its_subject(api: Api, certificate: str) -> None:
    client = create(api)
    body = {"credential_type": "cert_subject_dn", "pem": certificate}
    made = api.post(f"{path(client)}/credentials", body)
    assert "CN=client" in made["subject_dn"].split("\n")
    body = {"credential_type": "x509_cert", "pem": certificate}
    assert len(api.post(f"{path(client)}/credentials", body)["thumbprint_sha256"]) == 43


def test_an_expiry_can_be_changed(api: Api, public_key: str) -> None:
    client = create(api)
    made = api.post(f"{path(client)}/credentials", {"credential_type": "public_key", "pem": public_key})
    later = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    changed = api.patch(f"{path(client)}/credentials/{made['id']}", {"expires_at": later})
    assert changed["expires_at"] == later
    assert api.get(f"{path(client)}/credentials/{made['id']}") == changed


def test_credentials_replace_the_secret(api: Api, public_key: str) -> None:
    client = create(api, token_endpoint_auth_method="client_secret_post")
    made = api.post(f"{path(client)}/credentials", {"credential_type": "public_key", "pem": public_key})
    methods = {"private_key_jwt": {"credentials": [{"id": made["id"]}]}}
    body = {"client_authentication_methods": methods, "token_endpoint_auth_method": None}
    changed = api.patch(path(client), body)
    assert changed["client_authentication_methods"] == methods
    assert not {"client_secret", "token_endpoint_auth_method"} & set(changed)


def test_a_deleted_credential_is_gone(api: Api, public_key: str) -> None:
    client = create(api)
    made = api.post(f"{path(client)}/credentials", {"credential_type": "public_key", "pem": public_key})
    one = f"{path(client)}/credentials/{made['id']}"
    api.delete(one)
    assert api.get(one, 404)["errorCode"] == "inexistent_credential"
    assert api.get(f"{path(client)}/credentials") == []


@pytest.mark.parametrize(
    "body",
    [
        {"credential_type": "public_key"},
        {"credential_type": "public_key", "pem": "nonsense"},
        {
            "credential_type": "x509_cert",
            "pem": "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----",
        },
        {"credential_type": "cert_subject_dn"},
        {"credential_type": "public_key", "pem": ECKey.generate_key("P-256").as_pem(private=False).decode()},
        {"credential_type": "password", "pem": "x"},
        {"pem": "x"},
    ],
)
def test_what_is_no_key_is_refused(api: Api, body: dict[str, Any]) -> None:
    client = create(api)
    assert api.post(f"{path(client)}/credentials", body, 400)["errorCode"] == "invalid_body"


@pytest.mark.parametrize("expiry", ["tomorrow", "", "2033-05-13", "2033-05-13T09:33:13", "1999"])
def test_an_expiry_is_a_moment(api: Api, public_key: str, expiry: str) -> None:
    client = create(api)
    body = {"credential_type": "public_key", "pem": public_key}
    refused = api.post(f"{path(client)}/credentials", {**body, "expires_at": expiry}, 400)
    assert refused["message"].endswith(f"format date-time: {expiry}' on property expires_at.")
    made = api.post(f"{path(client)}/credentials", body)
    api.patch(f"{path(client)}/credentials/{made['id']}", {"expires_at": expiry}, 400)


def test_a_certificate_s_expiry_is_told_once_and_by_a_certificate(
    api: Api, certificate: str, public_key: str
) -> None:
    client = create(api)
    parsed = {"credential_type": "public_key", "parse_expiry_from_cert": True}
    twice = {**parsed, "pem": certificate, "expires_at": "2033-05-13T09:33:13Z"}
    for body in (twice, {**parsed, "pem": public_key}):
        assert api.post(f"{path(client)}/credentials", body, 400)["errorCode"] == "invalid_body"


@pytest.mark.parametrize(
    "credential", [{"credential_type": "public_key", "pem": "x"}, {"id": "cred_1"}, {}, "cred_1"]
)
def test_a_new_client_with_a_bad_credential_is_not_made(api: Api, credential: Any) -> None:
    before = len(api.get("/clients"))
    methods = {"private_key_jwt": {"credentials": [credential]}}
    body = {"name": "x", "client_authentication_methods": methods}
    assert api.post("/clients", body, 400)["errorCode"] == "invalid_body"
    assert len(api.get("/clients")) == before


def test_a_client_that_exists_takes_ids_alone(api: Api, public_key: str) -> None:
    credential = {"credential_type": "public_key", "pem": public_key}
    methods = {"private_key_jwt": {"credentials": [credential]}}
    assert api.patch(path(create(api)), {"client_authentication_methods": methods}, 400)


def test_a_private_key_is_not_accepted_as_a_public_one(api: Api) -> None:
    key = RSAKey.generate_key(2048).as_pem(private=True)
    assert load_pem_private_key(key, None)
    client = create(api)
    body = {"credential_type": "public_key", "pem": key.decode()}
    api.post(f"{path(client)}/credentials", body, 400)
