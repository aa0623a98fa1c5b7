"""The demo application, an honest OpenID Connect client: going to the tenant, coming back, logging out."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from .demo_driver import NUMBER, Person, metadata, shown
from .login_driver import EMAIL, user_of
from .page_policy import assert_allows_inline

CROSS_SITE = {"Sec-Fetch-Site": "cross-site"}


# Going to the tenant


def test_the_welcome_offers_log_in_sign_up_and_a_silent_login(person: Person) -> None:
    page = person.get("/")
    assert page.status_code == 200
    links = re.findall(r'href="(/login[^"]*)"', page.text)
    assert links == ["/login", "/login?screen_hint=signup", "/login?prompt=none"]


def test_a_login_by_sms_is_offered_while_the_application_may_use_one(person: Person) -> None:
    store = person.running.sandbox.store
    client = store.get("seed", "demo_client") or {}
    offer = 'href="/login?connection=by-sms"'
    connection = {"id": "con_1", "name": "by-sms", "strategy": "sms", "enabled_clients": []}
    store.put("connections", "con_1", connection)
    assert offer not in person.get("/").text
    store.put("connections", "con_1", connection | {"enabled_clients": [client["client_id"]]})
    page = person.get("/")
    assert offer in page.text
    assert "Log in with a code by SMS" in shown(page)


def test_login_goes_to_the_tenant_with_state_nonce_and_pkce(person: Person) -> None:
    first, second = (person.get("/login") for _ in range(2))
    asked, again = (dict(parse_qsl(urlsplit(one.headers["location"]).query)) for one in (first, second))
    assert first.status_code == 303
    assert first.headers["location"].startswith(f"{person.running.url}/authorize?")
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{person.app}/callback"
    assert asked["scope"] == "openid profile email phone"
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
        assert_allows_inline(answer, "style")
        assert "unsafe" not in policy
