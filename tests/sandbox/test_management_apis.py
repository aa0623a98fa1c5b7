"""Resource servers, client grants, roles and the tenant's settings."""

from typing import Any
from urllib.parse import quote

import pytest
import trustme

from .api import Api, encoded

IDENTIFIER = "https://api.example/v1"


def server(api: Api, **members: Any) -> dict[str, Any]:
    made: dict[str, Any] = api.post("/resource-servers", {"identifier": IDENTIFIER, **members})
    return made


def management(api: Api) -> dict[str, Any]:
    (found,) = [known for known in api.get("/resource-servers") if known.get("is_system")]
    return dict(found)


# -- resource servers -------------------------------------------------------------------------------


def test_a_new_api_has_auth0_s_defaults(api: Api) -> None:
    made = server(api)
    assert len(made.pop("id")) == 24
    assert made == {
        "identifier": IDENTIFIER,
        "allow_offline_access": False,
        "skip_consent_for_verifiable_first_party_clients": False,
        "subject_type_authorization": {
            "client": {"policy": "require_client_grant"},
            "user": {"policy": "allow_all"},
        },
        "token_lifetime": 86400,
        "token_lifetime_for_web": 7200,
        "signing_alg": "RS256",
    }


def test_an_api_is_found_by_id_and_by_identifier(api: Api) -> None:
    made = server(api)
    assert api.get(f"/resource-servers/{made['id']}") == made
    assert api.get(f"/resource-servers/{encoded(IDENTIFIER)}") == made
    assert api.get("/resource-servers", identifiers=IDENTIFIER) == [made]


def test_scopes_are_replaced_and_null_removes(api: Api) -> None:
    made = server(api, scopes=[{"value": "a", "description": "A"}], authorization_details=[{"type": "x"}])
    path = f"/resource-servers/{encoded(IDENTIFIER)}"
    changed = api.patch(path, {"scopes": [{"value": "b"}], "authorization_details": None})
    assert changed["scopes"] == [{"value": "b"}]
    assert "authorization_details" not in changed
    assert changed["id"] == made["id"]
    assert api.patch(path, {"scopes": []})["scopes"] == []


def test_an_encryption_key_is_kept_by_its_thumbprint(api: Api) -> None:
    server(api)
    pem = trustme.CA().cert_pem.bytes().decode()
    body = {
        "token_encryption": {
            "format": "compact-nested-jwe",
            "encryption_key": {"alg": "RSA-OAEP-256", "pem": pem},
        }
    }
    changed = api.patch(f"/resource-servers/{encoded(IDENTIFIER)}", body)
    key = changed["token_encryption"]["encryption_key"]
    assert set(key) == {"alg", "thumbprint_sha256"}
    body["token_encryption"]["encryption_key"] = {"pem": "nonsense"}
    api.patch(f"/resource-servers/{encoded(IDENTIFIER)}", body, 400)


def test_identifiers_are_unique_and_can_not_be_changed(api: Api) -> None:
    made = server(api)
    api.post("/resource-servers", {"identifier": IDENTIFIER}, 409)
    api.patch(f"/resource-servers/{made['id']}", {"identifier": "https://other"}, 400)


def test_the_management_api_can_not_be_changed_or_deleted(api: Api) -> None:
    own = management(api)
    path = f"/resource-servers/{own['id']}"
    assert own["identifier"].endswith("/api/v2/")
    api.patch(path, {"scopes": []}, 400)
    api.patch(path, {"name": "x"}, 400)
    api.delete(path, expect=400)
    assert api.patch(path, {"token_lifetime": 60})["token_lifetime"] == 60
    api.get("/clients")


def test_the_my_account_api_is_switched_on_not_made(api: Api) -> None:
    host = management(api)["identifier"].removeprefix("https://").partition("/")[0]
    made = api.post("/resource-servers", {"identifier": f"https://{host}/me/", "name": "Mine"})
    assert (made["name"], made["is_system"]) == ("Auth0 My Account API", True)


def test_an_identifier_is_found_encoded_once_or_twice(api: Api) -> None:
    made = server(api)
    once = quote(IDENTIFIER, safe="")
    for path in (made["id"], once, quote(once, safe="")):
        assert api.get(f"/resource-servers/{path}")["id"] == made["id"]


def test_deleting_takes_the_grants_along_and_may_be_repeated(api: Api) -> None:
    made = server(api)
    client = api.post("/clients", {"name": "x"})
    api.post("/client-grants", {"client_id": client["client_id"], "audience": IDENTIFIER, "scope": []})
    api.delete(f"/resource-servers/{made['id']}")
    api.delete(f"/resource-servers/{made['id']}")
    assert api.get(f"/resource-servers/{made['id']}", 404)["errorCode"] == "inexistent_resource_server"
    assert api.get("/client-grants", audience=IDENTIFIER) == []


# -- client grants ----------------------------------------------------------------------------------


@pytest.fixture
def client(api: Api) -> str:
    server(api, scopes=[{"value": "a"}, {"value": "b"}])
    return str(api.post("/clients", {"name": "x"})["client_id"])


def grant(api: Api, client: str, **members: Any) -> dict[str, Any]:
    body = {"client_id": client, "audience": IDENTIFIER, "scope": ["a"], **members}
    made: dict[str, Any] = api.post("/client-grants", body)
    return made


def test_a_grant_is_made_found_and_changed(api: Api, client: str) -> None:
    made = grant(api, client)
    assert made["id"].startswith("cgr_")
    assert (made["subject_type"], made["scope"]) == ("client", ["a"])
    path = f"/client-grants/{made['id']}"
    assert api.get(path) == made
    assert api.patch(path, {"scope": ["b"], "organization_usage": "allow"})["scope"] == ["b"]
    assert "organization_usage" not in api.patch(path, {"organization_usage": None})


def test_a_grant_may_name_scopes_the_api_does_not_have(api: Api, client: str) -> None:
    made = grant(api, client, scope=["a", "create:things"])
    assert made["scope"] == ["a", "create:things"]
    assert api.patch(f"/client-grants/{made['id']}", {"scope": ["z"]})["scope"] == ["z"]


def test_grants_are_filtered(api: Api, client: str) -> None:
    made = grant(api, client)
    assert api.get("/client-grants", client_id=client, audience=IDENTIFIER) == [made]
    assert api.get("/client-grants", client_id=client, take="10") == {"client_grants": [made]}
    assert api.get("/client-grants", client_id="other") == []
    assert len(api.get("/client-grants")) == 2


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({}, 409, "client_grant_conflict"),
        ({"scope": ["a", "zzz"]}, 409, "client_grant_conflict"),
        ({"client_id": "nobody"}, 404, "inexistent_client"),
        ({"audience": "https://nowhere"}, 404, "inexistent_resource_server"),
        ({"subject_type": "robot"}, 400, "invalid_body"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(
    api: Api, client: str, change: dict[str, Any], status: int, code: str
) -> None:
    grant(api, client)
    body = {"client_id": client, "audience": IDENTIFIER, "scope": ["a"], **change}
    assert api.post("/client-grants", body, status)["errorCode"] == code


def test_a_default_grant_has_no_client(api: Api, client: str) -> None:
    body = {"audience": IDENTIFIER, "scope": ["a"]}
    api.post("/client-grants", body, 400)
    made = api.post("/client-grants", {**body, "default_for": "third_party_clients"})
    assert "client_id" not in made


def test_a_deleted_grant_is_gone(api: Api, client: str) -> None:
    made = grant(api, client)
    api.delete(f"/client-grants/{made['id']}")
    assert api.get(f"/client-grants/{made['id']}", 404)["errorCode"] == "inexistent_client_grant"


# -- roles ------------------------------------------------------------------------------------------


def test_a_role_is_made_changed_and_deleted(api: Api) -> None:
    made = api.post("/roles", {"name": "owner"}, 200)
    assert made["description"] is None
    path = f"/roles/{made['id']}"
    assert api.patch(path, {"description": "Owns"})["description"] == "Owns"
    assert api.get("/roles", name_filter="OWN")[0]["id"] == made["id"]
    assert api.get("/roles", name_filter="x") == []
    assert api.delete(path, {}, 200) == {}
    api.get(path, 404)
    api.delete(path, expect=404)


def test_role_names_are_unique(api: Api) -> None:
    api.post("/roles", {"name": "owner"}, 200)
    other = api.post("/roles", {"name": "admin"}, 200)
    api.post("/roles", {"name": "owner"}, 409)
    api.patch(f"/roles/{other['id']}", {"name": "owner"}, 409)
    api.patch(f"/roles/{other['id']}", {"name": "admin"})


# -- settings ---------------------------------------------------------------------------------------


def test_settings_are_merged_and_null_clears(api: Api) -> None:
    api.patch("/tenants/settings", {"friendly_name": "Acme", "flags": {"enable_sso": False}})
    settings = api.get("/tenants/settings")
    assert settings["friendly_name"] == "Acme"
    assert settings["flags"]["enable_sso"] is False
    assert settings["flags"]["universal_login"] is True
    changed = api.patch("/tenants/settings", {"friendly_name": None, "change_password": {"enabled": True}})
    assert "friendly_name" not in changed
    assert changed["change_password"] == {"enabled": True, "html": ""}


def test_some_flags_are_answered_but_not_shown(api: Api) -> None:
    name = "enforce_client_authentication_on_passwordless_start"
    answered, shown = api.patch("/tenants/settings", {}), api.get("/tenants/settings")
    assert answered["flags"][name] is True
    assert name not in shown["flags"]
    assert "sandbox_versions_available" in shown
    assert "sandbox_versions_available" not in answered
