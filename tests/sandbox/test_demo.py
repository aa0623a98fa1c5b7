"""The demo application: an honest OpenID Connect client, and friendly words when a login fails."""

import html
import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from sandbox.demo.errors import LoginError, TenantError, words
from sandbox.demo.oidc import OidcClient
from sandbox.demo.sessions import Attempt
from sandbox.demo.tenant import Tenant
from sandbox.testing import RunningSandbox

from .login_driver import EMAIL, PASSWORD, create_user, deploy, redirecting, text_of, user_of

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "+447700900123"
CROSS_SITE = {"Sec-Fetch-Site": "cross-site"}


class Person:
    """Somebody with a browser of their own, at the application and at the tenant."""

    def __init__(self, running: RunningSandbox) -> None:
        self.running = running
        self.app = running.addresses.app
        self.http = running.session()

    def get(self, url: str, **options: Any) -> requests.Response:
        """One step, redirects not followed. Names below localhost are the machine, as for browsers."""
        return self.http.get(self.address(url), allow_redirects=False, **options)

    def post(self, url: str, data: dict[str, str], **options: Any) -> requests.Response:
        return self.http.post(self.address(url), data=data, allow_redirects=False, **options)

    def follow(self, response: requests.Response) -> requests.Response:
        """Wherever the redirects lead."""
        for _ in range(10):
            if not response.is_redirect:
                return response
            response = self.get(urljoin(response.url, response.headers["location"]))
        raise AssertionError("too many redirects")

    def answer(self, path: str = "/login", password: str = PASSWORD) -> str:
        """Log in at the tenant; the address at the application it sends the browser back to."""
        form = self.follow(self.get(path))
        state = dict(parse_qsl(urlsplit(form.url).query))["state"]
        fields = {"state": state, "username": EMAIL, "password": password}
        return str(self.post(form.url, fields).headers["location"])

    def log_in(self, path: str = "/login") -> requests.Response:
        return self.follow(self.get(self.answer(path)))

    def profile(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/profile.json").json()
        return found

    def address(self, url: str) -> str:
        url = self.app + url if url.startswith("/") else url
        return url.replace("//app.localhost", "//localhost")


@pytest.fixture
def person(running_sandbox: RunningSandbox) -> Person:
    create_user(running_sandbox.sandbox)
    return Person(running_sandbox)


def metadata(running: RunningSandbox, **changes: dict[str, Any]) -> None:
    user = user_of(running.sandbox)
    running.sandbox.store.put("users", user["user_id"], user | changes)


def deny(running: RunningSandbox, reason: str) -> None:
    handler = f"async (event, api) => {{ api.access.deny({json.dumps(reason)}); }}"
    deploy(running.sandbox, f"exports.onExecutePostLogin = {handler};")


def shown(page: requests.Response) -> str:
    return html.unescape(text_of(page))


# Going to the tenant


def test_the_welcome_offers_log_in_sign_up_and_a_silent_login(person: Person) -> None:
    page = person.get("/")
    assert page.status_code == 200
    links = re.findall(r'href="(/login[^"]*)"', page.text)
    assert links == ["/login", "/login?screen_hint=signup", "/login?prompt=none"]


def test_login_goes_to_the_tenant_with_state_nonce_and_pkce(person: Person) -> None:
    first, second = (person.get("/login") for _ in range(2))
    asked, again = (dict(parse_qsl(urlsplit(one.headers["location"]).query)) for one in (first, second))
    assert first.status_code == 303
    assert first.headers["location"].startswith(f"{person.running.url}/authorize?")
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{person.app}/callback"
    assert asked["scope"] == "openid profile email"
    assert asked["code_challenge_method"] == "S256"
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 43
        assert asked[name] != again[name]


def test_login_passes_on_only_prompt_screen_hint_and_connection(person: Person) -> None:
    given = "prompt=login&screen_hint=signup&connection=sms&redirect_uri=https://evil.example&audience=x"
    asked = parse_qsl(urlsplit(person.get(f"/login?{given}").headers["location"]).query)
    assert ("prompt", "login") in asked
    assert ("screen_hint", "signup") in asked
    assert ("connection", "sms") in asked
    assert [value for name, value in asked if name == "redirect_uri"] == [f"{person.app}/callback"]
    assert "audience" not in dict(asked)


def test_sign_up_leads_to_the_tenants_sign_up(person: Person) -> None:
    assert "/u/signup" in person.follow(person.get("/login?screen_hint=signup")).url


def test_the_session_cookie_belongs_to_this_host_alone(person: Person) -> None:
    cookie = person.get("/login").headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-demo=")
    assert parts == {"httponly", "secure", "samesite=lax", "path=/"}


# Coming back


def test_a_login_ends_on_the_account_page(person: Person) -> None:
    page = person.log_in()
    assert page.status_code == 200
    assert urlsplit(page.url).path == "/"
    assert f"Hello, {EMAIL}" in shown(page)


def test_the_profile_is_what_the_tenant_said(person: Person) -> None:
    metadata(person.running, user_metadata={"phone_number": NUMBER}, app_metadata={"plan": "gold"})
    person.log_in()
    profile = person.profile()
    user = user_of(person.running.sandbox)
    assert set(profile) == {"id_token", "userinfo", "user_metadata", "app_metadata"}
    assert profile["id_token"]["sub"] == profile["userinfo"]["sub"] == user["user_id"]
    assert profile["id_token"]["iss"] == person.running.addresses.issuer
    assert profile["userinfo"]["email"] == EMAIL
    assert profile["user_metadata"] == {"phone_number": NUMBER}
    assert profile["app_metadata"] == {"plan": "gold"}


def test_metadata_are_read_through_the_management_api_and_not_behind_its_back(person: Person) -> None:
    person.log_in()
    person.running.sandbox.calls.clear()
    person.profile()
    calls = [(call["method"], call["path"]) for call in person.running.sandbox.calls.since()]
    user_id = user_of(person.running.sandbox)["user_id"].replace("|", "%7C")
    assert ("POST", "/oauth/token") in calls
    assert ("GET", f"/api/v2/users/{user_id}") in calls


def test_a_verified_number_is_shown_as_verified(person: Person) -> None:
    verified = {
        "phone_number": NUMBER,
        "phone_number_verified": True,
        "phone_verified_at": "2026-11-22T09:00:00Z",
    }
    metadata(person.running, app_metadata=verified)
    text = shown(person.log_in())
    assert "+44 7700 900123 Verified on 2026-11-22" in text
    assert "Not verified" not in text


@pytest.mark.parametrize(
    "changes",
    [
        {"user_metadata": {"phone_number": NUMBER, "phone_number_verified": True}},
        {"app_metadata": {"phone_number": NUMBER, "phone_number_verified": "true"}},
        {"app_metadata": {"phone_number": NUMBER}},
        {"app_metadata": {"phone_number_verified": True}},
        {"user_metadata": {"phone_number": 44}},
    ],
)
def test_t10_only_what_the_tenant_vouches_for_counts_as_verified(
    person: Person, changes: dict[str, dict[str, Any]]
) -> None:
    metadata(person.running, **changes)
    assert "Not verified" in shown(person.log_in())


def test_nobody_is_logged_in_without_a_login(person: Person) -> None:
    assert person.get("/profile.json").status_code == 401
    assert person.profile() == {"error": "not_logged_in"}


def test_a_login_renews_the_session(person: Person) -> None:
    person.get("/login")
    planted = str(person.http.cookies["__Host-demo"])
    person.log_in()
    assert person.http.cookies["__Host-demo"] != planted
    cookie = {"Cookie": f"__Host-demo={planted}"}
    with person.running.session() as other:
        kept = other.get(person.address("/profile.json"), headers=cookie)
    assert kept.status_code == 401


def test_a_session_ends_after_eight_hours(person: Person) -> None:
    person.log_in()
    person.running.sandbox.clock.advance(8 * 3600)
    assert person.get("/profile.json").status_code == 401


@pytest.mark.parametrize("how", ["another browser", "old", "none", "made up"])
def test_an_answer_to_no_login_of_this_browser_is_refused(person: Person, how: str) -> None:
    url, visitor = person.answer(), person
    if how == "another browser":
        visitor = Person(person.running)
        visitor.get("/login")
    elif how == "old":
        person.running.sandbox.clock.advance(3600)
    else:
        url = re.sub(r"state=[^&]*", "" if how == "none" else "state=x", url)
    page = visitor.get(url)
    assert page.status_code == 400
    assert "This login didn't start here" in shown(page)
    assert visitor.get("/profile.json").status_code == 401


def test_an_answer_counts_once(person: Person) -> None:
    url = person.answer()
    assert person.follow(person.get(url)).status_code == 200
    assert "This login didn't start here" in shown(person.get(url))


def test_a_code_is_no_good_with_another_logins_verifier(person: Person) -> None:
    stolen = dict(parse_qsl(urlsplit(person.answer()).query))["code"]
    asked = dict(parse_qsl(urlsplit(person.get("/login").headers["location"]).query))
    page = person.get(f"/callback?code={stolen}&state={asked['state']}")
    assert page.status_code == 400
    assert "invalid_grant" in shown(page)


# The ID token


class FakeTenant(Tenant):
    """A tenant that answers with one set of tokens."""

    def __init__(self, running: RunningSandbox, claims: dict[str, Any], subject: str = "auth0|1") -> None:
        self.issuer = running.addresses.issuer
        self._running = running
        self._claims = claims
        self._subject = subject

    async def configuration(self) -> dict[str, Any]:
        return {"issuer": self.issuer, "token_endpoint": "t", "jwks_uri": "keys", "userinfo_endpoint": "u"}

    async def get(self, url: str, token: str | None = None) -> dict[str, Any]:
        return self._running.sandbox.keys.jwks() if url == "keys" else {"sub": self._subject}

    async def post(self, url: str, form: dict[str, str]) -> dict[str, Any]:
        return {"access_token": "a", "id_token": self.token()}

    def token(self) -> str:
        return self._running.sandbox.keys.sign(self._claims)


def good_claims(running: RunningSandbox) -> dict[str, Any]:
    now = int(running.sandbox.clock.now())
    issuer = running.addresses.issuer
    return {"iss": issuer, "aud": "app", "sub": "auth0|1", "iat": now, "exp": now + 60, "nonce": "n"}


def finish(running: RunningSandbox, tenant: Tenant) -> dict[str, Any]:
    client = OidcClient(tenant, "app", "secret", "https://app/callback")
    now = running.sandbox.clock.now()
    return running.call(lambda: client.finish("code", Attempt("s", "n", "v"), now))


def test_a_good_id_token_is_accepted(running_sandbox: RunningSandbox) -> None:
    claims = good_claims(running_sandbox)
    assert finish(running_sandbox, FakeTenant(running_sandbox, claims))["id_token"] == claims


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": None},
        {"iss": "https://evil.example/"},
        {"iss": None},
        {"sub": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"azp": "another"},
    ],
)
def test_t06_an_id_token_that_fails_one_check_is_refused(
    running_sandbox: RunningSandbox, changes: dict[str, Any]
) -> None:
    claims = {
        name: value for name, value in (good_claims(running_sandbox) | changes).items() if value is not None
    }
    with pytest.raises(LoginError) as refusal:
        finish(running_sandbox, FakeTenant(running_sandbox, claims))
    assert refusal.value.error == "invalid_id_token"


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", None])
def test_t03_an_id_token_nobody_signed_is_refused(running_sandbox: RunningSandbox, token: str | None) -> None:
    class Unsigned(FakeTenant):
        async def post(self, url: str, form: dict[str, str]) -> dict[str, Any]:
            return {"access_token": "a", "id_token": token}

    with pytest.raises(LoginError) as refusal:
        finish(running_sandbox, Unsigned(running_sandbox, {}))
    assert refusal.value.error == "invalid_id_token"


def test_an_id_token_by_another_key_is_refused(running_sandbox: RunningSandbox, sandbox: Any) -> None:
    class Forged(FakeTenant):
        def token(self) -> str:
            forged: str = sandbox.keys.sign(good_claims(running_sandbox))
            return forged

    with pytest.raises(LoginError) as refusal:
        finish(running_sandbox, Forged(running_sandbox, {}))
    assert refusal.value.error == "invalid_id_token"


def test_userinfo_about_somebody_else_is_refused(running_sandbox: RunningSandbox) -> None:
    tenant = FakeTenant(running_sandbox, good_claims(running_sandbox), subject="auth0|2")
    with pytest.raises(LoginError, match="another user"):
        finish(running_sandbox, tenant)


# Logins that fail


def test_every_stable_denial_has_words_of_its_own() -> None:
    contract = json.loads((ROOT / "action_src" / "contract.json").read_text())
    codes = contract["denyCodes"].values()
    assert codes
    told = {code: words(LoginError("access_denied", code)) for code in codes}
    general = words(LoginError("access_denied", "Access denied."))
    assert general not in told.values()
    assert len({found.title for found in told.values()}) == len(told)
    assert {found.again for found in told.values()} == {"/login?prompt=login"}


def test_a_denial_is_explained_and_try_again_asks_for_the_password(person: Person) -> None:
    deny(person.running, "phone_locked")
    page = person.log_in()
    assert page.status_code == 403
    assert "Too many wrong codes" in shown(page)
    assert "access_denied" in shown(page)
    assert "phone_locked" in shown(page)
    assert 'href="/login?prompt=login">Try again<' in page.text
    assert person.get("/profile.json").status_code == 401
    assert "/u/login" in person.follow(person.get("/login?prompt=login")).url


def test_an_unknown_denial_shows_the_tenants_words_escaped_and_cut(person: Person) -> None:
    deny(person.running, "<script>alert(1)</script>" + "x" * 400)
    page = person.log_in()
    assert "<script>" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    assert "x" * 300 not in page.text
    assert "You were not logged in" in shown(page)


def test_a_silent_login_without_a_session_says_login_required(person: Person) -> None:
    page = person.follow(person.get("/login?prompt=none"))
    assert page.status_code == 400
    assert "A silent login isn't possible now" in shown(page)
    assert "login_required" in shown(page)


def test_a_silent_login_that_would_have_to_ask_says_interaction_required(person: Person) -> None:
    person.log_in()
    deploy(person.running.sandbox, redirecting())
    page = person.follow(person.get("/login?prompt=none"))
    assert "interaction_required" in shown(page)
    assert 'href="/login">Log in<' in page.text
    assert person.get("/profile.json").status_code == 200


def test_a_silent_login_with_a_session_just_works(person: Person) -> None:
    person.log_in()
    page = person.follow(person.get("/login?prompt=none"))
    assert (page.status_code, urlsplit(page.url).path) == (200, "/")


def fault(running: RunningSandbox, **fields: Any) -> None:
    with running.session() as http:
        assert http.post(f"{running.url}/_sandbox/faults", json=fields).status_code == 201


@pytest.mark.parametrize("kind", ["reset", "status"])
def test_a_tenant_that_does_not_answer_is_told_in_words(person: Person, kind: str) -> None:
    # More than one, because an HTTP client repeats a GET whose connection was cut.
    fault(person.running, kind=kind, path="/.well-known/*", count=5)
    page = person.get("/login")
    assert page.status_code == 502
    assert "The login service does not answer" in shown(page)
    assert "Traceback" not in page.text


def test_a_tenant_that_answers_no_json_object_is_told_in_words(person: Person) -> None:
    fault(person.running, kind="status", path="/.well-known/*", body="<html>")
    page = person.get("/login")
    assert page.status_code == 502
    assert "something else than a JSON object" in shown(page)


def test_a_tenant_with_another_issuer_is_not_trusted(running_sandbox: RunningSandbox) -> None:
    class Impostor(Tenant):
        async def get(self, url: str, token: str | None = None) -> dict[str, Any]:
            return {"issuer": "https://evil.example/"}

    with pytest.raises(TenantError, match="another issuer"):
        running_sandbox.call(Impostor("https://localhost:8443/", ssl.create_default_context()).configuration)


def test_t42_a_tenant_with_an_unknown_certificate_is_not_trusted(person: Person) -> None:
    tenant = Tenant(person.running.addresses.issuer, ssl.create_default_context())
    with pytest.raises(TenantError, match="does not answer") as refusal:
        person.running.call(tenant.configuration)
    assert "CERTIFICATE_VERIFY_FAILED" in str(refusal.value.__cause__)


def test_the_account_page_stands_without_the_management_api(person: Person) -> None:
    person.log_in()
    fault(person.running, kind="rate_limit", path="/api/v2/users/*", count=2)
    page = person.get("/")
    assert page.status_code == 200
    assert "429: Global limit has been reached" in shown(page)
    assert person.get("/profile.json").status_code == 502
    assert person.get("/profile.json").status_code == 200


# Logging out, and changing the number


def test_a_logout_ends_both_sessions(person: Person) -> None:
    person.log_in()
    away = person.get("/logout")
    asked = dict(parse_qsl(urlsplit(away.headers["location"]).query))
    client = person.running.sandbox.store.get("seed", "demo_client") or {}
    assert away.status_code == 303
    assert away.headers["location"].startswith(f"{person.running.url}/v2/logout?")
    assert asked == {"client_id": client["client_id"], "returnTo": person.app}
    assert "Welcome to Acme" in shown(person.follow(away))
    assert "login_required" in shown(person.follow(person.get("/login?prompt=none")))


def test_t19_another_site_can_neither_log_out_nor_change_a_number(person: Person) -> None:
    person.log_in()
    answers = [
        person.get("/logout", headers=CROSS_SITE),
        person.post("/phone", {"phone_number": NUMBER}, headers=CROSS_SITE),
        person.get("/logout", headers={"Sec-Fetch-Site": "same-site"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert person.profile()["user_metadata"] == {}


@pytest.mark.parametrize("given", ["+44 7700 900123", "+447700900123", " +44 (7700) 900-123 "])
def test_a_new_number_is_saved_as_a_wish_and_told_once(person: Person, given: str) -> None:
    verified = {"phone_number": "+14155550123", "phone_number_verified": True}
    metadata(person.running, app_metadata=verified)
    person.log_in()
    page = person.follow(person.post("/phone", {"phone_number": given}))
    text = shown(page)
    assert "Your new number is saved, but not verified yet." in text
    assert "+1 415-555-0123 Verified" in text
    assert "You asked to change it to +44 7700 900123." in text
    assert "is saved" not in shown(person.get("/"))
    user = user_of(person.running.sandbox)
    assert (user["user_metadata"], user["app_metadata"]) == ({"phone_number": NUMBER}, verified)


@pytest.mark.parametrize(
    "given", ["", "12345", "07700 900123", '+44"><script>', "+4477009001234567890", "+٤٤٧٧٠٠٩٠٠١٢٣"]
)
def test_what_is_no_number_is_given_back_with_words(person: Person, given: str) -> None:
    person.log_in()
    page = person.post("/phone", {"phone_number": given})
    assert page.status_code == 400
    assert "That is no phone number in international form." in shown(page)
    assert 'aria-invalid="true"' in page.text
    assert "<script>" not in page.text
    assert person.profile()["user_metadata"] == {}


def test_without_a_login_no_number_can_be_changed(person: Person) -> None:
    answer = person.post("/phone", {"phone_number": NUMBER})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/login", 303),
        ("GET", "/callback", 400),
        ("GET", "/logout", 303),
        ("GET", "/profile.json", 401),
        ("GET", "/nowhere/<b>", 404),
        ("GET", "/phone", 405),
        ("POST", "/login", 405),
    ],
)
def test_t16_t18_every_answer_is_private(person: Person, method: str, path: str, status: int) -> None:
    answer = person.http.request(method, person.address(path), allow_redirects=False)
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers
    assert "<b>" not in answer.text
    if answer.headers.get("content-type", "").startswith("text/html"):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy


# In a browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(ignore_https_errors=True)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def sign_in(page: Page, app: str) -> None:
    page.goto(app)
    page.get_by_role("link", name="Log in").click()
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name=f"Hello, {EMAIL}")).to_be_visible()


def test_a_browser_logs_in_changes_the_number_and_logs_out(person: Person, page: Page) -> None:
    sign_in(page, person.app)
    page.get_by_text("Change my phone number").click()
    page.get_by_label("New number").fill("+44 7700 900123")
    page.get_by_role("button", name="Save number").click()
    expect(page.get_by_role("status")).to_contain_text("Your new number is saved")
    page.get_by_role("link", name="Log in again").click()
    expect(page.get_by_role("heading", name=f"Hello, {EMAIL}")).to_be_visible()
    page.get_by_role("link", name="Log out").click()
    expect(page.get_by_role("heading", name="Welcome to Acme")).to_be_visible()
    assert urlsplit(page.url).netloc == urlsplit(person.app).netloc


def test_the_session_survives_a_detour_that_posts_back_from_another_site(person: Person, page: Page) -> None:
    deploy(person.running.sandbox, redirecting("https://form.example/verify"))

    def form(route: Route) -> None:
        state = dict(parse_qsl(urlsplit(route.request.url).query))["state"]
        back = f"{person.running.url}/continue?state={state}"
        button = f'<form method="post" action="{back}"><button>Back</button></form>'
        route.fulfill(content_type="text/html", body=button)

    page.route("https://form.example/**", form)
    page.goto(f"{person.app}/login")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("heading", name=f"Hello, {EMAIL}")).to_be_visible()


def accessible(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_every_page_is_accessible_and_fits_every_width(person: Person, page: Page) -> None:
    page.goto(person.app)
    accessible(page)
    page.goto(f"{person.app}/login?prompt=none")
    accessible(page)
    page.goto(f"{person.app}/nowhere")
    accessible(page)
    metadata(
        person.running, app_metadata={"phone_number": NUMBER, "phone_number_verified": True, "x": "W" * 200}
    )
    sign_in(page, person.app)
    page.get_by_text("What Acme was told").click()
    accessible(page)
    page.get_by_text("Change my phone number").click()
    page.get_by_label("New number").fill("12345")
    page.get_by_role("button", name="Save number").click()
    expect(page.get_by_label("New number")).to_have_value("12345")
    accessible(page)
    deny(person.running, "phone_code_wrong")
    page.get_by_role("link", name="Silent login").click()
    expect(page.get_by_role("heading", name="That code was not right")).to_be_visible()
    accessible(page)
