"""private_key_jwt at /oauth/token and /passwordless/start: what an assertion has to be, and excludes."""

import base64
import json
import math
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import OctKey

from sandbox.context import Sandbox
from sandbox.login import client_assertion
from sandbox.login.client_assertion import TYPE, AssertionRefusedError
from sandbox.login.incoming import Incoming
from sandbox.testing import RunningSandbox

from .api import Api
from .assertions import KEY, OTHER_KEY, Deployer, public, sign
from .passwordless_driver import App

UNSIGNED = "no enabled credential of the application verifies the signature"


@pytest.fixture
def deployer(running_sandbox: RunningSandbox, api: Api) -> Deployer:
    return Deployer(running_sandbox, api)


def test_a_key_lets_an_application_in(deployer: Deployer) -> None:
    answer = deployer.ask(deployer.signed())
    assert answer.status_code == 200, answer.text
    assert deployer.api.as_(answer.json()["access_token"]).get(deployer.path)["client_id"] == deployer.id
    assert (deployer.last_log()["type"], deployer.last_log()["client_id"]) == ("seccft", deployer.id)


def test_its_credentials_are_made_with_it_and_told_by_id_alone(deployer: Deployer) -> None:
    method = deployer.api.get(deployer.path)["client_authentication_methods"]["private_key_jwt"]
    (credential,) = deployer.credentials
    assert method == {"credentials": [{"id": credential["id"]}]}
    assert (credential["alg"], credential["kid"]) == ("RS256", KEY.thumbprint())


@pytest.mark.parametrize("alg", ["RS256", "RS384", "PS256"])
def test_the_algorithm_is_the_credential_s(running_sandbox: RunningSandbox, api: Api, alg: str) -> None:
    deployer = Deployer(running_sandbox, api, {"alg": alg})
    assert deployer.ask(deployer.signed(alg=alg)).status_code == 200
    for other in {"RS256", "RS384", "PS256"} - {alg}:
        assert deployer.reason(deployer.ask(deployer.signed(alg=other))) == UNSIGNED


@pytest.mark.parametrize(("alg", "key"), [("RS512", KEY), ("HS256", OctKey.generate_key(256))])
def test_other_algorithms_are_refused(deployer: Deployer, alg: str, key: Any) -> None:
    told = "'alg' must be one of RS256, RS384, PS256, without extensions"
    assert deployer.reason(deployer.ask(deployer.signed(key, alg=alg))) == told


def test_an_unsigned_assertion_is_refused(deployer: Deployer) -> None:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    unsigned = f"{part({'alg': 'none'})}.{part(deployer.claims())}."
    assert "'alg' must be one of" in deployer.reason(deployer.ask(unsigned))
    signature = deployer.signed().rpartition(".")[2]
    moved = f"{part({'alg': 'RS256'})}.{part(deployer.claims())}.{signature}"
    assert deployer.reason(deployer.ask(moved)) == UNSIGNED


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"iss": "somebody"}, "'iss' and 'sub' claims must be the same"),
        ({"iss": None}, "'iss' claim must be a string of 1 to 64 characters"),
        ({"sub": None}, "'sub' claim must be a string of 1 to 64 characters"),
        ({"iss": "nobody", "sub": "nobody"}, "'sub' claim names no application"),
        ({"jti": None}, "'jti' claim must be a string of 1 to 64 characters"),
        ({"jti": "j" * 65}, "'jti' claim must be a string of 1 to 64 characters"),
        ({"jti": 7}, "'jti' claim must be a string of 1 to 64 characters"),
        ({"jti": "\ud800"}, "client_assertion is not a signed JWT"),
        ({"exp": None}, "'exp' claim must be a number"),
        ({"exp": True}, "'exp' claim must be a number"),
        ({"exp": "4102444800"}, "'exp' claim must be a number"),
        ({"exp": math.nan}, "'exp' claim must be in the future"),
        ({"padding": "x" * 2048}, "client_assertion must be a JWT of at most 2048 bytes"),
    ],
)
def test_claims_are_wanted(deployer: Deployer, changes: dict[str, Any], told: str) -> None:
    assert deployer.reason(deployer.ask(deployer.signed(**changes))) == told


FUTURE = "'exp' claim must be in the future"
LONG = "'exp' claim must specify a time that is no more than 5 minutes after 'iat'"


@pytest.mark.parametrize(
    ("offsets", "told"),
    [
        ({"exp": -5}, FUTURE),
        ({"exp": 330}, LONG),
        ({"iat": -200, "exp": 110}, LONG),
        ({"iat": None, "exp": 330}, LONG),
        ({"iat": 30}, "'iat' claim must not be in the future"),
        ({"nbf": 30}, "'nbf' claim must not be in the future"),
        ({"iat": -200, "exp": 90}, None),
        ({"iat": None, "exp": 290}, None),
        ({"iat": 5, "nbf": 5, "exp": 300}, None),
    ],
)
def test_times_have_bounds(deployer: Deployer, offsets: dict[str, int | None], told: str | None) -> None:
    now = int(deployer.running.sandbox.clock.now())
    times: dict[str, Any] = {
        name: None if offset is None else now + offset for name, offset in offsets.items()
    }
    answer = deployer.ask(deployer.signed(**times))
    assert (deployer.reason(answer) if told else answer.status_code) == (told or 200)


def test_an_assertion_works_once(deployer: Deployer, running_sandbox: RunningSandbox, api: Api) -> None:
    assertion = deployer.signed(jti="one")
    assert deployer.ask(assertion).status_code == 200
    assert deployer.reason(deployer.ask(assertion)) == "'jti' claim was used before"
    assert deployer.last_log()["client_id"] == deployer.id
    assert deployer.reason(deployer.ask(deployer.signed(jti="one"))) == "'jti' claim was used before"
    # Another application's is another one.
    other = Deployer(running_sandbox, api)
    assert other.ask(other.signed(jti="one")).status_code == 200
    # What has expired is refused for that, and needs no memory.
    running_sandbox.sandbox.clock.advance(61)
    assert deployer.ask(deployer.signed()).status_code == 200
    assert len(running_sandbox.sandbox.store.all("spent_assertions")) == 1


def test_of_many_at_once_one_is_let_in(deployer: Deployer) -> None:
    assertion, statuses = deployer.signed(), list[int]()
    asking = [
        threading.Thread(target=lambda: statuses.append(deployer.ask(assertion).status_code))
        for _ in range(6)
    ]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert sorted(statuses) == [200] + [401] * 5


def test_a_refused_assertion_spends_nothing(deployer: Deployer) -> None:
    assert deployer.reason(deployer.ask(deployer.signed(OTHER_KEY, jti="one"))) == UNSIGNED
    assert deployer.ask(deployer.signed(jti="one")).status_code == 200


def test_the_audience_is_the_issuer_by_any_of_its_names(deployer: Deployer) -> None:
    store = deployer.running.sandbox.store
    for domain, status in (("login.example.com", "ready"), ("new.example.com", "pending_verification")):
        store.put("custom_domains", domain, {"domain": domain, "status": status})
    assert deployer.ask(deployer.signed(aud="https://login.example.com/")).status_code == 200
    assert deployer.last_log()["type"] == "seccft"
    told = f"'aud' claim must be {deployer.running.addresses.issuer}"
    for wrong in (
        "https://new.example.com/",
        "https://login.example.com",
        deployer.audience,
        "",
        [],
        ["https://new.example.com/"],
        [["https://login.example.com/"]],
        {"https://login.example.com/": 1},
        None,
    ):
        assert deployer.reason(deployer.ask(deployer.signed(aud=wrong))) == told, wrong


@pytest.mark.parametrize("form", ["endpoint", "list", "list of endpoint"])
def test_older_forms_of_the_audience_count_and_are_noted(deployer: Deployer, form: str) -> None:
    issuer = deployer.running.addresses.issuer
    forms = {
        "endpoint": f"{issuer}oauth/token",
        "list": ["https://elsewhere/", issuer],
        "list of endpoint": [f"{issuer}oauth/token"],
    }
    assert deployer.ask(deployer.signed(aud=forms[form])).status_code == 200
    note, _ = deployer.running.sandbox.store.all("tenant_logs")[-2:]
    assert (note["type"], note["client_id"]) == ("depnote", deployer.id)


def test_any_of_two_keys_does_until_it_expires(running_sandbox: RunningSandbox, api: Api) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    deployer = Deployer(running_sandbox, api, {"expires_at": soon}, {"pem": public(OTHER_KEY)})
    old, new = deployer.credentials
    assert deployer.ask(deployer.signed(KEY)).status_code == 200
    assert deployer.ask(deployer.signed(OTHER_KEY, header={"kid": new["kid"]})).status_code == 200
    assert deployer.reason(deployer.ask(deployer.signed(OTHER_KEY, header={"kid": old["kid"]}))) == UNSIGNED
    running_sandbox.sandbox.clock.advance(601)
    assert deployer.reason(deployer.ask(deployer.signed(KEY))) == UNSIGNED
    assert deployer.ask(deployer.signed(OTHER_KEY)).status_code == 200
    deployer.api.patch(f"{deployer.path}/credentials/{old['id']}", {"expires_at": None})
    assert deployer.ask(deployer.signed(KEY)).status_code == 200


def test_a_key_counts_only_while_it_is_enabled(deployer: Deployer) -> None:
    credential = {"credential_type": "public_key", "pem": public(OTHER_KEY)}
    made = deployer.api.post(f"{deployer.path}/credentials", credential)
    assert deployer.reason(deployer.ask(deployer.signed(OTHER_KEY))) == UNSIGNED
    method = {"private_key_jwt": {"credentials": [{"id": made["id"]}]}}
    deployer.api.patch(deployer.path, {"client_authentication_methods": method})
    assert deployer.ask(deployer.signed(OTHER_KEY)).status_code == 200
    assert deployer.reason(deployer.ask(deployer.signed(KEY))) == UNSIGNED
    nothing: dict[str, Any] = {"private_key_jwt": {"credentials": []}}
    deployer.api.patch(deployer.path, {"client_authentication_methods": nothing})
    deployer.api.delete(f"{deployer.path}/credentials/{made['id']}")
    assert deployer.reason(deployer.ask(deployer.signed(OTHER_KEY))) == UNSIGNED


def test_a_credential_for_mutual_tls_is_no_key(deployer: Deployer) -> None:
    certificate = trustme.CA().issue_cert("ci.example", key_type=trustme.KeyType.RSA).cert_chain_pems[0]
    credential = {"credential_type": "x509_cert", "pem": certificate.bytes().decode()}
    made = deployer.api.post(f"{deployer.path}/credentials", credential)
    method = {"private_key_jwt": {"credentials": [{"id": made["id"]}]}}
    deployer.api.patch(deployer.path, {"client_authentication_methods": method})
    assert deployer.reason(deployer.ask(deployer.signed())) == UNSIGNED


def secret_of(deployer: Deployer) -> str:
    return str((deployer.running.sandbox.store.get("clients", deployer.id) or {})["client_secret"])


def test_a_key_excludes_the_secret_and_a_secret_the_key(deployer: Deployer) -> None:
    secret = secret_of(deployer)
    by_secret = {"client_id": deployer.id, "client_secret": secret}
    without = {"client_assertion_type": None, "client_assertion": None}
    refused = deployer.ask("", **by_secret, **without)
    assert (refused.status_code, refused.json()["error"]) == (401, "access_denied")
    changed = {"client_authentication_methods": None, "token_endpoint_auth_method": "client_secret_post"}
    deployer.api.patch(deployer.path, changed)
    assert deployer.ask("", **by_secret, **without).status_code == 200
    assert deployer.reason(deployer.ask(deployer.signed())) == UNSIGNED


def test_both_at_once_are_refused(deployer: Deployer) -> None:
    secret = secret_of(deployer)
    by_body = deployer.ask(deployer.signed(), client_secret=secret)
    given = {"client_assertion_type": TYPE, "client_assertion": deployer.signed()}
    with deployer.running.session() as session:
        by_header = session.post(
            f"{deployer.running.url}/oauth/token",
            {"grant_type": "client_credentials", "audience": deployer.audience, **given},
            auth=(deployer.id, secret),
        )
    for answer in (by_body, by_header):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("type_", ["", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", None])
def test_the_type_is_wanted(deployer: Deployer, type_: str | None) -> None:
    answer = deployer.ask(deployer.signed(), client_assertion_type=type_)
    assert deployer.reason(answer) == f"client_assertion_type must be {TYPE}"


def test_a_client_id_beside_it_is_the_same(deployer: Deployer) -> None:
    assert deployer.ask(deployer.signed(), client_id=deployer.id).status_code == 200
    refused = deployer.ask(deployer.signed(), client_id=deployer.running.ready["auth0"]["client_id"])
    assert deployer.reason(refused) == "client_id must be the 'sub' claim"


def test_what_is_critical_is_not_passed_over(deployer: Deployer) -> None:
    header, _, rest = deployer.signed().partition(".")
    claims = json.loads(base64.urlsafe_b64decode(header + "=="))
    critical = base64.urlsafe_b64encode(json.dumps({**claims, "crit": ["x"], "x": 1}).encode()).decode()
    told = deployer.reason(deployer.ask(f"{critical.rstrip('=')}.{rest}"))
    assert "without extensions" in told


def test_a_code_can_be_asked_for_with_a_key(app: App, api: Api) -> None:
    """At its own endpoint's name too, as long as those count."""
    client = app.client["client_id"]
    credential = {"credential_type": "public_key", "pem": public(KEY)}
    made = api.post(f"/clients/{client}/credentials", credential)
    method = {"private_key_jwt": {"credentials": [{"id": made["id"]}]}}
    change = {"client_authentication_methods": method, "token_endpoint_auth_method": None}
    api.patch(f"/clients/{client}", change)
    deployer = Deployer(app.running, api)
    deployer.id = client
    issuer = app.running.addresses.issuer
    statuses = []
    for aud in (issuer, f"{issuer}passwordless/start", f"{issuer}oauth/token"):
        by_key = {"client_assertion_type": TYPE, "client_assertion": deployer.signed(aud=aud)}
        body = {"client_id": client, "connection": "sms", "phone_number": "+447400123456", "send": "code"}
        with app.running.session() as session:
            answer = session.post(f"{app.running.url}/passwordless/start", json={**body, **by_key})
        statuses.append(answer.status_code)
    assert statuses == [200, 200, 401]


def incoming(assertion: object) -> Incoming:
    body = {"client_assertion_type": TYPE, "client_assertion": assertion}
    return Incoming("POST", "localhost", "127.0.0.1", "", "", body=body)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries({}, optional={name: JSON for name in ("alg", "kid", "crit")}) | JSON,
    st.fixed_dictionaries(
        {}, optional={name: JSON for name in ("iss", "sub", "aud", "exp", "iat", "nbf", "jti")}
    )
    | JSON,
    st.text(max_size=20),
)
def test_whatever_is_sent_is_refused_and_breaks_nothing(
    sandbox: Sandbox, header: Any, claims: Any, signature: str
) -> None:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    for sent in (f"{part(header)}.{part(claims)}.{signature}", signature, header, claims):
        with pytest.raises(AssertionRefusedError):
            client_assertion.prove(sandbox, None, incoming(sent), "/oauth/token")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries({}, optional={name: JSON for name in ("aud", "exp", "iat", "nbf", "jti")}))
def test_whatever_is_signed_is_judged_and_breaks_nothing(sandbox: Sandbox, claims: dict[str, Any]) -> None:
    with_key(sandbox, "ci")
    now = sandbox.clock.now()
    good = {"iss": "ci", "sub": "ci", "aud": sandbox.addresses.issuer, "exp": now + 60, "jti": "j"}
    sent = incoming(sign({**good, **claims}, KEY, {"alg": "RS256"}))
    try:
        client_assertion.prove(sandbox, None, sent, "/oauth/token")
    except AssertionRefusedError:
        return
    assert claims.get("aud", good["aud"]) == good["aud"]
    assert now < claims.get("exp", now + 60) <= now + 320
    with pytest.raises(AssertionRefusedError, match="Failed client authentication"):
        client_assertion.prove(sandbox, None, sent, "/oauth/token")
    sandbox.store.clear()


def with_key(sandbox: Sandbox, client_id: str) -> None:
    methods = {"private_key_jwt": {"credentials": [{"id": "cred"}]}}
    client = {"client_id": client_id, "client_authentication_methods": methods}
    key = {"id": "cred", "credential_type": "public_key", "alg": "RS256", "kid": "k", "_pem": public(KEY)}
    sandbox.store.put("clients", client_id, client)
    sandbox.store.put("client_credentials", client_id, {"credentials": [key]})


@pytest.mark.parametrize("depth", [10, 400, 1400])
def test_depth_breaks_nothing(sandbox: Sandbox, depth: int) -> None:
    deep = base64.urlsafe_b64encode(b"[" * depth).decode().rstrip("=")
    with pytest.raises(AssertionRefusedError):
        client_assertion.prove(sandbox, None, incoming(f"{deep}.e30.x"), "/oauth/token")
