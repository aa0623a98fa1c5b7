"""What Auth0 refuses of an application and of an API, and what hangs on an application; in process."""

from typing import Any

import pytest
from joserfc.jwk import RSAKey

from sandbox.context import Sandbox

from .in_process import InProcess

Json = dict[str, Any]
KEY = RSAKey.generate_key(2048).as_pem(private=False).decode()


@pytest.fixture
def api(sandbox: Sandbox) -> InProcess:
    return InProcess(sandbox)


def ok(answer: tuple[int, Any], status: int = 200) -> Any:
    assert answer[0] == status, answer
    return answer[1]


def create(api: InProcess, **members: Any) -> Json:
    client: Json = ok(api.call("POST", "/clients", {"name": "x", **members}), 201)
    return client


ADDRESSES: list[tuple[Json, str]] = [
    (
        {"callbacks": ["https://a.example/cb", "*.svc.cluster.local/callback"]},
        "'Object didn't pass validation for format callback-url: *.svc.cluster.local/callback' "
        "on property callbacks[1].",
    ),
    (
        {"initiate_login_uri": "http://localhost:3000/login"},
        "'Object didn't pass validation for format absolute-https-uri-with-placeholders-or-empty: "
        "http://localhost:3000/login' on property initiate_login_uri (Initiate login uri, must be https).",
    ),
    (
        {"initiate_login_uri": "https://localhost:4200/login"},
        "'Object didn't pass validation for format absolute-https-uri-with-placeholders-or-empty: "
        "https://localhost:4200/login' on property initiate_login_uri (Initiate login uri, must be https).",
    ),
]


@pytest.mark.parametrize(("members", "words"), ADDRESSES)
def test_addresses_of_the_wrong_form(api: InProcess, members: Json, words: str) -> None:
    client = create(api)
    path = f"/clients/{client['client_id']}"
    for method, where, body in (("POST", "/clients", {"name": "y", **members}), ("PATCH", path, members)):
        status, answer = api.call(method, where, body)
        assert (status, answer["errorCode"]) == (400, "invalid_body")
        assert answer["message"] == f"Payload validation error: {words}"
    assert ok(api.call("GET", path)) == client


def test_addresses_of_every_right_form(api: InProcess) -> None:
    callbacks = [
        "http://localhost:3000/cb",
        "https://*.example.com/cb",
        "https://{organization_name}.example.com/cb",
        "com.example.app://callback",
        "com.example.app:/callback",
    ]
    client = create(api, callbacks=callbacks, initiate_login_uri="https://{custom_domain}/login")
    assert client["callbacks"] == callbacks


MEMBERS: list[tuple[Json, str]] = [
    (
        {"default_organization": {"flows": ["client_credentials"]}},
        "Missing required property: organization_id",
    ),
    ({"default_organization": {"organization_id": "org_x"}}, "Missing required property: flows"),
    ({"compliance_level": "gold"}, "No enum match for: gold"),
    ({"refresh_token": {"policies": [{"audience": "https://a"}]}}, "Missing required property: scope"),
    ({"native_social_login": {"apple": {"enabled": "yes"}}}, "Expected type boolean but found type string"),
    ({"encryption_key": {"key": "x"}}, "Additional properties not allowed: key"),
]


@pytest.mark.parametrize(("members", "words"), MEMBERS)
def test_members_auth0_refuses(api: InProcess, members: Json, words: str) -> None:
    status, answer = api.call("POST", "/clients", {"name": "x", **members})
    assert (status, answer["errorCode"]) == (400, "invalid_body")
    assert words in answer["message"]


KEPT: Json = {
    "default_organization": {"organization_id": "org_x", "flows": ["client_credentials"]},
    "native_social_login": {"apple": {"enabled": True}, "facebook": {"enabled": False}},
    "mobile": {"ios": {"team_id": "t", "app_bundle_identifier": "b"}},
    "oidc_logout": {"backchannel_logout_urls": ["https://a.example/out"]},
    "token_exchange": {"allow_any_profile_of_type": ["custom_authentication"]},
    "compliance_level": "fapi1_adv_pkj_par",
    "addons": {"samlp": {"audience": "https://a.example"}, "slack": {"team": "x"}},
    "encryption_key": {"pub": "p", "cert": "c", "subject": "s"},
    "require_proof_of_possession": True,
    "require_pushed_authorization_requests": True,
    "skip_non_verifiable_callback_uri_confirmation_prompt": True,
    "cross_origin_loc": "https://a.example/cors",
    "organization_usage": "allow",
}


@pytest.mark.parametrize("member", KEPT)
def test_a_member_is_kept_replaced_and_taken_away(api: InProcess, member: str) -> None:
    client = create(api, **{member: KEPT[member]})
    path = f"/clients/{client['client_id']}"
    assert ok(api.call("GET", path))[member] == KEPT[member]
    plain = f"/clients/{create(api)['client_id']}"
    assert ok(api.call("PATCH", plain, {member: KEPT[member]}))[member] == KEPT[member]
    if member.startswith("require_"):
        return
    assert member not in ok(api.call("PATCH", path, {member: None}))
    assert member not in ok(api.call("GET", path))


def test_addons_are_merged_until_null_takes_them_all_away(api: InProcess) -> None:
    path = f"/clients/{create(api, addons={'slack': {'team': 'x'}})['client_id']}"
    changed = ok(api.call("PATCH", path, {"addons": {"samlp": {"audience": "a"}}}))
    assert changed["addons"] == {"slack": {"team": "x"}, "samlp": {"audience": "a"}}
    assert ok(api.call("PATCH", path, {"addons": {"slack": None}}))["addons"] == {"samlp": {"audience": "a"}}
    assert "addons" not in ok(api.call("PATCH", path, {"addons": None}))


@pytest.mark.parametrize(
    ("member", "kept", "changed"),
    [
        ("mobile", {"ios": {"team_id": "A"}}, {"android": {"app_package_name": "com.example"}}),
        ("native_social_login", {"apple": {"enabled": True}}, {"facebook": {"enabled": True}}),
    ],
)
def test_a_platform_that_a_patch_leaves_out_stays(
    api: InProcess, member: str, kept: Json, changed: Json
) -> None:
    path = f"/clients/{create(api, **{member: kept})['client_id']}"
    assert ok(api.call("PATCH", path, {member: changed}))[member] == {**kept, **changed}


@pytest.mark.parametrize("gone", ["oidc_logout", "oidc_backchannel_logout"])
def test_back_channel_logout_has_two_names(api: InProcess, gone: str) -> None:
    urls = {"backchannel_logout_urls": ["https://a.example/out"]}
    path = f"/clients/{create(api, oidc_logout=urls)['client_id']}"
    assert ok(api.call("GET", path))["oidc_logout"] == urls
    assert "oidc_logout" not in ok(api.call("PATCH", path, {gone: None}))


def credential(api: InProcess, path: str) -> str:
    body = {"credential_type": "public_key", "name": "k", "pem": KEY}
    return str(ok(api.call("POST", f"{path}/credentials", body), 201)["id"])


@pytest.mark.parametrize("holder", ["client_authentication_methods", "signed_request_object"])
def test_a_credential_in_use_stays(api: InProcess, holder: str) -> None:
    path = f"/clients/{create(api)['client_id']}"
    used, free = credential(api, path), credential(api, path)
    held = {"credentials": [{"id": used}]}
    body = {holder: {"private_key_jwt": held} if holder.endswith("methods") else held}
    ok(api.call("PATCH", path, {**body, "token_endpoint_auth_method": None}))
    status, answer = api.call("DELETE", f"{path}/credentials/{used}")
    assert (status, "still associated with a client" in answer["message"]) == (400, True)
    assert api.call("DELETE", f"{path}/credentials/{free}") == (204, None)
    ok(api.call("PATCH", path, {holder: None}))
    assert api.call("DELETE", f"{path}/credentials/{used}") == (204, None)
    assert ok(api.call("GET", f"{path}/credentials")) == []


def test_a_secret_s_method_and_one_with_keys_exclude_each_other(api: InProcess) -> None:
    path = f"/clients/{create(api, token_endpoint_auth_method='client_secret_post')['client_id']}"
    held = {"private_key_jwt": {"credentials": [{"id": credential(api, path)}]}}
    secret = {"token_endpoint_auth_method": "client_secret_post"}
    keys = {"client_authentication_methods": held}
    assert api.call("PATCH", path, {**keys, **secret})[0] == 400
    ok(api.call("PATCH", path, {**keys, "token_endpoint_auth_method": None}))
    status, answer = api.call("PATCH", path, secret)
    assert (status, answer["errorCode"]) == (400, "invalid_body")
    changed = ok(api.call("PATCH", path, {"client_authentication_methods": None, **secret}))
    assert changed["token_endpoint_auth_method"] == "client_secret_post"


def test_what_is_decided_at_the_start_stays(api: InProcess) -> None:
    strict = {"is_first_party": False, "third_party_security_mode": "strict"}
    path = f"/clients/{create(api, **strict)['client_id']}"
    assert ok(api.call("PATCH", path, {"third_party_security_mode": "strict"}))
    assert api.call("PATCH", path, {"third_party_security_mode": "permissive"})[0] == 400
    assert api.call("PATCH", path, {"resource_server_identifier": "https://a"})[0] == 400


def test_a_grant_is_for_one_application_or_for_a_kind(api: InProcess) -> None:
    ok(api.call("POST", "/resource-servers", {"identifier": "https://a"}), 201)
    grant = {"audience": "https://a", "scope": []}
    client = {"client_id": create(api)["client_id"]}
    kind = {"default_for": "third_party_clients"}
    assert api.call("POST", "/client-grants", grant)[0] == 400
    assert api.call("POST", "/client-grants", {**grant, **client, **kind})[0] == 400
    ok(api.call("POST", "/client-grants", {**grant, **client}), 201)
    general = ok(api.call("POST", "/client-grants", {**grant, **kind, "allow_any_organization": True}), 201)
    assert ok(api.call("GET", "/client-grants?allow_any_organization=true")) == [general]
    assert ok(api.call("GET", "/client-grants?default_for=third_party_clients")) == [general]


def test_the_connections_of_an_application(api: InProcess) -> None:
    client_id = create(api)["client_id"]
    made = {}
    for name, strategy in (("a", "auth0"), ("b", "github"), ("c", "samlp")):
        made[name] = ok(api.call("POST", "/connections", {"name": name, "strategy": strategy}), 201)["id"]
    for name in ("a", "b"):
        change = [{"client_id": client_id, "status": True}]
        assert api.call("PATCH", f"/connections/{made[name]}/clients", change) == (204, None)
    path = f"/clients/{client_id}/connections"
    listed = ok(api.call("GET", path))["connections"]
    assert [connection["name"] for connection in listed] == ["a", "b"]
    assert [doc["name"] for doc in ok(api.call("GET", f"{path}?strategy=github"))["connections"]] == ["b"]
    page = ok(api.call("GET", f"{path}?take=1&fields=name"))
    assert page["connections"] == [{"id": made["a"], "name": "a"}]
    assert page["next"]
    assert api.call("GET", "/clients/none/connections")[0] == 404


def test_an_api_that_signs_with_a_secret_has_one(api: InProcess) -> None:
    made = ok(api.call("POST", "/resource-servers", {"identifier": "https://a", "signing_alg": "HS256"}), 201)
    assert len(made["signing_secret"]) >= 16
    own = {"identifier": "https://b", "signing_alg": "HS256", "signing_secret": "0123456789abcdef"}
    assert ok(api.call("POST", "/resource-servers", own), 201)["signing_secret"] == own["signing_secret"]
    plain = ok(api.call("POST", "/resource-servers", {"identifier": "https://c"}), 201)
    assert "signing_secret" not in plain
    changed = ok(api.call("PATCH", f"/resource-servers/{plain['id']}", {"signing_alg": "HS256"}))
    assert changed["signing_secret"]


def test_who_may_get_tokens_is_told_for_both_subjects(api: InProcess) -> None:
    user = {"subject_type_authorization": {"user": {"policy": "deny_all"}}}
    made = ok(api.call("POST", "/resource-servers", {"identifier": "https://a", **user}), 201)
    expected = {"user": {"policy": "deny_all"}, "client": {"policy": "require_client_grant"}}
    assert made["subject_type_authorization"] == expected
    client = {"subject_type_authorization": {"client": {"policy": "deny_all"}}}
    changed = ok(api.call("PATCH", f"/resource-servers/{made['id']}", client))
    assert changed["subject_type_authorization"] == {**expected, "client": {"policy": "deny_all"}}


@pytest.mark.parametrize("key", [1, [], {"pem": 1}, {"pem": "no key"}])
def test_an_encryption_key_that_is_none(api: InProcess, key: Any) -> None:
    body = {"identifier": "https://a", "token_encryption": {"encryption_key": key}}
    status, answer = api.call("POST", "/resource-servers", body)
    assert (status, answer["errorCode"]) == (400, "invalid_body")
    assert "token_encryption" in answer["message"]


B2B = "b2b_integration_configuration"


def test_a_b2b_integration_is_settled_when_the_application_is_made(api: InProcess) -> None:
    _, profile = api.call("POST", "/self-service-profiles", {"name": "p"})
    third_party = {"integration_type": "third_party", "sso_profiles": [profile["id"]]}
    made = create(api, **{B2B: third_party})
    assert made["organization_discovery_methods"] == ["email", "organization_name"]
    path, changed = f"/clients/{made['client_id']}", {"integration_type": "application"}
    assert ok(api.call("PATCH", path, {B2B: changed}))[B2B] == changed
    for body in ({B2B: None}, {B2B: {"sso_profiles": ["ssp_none"]}}, {B2B: {"integration_type": "other"}}):
        assert api.call("PATCH", path, body)[0] == 400
    plain = create(api)
    assert "organization_discovery_methods" not in plain
    assert api.call("PATCH", f"/clients/{plain['client_id']}", {B2B: changed})[0] == 400
    assert api.call("PATCH", f"/clients/{plain['client_id']}", {B2B: None})[0] == 200
