"""What Auth0 adds to a connection by its strategy, in process: scopes, certificates, tickets, refusals."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.context import Sandbox
from sandbox.management.connections import saml
from sandbox.management.connections.schema import STRATEGIES
from sandbox.testing import memory_sandbox

from .in_process import InProcess

Json = dict[str, Any]
AUTHORITY = trustme.CA()
PEM = AUTHORITY.cert_pem.bytes().decode()
BODY = "".join(PEM.splitlines()[1:-1])
METADATA = """  <?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="encryption"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
      <ds:X509Certificate>bm8=</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
      <ds:X509Certificate>
        {certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleLogoutService Binding="urn:redirect" Location="https://idp.example/out"/>
    <md:SingleSignOnService Binding="urn:redirect" Location="https://idp.example/in"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>""".replace("{certificate}", BODY)


@pytest.fixture
def api(sandbox: Sandbox) -> InProcess:
    return InProcess(sandbox)


SHARED = memory_sandbox()
# What a strategy can't do without.
NEEDED: dict[str, Json] = {
    "oidc": {"client_id": "needed"},
    "okta": {"client_id": "needed"},
    "adfs": {"adfs_server": "needed"},
}


def create(api: InProcess, strategy: str, options: Json | None = None, **members: Any) -> Json:
    body = {"name": "c", "strategy": strategy, **members}
    needed = NEEDED.get(strategy)
    whole = None if options is needed is None else {**(needed or {}), **(options or {})}
    status, answer = api.call("POST", "/connections", body if whole is None else {**body, "options": whole})
    assert status == 201, answer
    connection: Json = answer
    return connection


def change(api: InProcess, connection: Json, options: Json) -> Json:
    status, answer = api.call("PATCH", f"/connections/{connection['id']}", {"options": options})
    assert status == 200, answer
    kept: Json = answer["options"]
    return kept


SCOPES: list[tuple[str, Json, Any]] = [
    ("apple", {"name": True, "email": True}, "name email"),
    ("apple", {"name": False, "email": True}, "email"),
    ("facebook", {"email": True, "user_birthday": True, "ads_read": False}, "email,user_birthday"),
    ("facebook", {"email": True, "allow_context_profile_field": True}, "email"),
    ("github", {"email": True, "repo": True, "profile": True, "gist": False}, ["user:email", "repo"]),
    ("github", {"read_org": True, "repo_status": True, "delete_repo": True}, None),
    ("google-oauth2", {"email": True, "profile": True}, ["email", "profile"]),
    (
        "google-oauth2",
        {"email": True, "calendar_events": True, "offline_access": True},
        ["email", "https://www.googleapis.com/auth/calendar.events"],
    ),
    ("google-oauth2", {"email": True, "freeform_scopes": ["openid"]}, ["email", "openid"]),
    ("linkedin", {"strategy_version": 2, "basic_profile": True, "email": True}, None),
    ("linkedin", {"profile": True, "email": True, "openid": True}, ["profile", "email", "openid"]),
    ("paypal", {"email": True}, ["openid", "email"]),
    ("amazon", {"profile": True, "postal_code": True}, ["profile", "postal_code"]),
    ("salesforce", {}, []),
    ("salesforce-community", {"client_id": "x", "profile": True}, ["profile"]),
    ("windowslive", {"signin": True}, ["wl.signin"]),
    ("windowslive", {"graph_user": True, "graph_files_all": True}, ["User.Read", "Files.Read.All"]),
    # A scope of the caller's own stays where no flag says otherwise.
    ("paypal", {"scope": ["email"]}, ["email"]),
    ("twitter", {"scope": ["basic_profile"]}, ["basic_profile"]),
    ("oauth2", {"scope": "a b"}, "a b"),
    ("line", {"email": True, "scope": ["openid"]}, ["openid"]),
]
NAMED = {
    "github": ["repo:status", "delete_repo", "read:org"],
    "linkedin": ["r_liteprofile", "r_emailaddress"],
}


@pytest.mark.parametrize(("strategy", "options", "scope"), SCOPES)
def test_a_scope_follows_from_the_flags(api: InProcess, strategy: str, options: Json, scope: Any) -> None:
    connection = create(api, strategy, options)
    wanted = NAMED[strategy] if scope is None else scope
    shown = connection["options"]["scope"]
    assert (sorted(shown), type(shown)) == (sorted(wanted), type(wanted))
    assert {name: connection["options"][name] for name in options} == options


def test_a_changed_flag_changes_the_scope(api: InProcess) -> None:
    connection = create(api, "github", {"email": True, "repo": True})
    assert change(api, connection, {"email": True, "repo": False})["scope"] == ["user:email"]
    # As clients that read first send it: the scope of before, and other flags.
    assert change(api, connection, {"repo": True, "scope": ["user:email"]})["scope"] == ["repo"]


@pytest.mark.parametrize("strategy", ["twitter", "oauth2", "oidc", "sms"])
def test_no_scope_is_made_up_elsewhere(api: InProcess, strategy: str) -> None:
    assert "scope" not in create(api, strategy, {"client_id": "x"})["options"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_can_be_created_and_is_told_whole(api: InProcess, strategy: str) -> None:
    connection = create(api, strategy)
    assert connection["authentication"] == {"active": True}
    assert connection["connected_accounts"] == {"active": False}
    assert api.call("GET", f"/connections/{connection['id']}") == (200, connection)
    status, changed = api.call("PATCH", f"/connections/{connection['id']}", {"display_name": "C"})
    assert (status, changed) == (200, {**connection, "display_name": "C"})


@pytest.mark.parametrize("strategy", ["ad", "adfs", "google-apps", "pingfederate", "samlp", "waad"])
def test_an_enterprise_connection_has_a_ticket_that_stays(api: InProcess, strategy: str) -> None:
    connection = create(api, strategy)
    ticket = connection["provisioning_ticket_url"]
    assert f"/p/{strategy}/" in ticket
    _, changed = api.call("PATCH", f"/connections/{connection['id']}", {"options": {"tenant_domain": "a.b"}})
    assert changed["provisioning_ticket_url"] == ticket
    assert "provisioning_ticket_url" not in create(api, "github", name="social")


def test_a_directory_of_microsoft_s(api: InProcess, sandbox: Sandbox) -> None:
    connection = create(api, "waad", {"client_id": "x", "useCommonEndpoint": True})
    options = connection["options"]
    assert connection["display_name"] == "c"
    assert options["app_domain"] == sandbox.addresses.auth0
    assert options["waad_common_endpoint"] is True
    assert all(len(thumbprint) == 40 for thumbprint in options["thumbprints"])
    # Replaced as a whole: who wants to keep what Auth0 added has to send it along.
    assert change(api, connection, {"client_id": "x"}) == {"client_id": "x", "waad_common_endpoint": False}


def test_saml_metadata_becomes_options(api: InProcess) -> None:
    options = create(api, "samlp", {"metadataXml": METADATA, "entityId": "e"})["options"]
    assert "metadataXml" not in options
    assert options["signInEndpoint"] == "https://idp.example/in"
    assert options["signOutEndpoint"] == "https://idp.example/out"
    assert options["bindingMethod"] == "urn:redirect"
    assert base64.b64decode(options["signingCert"]).decode() == options["cert"] == PEM
    assert [len(thumbprint) for thumbprint in options["thumbprints"]] == [40]
    assert options["subject"]["organizationName"].startswith("trustme")
    assert datetime.fromisoformat(options["expires"]) > datetime(2020, 1, 1, tzinfo=UTC)
    assert options["assertion_decryption_settings"]["algorithm_exceptions"] == []


def test_what_the_caller_says_wins_over_the_metadata(api: InProcess) -> None:
    options = create(api, "samlp", {"metadataXml": METADATA, "signInEndpoint": "https://other.example"})
    assert options["options"]["signInEndpoint"] == "https://other.example"


def test_a_metadata_address_keeps_what_is_known(api: InProcess) -> None:
    connection = create(api, "samlp", {"metadataXml": METADATA, "requestTemplate": "t"})
    options = change(api, connection, {"metadataUrl": "https://idp.example/metadata"})
    assert options["signInEndpoint"] == "https://idp.example/in"
    assert options["cert"] == PEM
    assert "requestTemplate" not in options
    assert "assertion_decryption_settings" not in options


@pytest.mark.parametrize("certificate", [PEM, base64.b64encode(PEM.encode()).decode(), BODY])
@pytest.mark.parametrize("strategy", ["samlp", "pingfederate"])
def test_a_certificate_is_described(api: InProcess, strategy: str, certificate: str) -> None:
    options = create(api, strategy, {"signingCert": certificate})["options"]
    assert options["signingCert"] == certificate
    assert options["cert"] == PEM
    assert len(options["thumbprints"]) == 1


def test_metadata_of_a_federation_server(api: InProcess) -> None:
    options = create(api, "adfs", {"fedMetadataXml": METADATA})["options"]
    assert options["fedMetadataXml"] == METADATA
    assert options["signInEndpoint"] == "https://idp.example/in"


# A document type is what entities need, to expand or to read files.
TYPED = METADATA.strip().replace("?>", "?><!DOCTYPE x>", 1)
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize("text", ["", "no xml", "<a/>", BOMB, TYPED, METADATA.replace(BODY, "bm8=")])
def test_metadata_that_says_nothing(text: str) -> None:
    assert "cert" not in saml.from_metadata(text)


@settings(max_examples=200)
@given(st.text() | st.binary().map(lambda raw: base64.b64encode(raw).decode()))
def test_nothing_a_caller_sends_as_certificate_or_metadata_breaks_it(text: str) -> None:
    assert saml.from_certificate(text) == {}
    assert saml.from_metadata(text) == {}


def test_openid_connect_metadata_has_its_flags(api: InProcess) -> None:
    connection = create(api, "oidc", {"oidc_metadata": {"issuer": "i", "claims_parameter_supported": True}})
    metadata = connection["options"]["oidc_metadata"]
    assert metadata["claims_parameter_supported"] is True
    assert metadata["request_parameter_supported"] is False
    assert connection["options"]["connection_settings"] == {"pkce": "auto"}


@pytest.mark.parametrize(("strategy", "mode"), [("oidc", "bind_all"), ("okta", "basic_profile")])
def test_claims_are_mapped_even_where_nobody_says_how(api: InProcess, strategy: str, mode: str) -> None:
    connection = create(api, strategy)
    assert connection["options"]["attribute_map"] == {"mapping_mode": mode}
    path, own = f"/connections/{connection['id']}", {"mapping_mode": "use_map", "attributes": {"name": "n"}}
    for sent, kept in (({"attribute_map": own}, own), ({}, {"mapping_mode": mode})):
        _, changed = api.call("PATCH", path, {"options": {"client_id": "x", **sent}})
        assert changed["options"]["attribute_map"] == kept


def test_what_a_google_user_s_id_is_is_said_once(api: InProcess) -> None:
    connection = create(api, "google-apps", {"map_user_id_to_id": True})
    _, changed = api.call("PATCH", f"/connections/{connection['id']}", {"options": {"domain": "b.example"}})
    assert changed["options"] == {"domain": "b.example", "map_user_id_to_id": True}
    other = create(api, "google-apps", {"domain": "a.example"}, name="other")
    assert "map_user_id_to_id" not in other["options"]


@pytest.mark.parametrize("member", ["cross_app_access_requesting_app", "cross_app_access_resource_app"])
@pytest.mark.parametrize("strategy", ["auth0", "sms", "google-oauth2"])
def test_cross_app_access_is_for_some_strategies(api: InProcess, strategy: str, member: str) -> None:
    value = {"status": "enabled"} if member.endswith("resource_app") else {"active": True}
    status, answer = api.call("POST", "/connections", {"name": "c", "strategy": strategy, member: value})
    assert (status, answer["errorCode"]) == (400, "operation_not_supported")
    assert answer["message"].endswith("App is not supported for this connection.")
    assert create(api, "oidc", **{member: value})[member] == value


def test_what_is_null_is_told_once(api: InProcess) -> None:
    connection = create(api, "twitter", {"tokenURL": None, "client_id": "x"})
    assert connection["options"] == {"tokenURL": None, "client_id": "x"}
    _, read = api.call("GET", f"/connections/{connection['id']}")
    assert read["options"] == {"client_id": "x"}


def test_a_script_s_settings_are_encrypted(api: InProcess) -> None:
    connection = create(api, "auth0", {"configuration": {"URL": "https://secret.example"}})
    sealed = connection["options"]["configuration"]
    assert sealed["URL"].startswith("2.0$")
    assert "secret" not in str(api.call("GET", f"/connections/{connection['id']}"))
    # What comes back as it was told is what was there; anything else is new.
    assert change(api, connection, {"configuration": sealed})["configuration"] == sealed
    assert change(api, connection, {"configuration": {"URL": "other"}})["configuration"] != sealed


@pytest.mark.parametrize("strategy", NEEDED)
def test_what_a_strategy_can_not_do_without(api: InProcess, strategy: str) -> None:
    words = "missing federation metadata url" if strategy == "adfs" else "options.client_id is required"
    without: tuple[Json, ...] = ({}, {"options": {}}, {"options": {"tenant_domain": "a.b"}})
    for options in without:
        status, answer = api.call("POST", "/connections", {"name": "c", "strategy": strategy, **options})
        assert (status, answer["message"]) == (400, words)
    # A change may leave it out, and loses it then.
    assert "client_id" not in change(api, create(api, strategy), {"tenant_domain": "a.b"})


REFUSED: list[tuple[str, Json, str]] = [
    ("github", {"set_user_root_attributes": "always"}, "No enum match for: always"),
    ("oidc", {"domain_aliases": ["a", "a"], "client_id": "x"}, "Array items are not unique"),
    ("oauth2", {"upstream_params": []}, "Expected type object but found type array"),
    ("auth0", {"passwordPolicy": "strong"}, "No enum match for: strong"),
    ("auth0", {"password_complexity_options": {"min_length": 0}}, "less than minimum 1"),
    ("auth0", {"password_history": {"enable": True, "size": 25}}, "greater than maximum 24"),
    ("auth0", {"precedence": ["nickname"]}, "No enum match for: nickname"),
    ("auth0", {"precedence": []}, "Array is too short (0), minimum 1"),
]


@pytest.mark.parametrize(("strategy", "options", "words"), REFUSED)
def test_options_auth0_refuses(api: InProcess, strategy: str, options: Json, words: str) -> None:
    body = {"name": "c", "strategy": strategy, "options": options}
    status, answer = api.call("POST", "/connections", body)
    assert (status, answer["errorCode"]) == (400, "invalid_body")
    assert words in answer["message"]
    assert f"on property options.{next(iter(options))}" in answer["message"]


READ = (
    *("metadataXml", "metadataUrl", "signingCert", "fedMetadataXml", "oidc_metadata", "configuration"),
    *("attributes", "authentication_methods", "freeform_scopes", "strategy_version", "scope", "email"),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["email", "password", "identifier", "active", "signup"]), inner)
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STRATEGIES), st.dictionaries(st.sampled_from(READ), ANYTHING, max_size=3))
def test_options_of_any_kind_are_taken_or_refused(strategy: str, options: Json) -> None:
    api = InProcess(SHARED)
    whole = {**NEEDED.get(strategy, {}), **options}
    status, answer = api.call("POST", "/connections", {"name": "h", "strategy": strategy, "options": whole})
    assert status in (201, 400), answer
    if status == 201:
        change(api, answer, answer["options"])
        assert api.call("DELETE", f"/connections/{answer['id']}")[0] == 202


@settings(max_examples=60)
@given(
    st.sampled_from(["apple", "facebook", "github", "google-oauth2", "windowslive", "linkedin"]),
    st.dictionaries(st.from_regex(r"\A[a-z_]{1,12}\Z"), st.booleans(), max_size=5),
)
def test_options_sent_back_as_they_were_told_change_nothing(strategy: str, options: Json) -> None:
    api = InProcess(memory_sandbox())
    connection = create(api, strategy, options)
    assert change(api, connection, connection["options"]) == connection["options"]
