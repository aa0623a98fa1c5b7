"""What access tokens say and how they are signed: RBAC, profiles, algorithms; revocation."""

import base64
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox

from .login_driver import EMAIL, PASSWORD, Browser, action, change_client, create_user, deploy, query, user_of

API = "https://api.example"
SECRET = "a-secret-of-the-api-with-many-characters"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    browser = Browser(running_sandbox)
    change_api(browser)
    change_client(browser, grant_types=["authorization_code", "refresh_token", "client_credentials"])
    return browser


def change_api(browser: Browser, **changes: Any) -> None:
    scopes = [{"value": name} for name in ("read:x", "write:x", "admin:x")]
    api = {
        "id": "api",
        "identifier": API,
        "skip_consent_for_verifiable_first_party_clients": True,
        "allow_offline_access": True,
        "scopes": scopes,
    }
    browser.running.sandbox.store.put("resource_servers", "api", api | changes)


def permit(browser: Browser, *names: str, role: str | None = None) -> None:
    """Give Ada permissions: her own, or by a role."""
    store = browser.running.sandbox.store
    permissions = [{"resource_server_identifier": API, "permission_name": name} for name in names]
    user = user_of(browser.running.sandbox)
    if role is None:
        user["_permissions"] = permissions
    else:
        store.put("roles", role, {"id": role, "name": role, "_permissions": permissions})
        user["_roles"] = [role]
    store.put("users", user["user_id"], user)


def claims(browser: Browser, **parameters: str) -> dict[str, Any]:
    body = browser.tokens(audience=API, **parameters)
    return browser.running.sandbox.keys.opened(body["access_token"]) or {}


def header(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    return found


class TestPermissions:
    ALL = "openid read:x write:x admin:x"

    def test_without_rbac_everything_asked_for_is_granted(self, browser: Browser) -> None:
        told = claims(browser, scope=self.ALL)
        assert told["scope"] == self.ALL
        assert "permissions" not in told

    def test_with_rbac_only_what_the_person_may(self, browser: Browser) -> None:
        change_api(browser, enforce_policies=True, token_dialect="access_token")
        permit(browser, "read:x")
        permit(browser, "write:x", role="rol_1")
        told = claims(browser, scope=self.ALL)
        assert told["scope"] == "openid read:x write:x"
        assert "permissions" not in told

    @pytest.mark.parametrize("dialect", ["access_token_authz", "rfc9068_profile_authz"])
    def test_the_token_says_all_permissions_even_those_not_asked_for(
        self, browser: Browser, dialect: str
    ) -> None:
        change_api(browser, enforce_policies=True, token_dialect=dialect)
        permit(browser, "read:x", "admin:x")
        told = claims(browser, scope="openid")
        assert told["permissions"] == ["read:x", "admin:x"]
        assert told["scope"] == "openid"

    def test_an_action_s_scopes_override_them(self, browser: Browser) -> None:
        change_api(browser, enforce_policies=True)
        deploy(browser.running.sandbox, action("api.accessToken.addScope('admin:x')"))
        assert claims(browser, scope="openid read:x")["scope"] == "openid admin:x"

    def test_a_machine_s_permissions_are_its_grant(self, browser: Browser) -> None:
        change_api(browser, enforce_policies=True, token_dialect="access_token_authz")
        grant = {
            "id": "cgr_1",
            "client_id": browser.client["client_id"],
            "audience": API,
            "scope": ["read:x"],
        }
        browser.running.sandbox.store.put("client_grants", "cgr_1", grant)
        body = browser.token({"grant_type": "client_credentials", "audience": API, **browser.client}).json()
        told = browser.running.sandbox.keys.opened(body["access_token"]) or {}
        assert told["permissions"] == ["read:x"]
        assert told["gty"] == "client-credentials"


def test_rfc_9068_has_other_claims(browser: Browser) -> None:
    change_api(browser, token_dialect="rfc9068_profile")
    told = claims(browser, scope="openid")
    assert told["client_id"] == browser.client["client_id"]
    assert len(told["jti"]) == 22
    assert not {"azp", "gty"}.intersection(told)


def test_an_id_token_may_be_signed_with_the_secret(browser: Browser) -> None:
    change_client(browser, jwt_configuration={"alg": "HS256", "lifetime_in_seconds": 60})
    token = browser.tokens()["id_token"]
    assert header(token) == {"alg": "HS256", "typ": "JWT"}
    key = OctKey.import_key(browser.client["client_secret"].encode())
    told = jwt.decode(token, key, algorithms=["HS256"]).claims
    assert told["exp"] - told["iat"] == 60
    away = browser.get("/oidc/logout", {"id_token_hint": token})
    assert away.text == "OK"


@pytest.mark.parametrize("alg", ["RS256", "RS512", "PS256"])
def test_tokens_are_signed_as_client_and_api_say(browser: Browser, alg: str) -> None:
    change_client(browser, jwt_configuration={"alg": alg})
    change_api(browser, signing_alg=alg)
    body = browser.tokens(audience=API)
    (published,) = browser.get("/.well-known/jwks.json").json()["keys"]
    # The one key serves all algorithms, whichever its entry names.
    key = RSAKey.import_key({name: published[name] for name in ("kty", "n", "e")})
    for name in ("id_token", "access_token"):
        assert header(body[name])["alg"] == alg
        assert jwt.decode(body[name], key, algorithms=[alg]).claims["sub"]


def test_an_api_may_share_a_secret(browser: Browser) -> None:
    change_api(browser, signing_alg="HS256", signing_secret=SECRET)
    token = browser.tokens(audience=API)["access_token"]
    key = OctKey.import_key(SECRET.encode())
    assert API in jwt.decode(token, key, algorithms=["HS256"]).claims["aud"]


def test_the_tenant_s_default_audience_counts_where_none_is_named(browser: Browser) -> None:
    store = browser.running.sandbox.store
    store.put("settings", "tenant", (store.get("settings", "tenant") or {}) | {"default_audience": API})
    body = browser.tokens(scope="openid read:x")
    assert (browser.running.sandbox.keys.opened(body["access_token"]) or {})["aud"][0] == API
    assert body["scope"] == "openid read:x"


class TestPolicies:
    """An API says which applications get tokens for it: on a person's behalf, and for themselves."""

    def policy(self, browser: Browser, **policies: str) -> None:
        wanted = {subject: {"policy": policy} for subject, policy in policies.items()}
        change_api(browser, subject_type_authorization=wanted)

    def grant(self, browser: Browser, subject: str) -> None:
        client_id = browser.client["client_id"]
        grant = {"id": subject, "client_id": client_id, "audience": API, "scope": ["read:x"]}
        browser.running.sandbox.store.put("client_grants", subject, grant | {"subject_type": subject})

    def machine(self, browser: Browser) -> int:
        body = {"grant_type": "client_credentials", "audience": API, **browser.client}
        return browser.token(body).status_code

    def test_allow_all_needs_no_grant(self, browser: Browser) -> None:
        self.policy(browser, user="allow_all")
        assert claims(browser, scope="openid read:x write:x")["scope"] == "openid read:x write:x"

    def test_a_required_grant_limits_the_scopes(self, browser: Browser) -> None:
        self.policy(browser, user="require_client_grant")
        self.grant(browser, "client")
        refused = query(browser.authorize(audience=API))
        assert refused["error"] == "access_denied"
        assert f'is not authorized to access resource server "{API}"' in refused["error_description"]
        self.grant(browser, "user")
        assert claims(browser, scope="openid read:x write:x")["scope"] == "openid read:x"

    def test_deny_all_closes_the_api(self, browser: Browser) -> None:
        self.policy(browser, user="deny_all", client="deny_all")
        for subject in ("user", "client"):
            self.grant(browser, subject)
        assert query(browser.authorize(audience=API))["error"] == "access_denied"
        assert self.machine(browser) == 403

    def test_a_machine_needs_a_grant_of_its_own(self, browser: Browser) -> None:
        self.grant(browser, "user")
        assert self.machine(browser) == 403
        self.grant(browser, "client")
        assert self.machine(browser) == 200


class TestDirectory:
    """Which connection a password is checked at."""

    def ask(self, browser: Browser, **more: str) -> dict[str, Any]:
        change_client(browser, grant_types=["password", "http://auth0.com/oauth/grant-type/password-realm"])
        body = {"grant_type": "password", "username": EMAIL, "password": PASSWORD, **browser.client, **more}
        answer: dict[str, Any] = browser.token(body).json()
        return answer

    def test_without_a_realm_it_is_the_tenant_s_default(self, browser: Browser) -> None:
        store = browser.running.sandbox.store
        refused = self.ask(browser)
        assert refused["error_description"] == (
            "Authorization server not configured with default connection."
        )
        settings = store.get("settings", "tenant") or {}
        store.put("settings", "tenant", settings | {"default_directory": CONNECTION})
        assert "access_token" in self.ask(browser)

    def test_the_grant_with_a_realm_needs_one(self, browser: Browser) -> None:
        grant = "http://auth0.com/oauth/grant-type/password-realm"
        assert self.ask(browser, grant_type=grant)["error_description"] == "Missing required parameter: realm"
        assert "access_token" in self.ask(browser, grant_type=grant, realm=CONNECTION)


class TestRevocation:
    def refresh_token(self, browser: Browser, **parameters: str) -> str:
        return str(browser.tokens(scope="openid offline_access", **parameters)["refresh_token"])

    def revoke(self, browser: Browser, token: str, /, **changes: str) -> int:
        with browser.running.session() as http:
            body = {**browser.client, "token": token, **changes}
            return http.post(f"{browser.url}/oauth/revoke", json=body).status_code

    def refresh(self, browser: Browser, token: str) -> int:
        body = {"grant_type": "refresh_token", "refresh_token": token, **browser.client}
        return browser.token(body).status_code

    def test_a_revoked_token_is_of_no_use(self, browser: Browser) -> None:
        token = self.refresh_token(browser)
        assert self.revoke(browser, token) == 200
        assert self.refresh(browser, token) == 403

    def test_an_unknown_token_is_no_error(self, browser: Browser) -> None:
        assert self.revoke(browser, "v1.unknown") == 200

    @pytest.mark.parametrize(
        ("changes", "status"),
        [({"client_secret": "wrong"}, 401), ({"token": ""}, 400), ({"client_id": "x"}, 401)],
    )
    def test_refusals_end_nothing(self, browser: Browser, changes: dict[str, str], status: int) -> None:
        token = self.refresh_token(browser)
        assert self.revoke(browser, token, **changes) == status
        assert self.refresh(browser, token) == 200

    def test_another_application_s_token_stays(self, browser: Browser) -> None:
        store, token = browser.running.sandbox.store, self.refresh_token(browser)
        other = (store.get("clients", browser.client["client_id"]) or {}) | {"client_id": "other"}
        store.put("clients", "other", other)
        assert self.revoke(browser, token, client_id="other") == 400
        assert self.refresh(browser, token) == 200

    @pytest.mark.parametrize(("deletes_grant", "status"), [(False, 200), (True, 403)])
    def test_the_tenant_says_whether_the_grant_goes_with_it(
        self, browser: Browser, deletes_grant: bool, status: int
    ) -> None:
        store = browser.running.sandbox.store
        settings = store.get("settings", "tenant") or {}
        flags = {**settings["flags"], "revoke_refresh_token_grant": deletes_grant}
        store.put("settings", "tenant", settings | {"flags": flags})
        first = self.refresh_token(browser)
        code = query(browser.authorize(prompt="none", scope="openid offline_access"))["code"]
        second = browser.exchange(code).json()["refresh_token"]
        assert self.revoke(browser, first) == 200
        assert self.refresh(browser, second) == status
