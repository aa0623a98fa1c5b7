"""What hangs on a connection, in process: keys, SCIM, directory provisioning, users, status, profiles."""

from typing import Any

import pytest
from cryptography import x509

from sandbox.context import Sandbox

from .in_process import InProcess

Json = dict[str, Any]
NOWHERE = "con_0000000000000000"


@pytest.fixture
def api(sandbox: Sandbox) -> InProcess:
    return InProcess(sandbox)


def create(api: InProcess, strategy: str, **options: Any) -> str:
    """The path of a new connection."""
    body = {"name": f"c-{strategy}", "strategy": strategy, "options": {"client_id": "x", **options}}
    status, connection = api.call("POST", "/connections", body)
    assert status == 201, connection
    return f"/connections/{connection['id']}"


def ok(answer: tuple[int, Any], status: int = 200) -> Any:
    assert answer[0] == status, answer
    return answer[1]


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["errorCode"]


def roles(keys: list[Json]) -> dict[str, str]:
    return {role: key["kid"] for key in keys for role in ("current", "next", "previous") if key.get(role)}


def test_keys_are_made_shown_and_rotated(api: InProcess) -> None:
    keys = f"{create(api, 'okta')}/keys"
    assert code(api.call("GET", keys)) == (404, "inexistent_connection_keys")
    first = roles(ok(api.call("POST", keys), 201))
    assert code(api.call("POST", keys))[0] == 409
    upcoming = ok(api.call("POST", f"{keys}/rotate"))
    assert upcoming["next"] is True
    after = roles(ok(api.call("GET", keys)))
    assert after == {"current": first["next"], "previous": first["current"], "next": upcoming["kid"]}
    again = ok(api.call("POST", f"{keys}/rotate", {"signing_alg": "RS512"}))
    assert again["algorithm"] == "RS512"
    assert len(ok(api.call("GET", keys))) == 3


def test_a_key_is_told_by_its_certificate(api: InProcess) -> None:
    key = ok(api.call("GET", f"{create(api, 'oidc', token_endpoint_auth_method='private_key_jwt')}/keys"))[0]
    certificate = x509.load_pem_x509_certificate(key["cert"].encode())
    assert certificate.subject.rfc4514_string() == f"CN={key['subject_dn'].removeprefix('/CN=')}"
    assert key["fingerprint"].replace(":", "") == key["thumbprint"]
    assert key["key_use"] == "signing"
    assert key["pkcs"].startswith("-----BEGIN PKCS7-----")
    assert "PRIVATE" not in str(key)


@pytest.mark.parametrize(
    ("path", "status"), [("keys", 400), ("scim-configuration", 404), ("directory-provisioning", 400)]
)
def test_parts_some_strategies_do_not_have(api: InProcess, path: str, status: int) -> None:
    assert code(api.call("GET", f"{create(api, 'github')}/{path}")) == (status, "operation_not_supported")
    assert code(api.call("GET", f"/connections/{NOWHERE}/{path}")) == (404, "inexistent_connection")


@pytest.mark.parametrize(("strategy", "identifier"), [("samlp", "userName"), ("oidc", "externalId")])
def test_a_scim_configuration_from_first_to_last(
    api: InProcess, sandbox: Sandbox, strategy: str, identifier: str
) -> None:
    path = f"{create(api, strategy)}/scim-configuration"
    assert api.call("GET", path)[0] == 404
    made = ok(api.call("POST", path, {}), 201)
    assert made["user_id_attribute"] == identifier
    assert made["mapping"] == ok(api.call("GET", f"{path}/default-mapping"))["mapping"]
    assert (made["strategy"], made["connection_name"]) == (strategy, f"c-{strategy}")
    assert made["tenant_name"] == sandbox.addresses.tenant_name
    assert api.call("POST", path, {})[0] == 409
    change = {"user_id_attribute": "externalId", "mapping": [{"auth0": "email", "scim": "emails"}]}
    sandbox.clock.advance(60)
    changed = ok(api.call("PATCH", path, change))
    assert {name: changed[name] for name in change} == change
    assert changed["updated_on"] > made["updated_on"]
    assert changed["created_at"] == made["created_at"]
    assert ok(api.call("GET", path)) == changed
    assert ok(api.call("GET", "/connections-scim-configurations")) == {"scim_configurations": [changed]}
    assert api.call("DELETE", path) == (204, None)
    assert api.call("GET", path)[0] == 404


@pytest.mark.parametrize("body", [{"mapping": []}, {"user_id_attribute": "x"}, {"mapping": [{"auth0": "x"}]}])
def test_a_scim_change_needs_both_members(api: InProcess, body: Json) -> None:
    path = f"{create(api, 'samlp')}/scim-configuration"
    ok(api.call("POST", path), 201)
    status, answer = api.call("PATCH", path, body)
    assert (status, "Missing required property" in answer["message"]) == (400, True)


def test_scim_tokens_are_shown_once(api: InProcess) -> None:
    path = f"{create(api, 'waad')}/scim-configuration"
    tokens = f"{path}/tokens"
    assert api.call("POST", tokens, {})[0] == 404
    ok(api.call("POST", path), 201)
    token = ok(api.call("POST", tokens, {"scopes": ["get:users"], "token_lifetime": 900}), 201)
    assert token.pop("token").startswith(token["token_id"])
    assert token["scopes"] == ["get:users"]
    assert token["valid_until"] > token["created_at"]
    endless = ok(api.call("POST", tokens), 201)
    assert "valid_until" not in endless
    assert "post:users" in endless["scopes"]
    assert ok(api.call("GET", tokens))[0] == token
    assert api.call("POST", tokens, {})[0] == 409
    assert api.call("DELETE", f"{tokens}/{token['token_id']}") == (204, None)
    assert [known["token_id"] for known in ok(api.call("GET", tokens))] == [endless["token_id"]]
    assert api.call("POST", tokens, {"token_lifetime": 899})[0] == 400
    ok(api.call("DELETE", path), 204)
    ok(api.call("POST", path), 201)
    assert ok(api.call("GET", tokens)) == []


def test_what_hangs_on_a_connection_goes_with_it(api: InProcess, sandbox: Sandbox) -> None:
    path = create(api, "okta")
    ok(api.call("POST", f"{path}/scim-configuration"), 201)
    ok(api.call("POST", f"{path}/scim-configuration/tokens"), 201)
    ok(api.call("POST", f"{path}/keys"), 201)
    ok(api.call("DELETE", path), 202)
    for kind in ("scim_configurations", "scim_tokens", "connection_keys"):
        assert sandbox.store.count(kind) == 0


def test_directory_provisioning_from_first_to_last(api: InProcess) -> None:
    path = f"{create(api, 'google-apps')}/directory-provisioning"
    assert api.call("GET", path)[0] == 404
    made = ok(api.call("POST", path), 201)
    assert made["mapping"] == ok(api.call("GET", f"{path}/default-mapping"))["mapping"]
    assert (made["synchronize_automatically"], made["synchronize_groups"]) == (False, "off")
    assert api.call("POST", path)[0] == 409
    change = {"synchronize_automatically": True, "mapping": [{"auth0": "email", "idp": "primaryEmail"}]}
    changed = ok(api.call("PATCH", path, change))
    assert {name: changed[name] for name in change} == change
    assert ok(api.call("GET", "/connections-directory-provisionings"))["directory_provisionings"] == [changed]
    assert api.call("DELETE", path) == (204, None)
    assert api.call("DELETE", path)[0] == 404


def test_the_groups_a_directory_synchronizes(api: InProcess) -> None:
    path = f"{create(api, 'google-apps')}/directory-provisioning"
    groups = f"{path}/synchronized-groups"
    ok(api.call("POST", path, {"synchronize_groups": "selected"}), 201)

    def names() -> list[str]:
        return [group["id"] for group in ok(api.call("GET", groups))["groups"]]

    assert api.call("PUT", groups, {"groups": [{"id": "a"}, {"id": "b"}]}) == (204, None)
    assert api.call("POST", groups, {"groups": [{"id": "b"}, {"id": "c"}]}) == (204, None)
    assert names() == ["a", "b", "c"]
    assert api.call("DELETE", groups, {"groups": [{"id": "a"}]}) == (204, None)
    assert names() == ["b", "c"]
    assert api.call("PUT", groups, {"groups": []}) == (204, None)
    assert names() == []
    assert "_groups" not in ok(api.call("GET", path))


def test_groups_have_members_of_their_own_and_are_searched(api: InProcess) -> None:
    path = f"{create(api, 'google-apps')}/directory-provisioning"
    groups = f"{path}/synchronized-groups"
    ok(api.call("POST", path, {"synchronize_groups": "selected"}), 201)
    engineering = {"id": "a", "name": "Engineering", "email": "e@example.com", "direct_members_count": 7}
    assert api.call("PUT", groups, {"groups": [engineering, {"id": "b"}]}) == (204, None)
    assert ok(api.call("GET", f"{groups}?q=name:eng*"))["groups"] == [engineering]
    assert ok(api.call("GET", f"{groups}?q=name:zzz*"))["groups"] == []
    status, answer = api.call("PUT", groups, {"groups": [{"id": "a", "email": ""}]})
    assert (status, "didn't pass validation for format email" in answer["message"]) == (400, True)
    assert api.call("POST", groups, {"groups": [{"id": "a"}]}) == (204, None)
    assert {"id": "a"} in ok(api.call("GET", groups))["groups"]


def test_users_are_deleted_by_address(api: InProcess, sandbox: Sandbox) -> None:
    path = create(api, "auth0")
    for address in ("ada@example.com", "bob@example.com"):
        body = {"connection": "c-auth0", "email": address, "password": "Abcdefg1!"}
        ok(api.call("POST", "/users", body), 201)
    other = {"connection": "Username-Password-Authentication", "email": "ada@example.com"}
    ok(api.call("POST", "/users", {**other, "password": "Abcdefg1!"}), 201)
    assert code(api.call("DELETE", f"{path}/users")) == (400, "invalid_query_string")
    assert api.call("DELETE", f"{path}/users?email=ada%40example.com") == (204, None)
    left = [(user["email"], user["identities"][0]["connection"]) for user in sandbox.store.all("users")]
    assert left == [
        ("bob@example.com", "c-auth0"),
        ("ada@example.com", "Username-Password-Authentication"),
    ]
    assert api.call("DELETE", f"{create(api, 'github')}/users?email=a%40b.c")[0] == 400


def test_no_connector_answers(api: InProcess) -> None:
    assert api.call("GET", f"{create(api, 'ad')}/status")[0] == 404
    assert code(api.call("GET", f"{create(api, 'oidc')}/status")) == (400, "operation_not_supported")


@pytest.mark.parametrize("kind", ["connection", "user-attribute"])
def test_templates_of_profiles(api: InProcess, kind: str) -> None:
    path = f"/{kind}-profiles/templates"
    [templates] = ok(api.call("GET", path)).values()
    assert ok(api.call("GET", f"{path}/{templates[0]['id']}")) == templates[0]
    assert api.call("GET", f"{path}/none")[0] == 404
    # What a template holds can be posted.
    created = ok(api.call("POST", f"/{kind}-profiles", templates[0]["template"]), 201)
    assert created["id"].startswith("cop_" if kind == "connection" else "uap_")


def test_what_belongs_to_a_connection_s_user_goes_with_the_user(api: InProcess, sandbox: Sandbox) -> None:
    path = create(api, "email")
    user = ok(api.call("POST", "/users", {"connection": "c-email", "email": "ada@example.com"}), 201)
    methods = f"/users/{user['user_id'].replace('|', '%7C')}/authentication-methods"
    ok(api.call("POST", methods, {"type": "totp", "totp_secret": "x"}), 201)
    assert api.call("DELETE", f"{path}/users?email=ada%40example.com") == (204, None)
    assert sandbox.store.count("authentication_methods") == 0


def test_profiles_are_listed_by_checkpoint(api: InProcess) -> None:
    for name in ("a", "b"):
        ok(api.call("POST", "/connection-profiles", {"name": name}), 201)
    page = ok(api.call("GET", "/connection-profiles?take=1"))
    assert [profile["name"] for profile in page["connection_profiles"]] == ["a"]
    rest = ok(api.call("GET", f"/connection-profiles?take=1&from={page['next']}"))
    assert [profile["name"] for profile in rest["connection_profiles"]] == ["b"]
    assert "next" not in rest


def test_a_user_s_id_keeps_the_mappings_nobody_sends(api: InProcess) -> None:
    path = "/user-attribute-profiles"
    made = ok(api.call("POST", path, {"name": "p", "user_attributes": {}}), 201)
    usual = made["user_id"]
    assert (usual["oidc_mapping"], usual["scim_mapping"], len(usual["saml_mapping"])) == (
        "sub",
        "externalId",
        3,
    )
    for given in ({"oidc_mapping": "s", "saml_mapping": ["u"]}, {"oidc_mapping": "s"}):
        changed = ok(api.call("PATCH", f"{path}/{made['id']}", {"user_id": given}))
        assert changed["user_id"] == {**usual, **given}
