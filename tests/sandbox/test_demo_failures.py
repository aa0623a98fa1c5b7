"""The demo application has friendly words for every login that fails."""

import json
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.demo.errors import LoginError, TenantError, words
from sandbox.demo.tenant import Tenant
from sandbox.testing import RunningSandbox

from .demo_driver import Person, deny, shown
from .login_driver import deploy, redirecting

ROOT = Path(__file__).resolve().parents[2]


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
