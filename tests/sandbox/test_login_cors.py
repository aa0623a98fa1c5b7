"""Pages of other origins: which may call the tenant, and what addresses an application's lists admit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.login import urls
from sandbox.testing import RunningSandbox

from .login_driver import Browser, change_client

PATHS = [
    "/oauth/token",
    "/oauth/revoke",
    "/userinfo",
    "/passwordless/start",
    "/dbconnections/signup",
    "/dbconnections/change_password",
]
SPA = "https://spa.example"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    return Browser(running_sandbox)


def preflight(browser: Browser, path: str, origin: str) -> dict[str, str]:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "auth0-client,content-type",
    }
    response = browser.http.options(browser.url + path, headers=headers)
    assert response.status_code == 204
    return {name.lower(): value for name, value in response.headers.items()}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("listed", ["web_origins", "allowed_origins", "callbacks"])
def test_a_listed_origin_may_call(browser: Browser, path: str, listed: str) -> None:
    change_client(browser, **{listed: [f"{SPA}/callback" if listed == "callbacks" else SPA]})
    headers = preflight(browser, path, SPA)
    assert headers["access-control-allow-origin"] == SPA
    assert headers["access-control-allow-headers"] == "auth0-client,content-type"
    assert "POST" in headers["access-control-allow-methods"]
    answer = browser.http.post(browser.url + path, headers={"origin": SPA})
    assert answer.headers["access-control-allow-origin"] == SPA
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("path", PATHS)
def test_no_other_may(browser: Browser, path: str) -> None:
    assert "access-control-allow-origin" not in preflight(browser, path, "https://evil.example")
    answer = browser.http.post(browser.url + path, headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/.well-known/jwks.json"])
def test_what_is_public_everybody_may_read(browser: Browser, path: str) -> None:
    answer = browser.http.get(browser.url + path, headers={"origin": "https://anyone.example"})
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("listed", "given", "admitted"),
    [
        ("https://a.example/cb", "https://a.example/cb", True),
        ("https://a.example/cb", "https://a.example/cb/", False),
        ("https://a.example/cb", "http://a.example/cb", False),
        ("https://*.example.com/cb", "https://a.example.com/cb", True),
        ("https://*.example.com/cb", "https://a.b.example.com/cb", False),
        ("https://*.example.com/cb", "https://example.com/cb", False),
        ("https://*.example.com/cb", "https://evil.com/.example.com/cb", False),
        ("https://*.example.com/cb", "https://a@evil.example.com/cb", False),
        ("https://*.example.com:8443/cb", "https://a.example.com:8443/cb", True),
        ("https://*.example.com:8443/cb", "https://a.example.com/cb", False),
        ("https://pre-*-post.example.com", "https://pre-1-post.example.com", True),
        ("https://pre-*-post.example.com", "https://pre--post.example.com", False),
        ("https://*.com", "https://a.com", False),
        ("https://sub.*.example.com", "https://sub.a.example.com", False),
        ("https://*.*.example.com", "https://a.b.example.com", False),
        ("com.example.*://cb", "com.example.app://cb", False),
        ("com.example.app://cb", "com.example.app://cb", True),
        ("https://{organization_name}.example.com", "https://acme.example.com", True),
        ("https://{organization_name}.example.com", "https://other.example.com", False),
        ("https://pre-{organization_name}.example.com", "https://pre-acme.example.com", False),
        ("https://example.com/{organization_name}", "https://example.com/acme", False),
        ("https://[", "https://[", True),
        ("https://*.example.com", "https://[", False),
    ],
)
def test_placeholders(listed: str, given: str, admitted: bool) -> None:
    assert urls.admits([listed], given, "acme") is admitted


def test_without_an_organization_its_placeholder_means_nobody() -> None:
    assert not urls.admits(["https://{organization_name}.example.com"], "https://acme.example.com")


@given(st.text(min_size=1).filter(lambda host: host != "a"))
def test_whatever_the_star_stands_for_the_parent_stays_the_parent(host: str) -> None:
    given = f"https://{host}/cb"
    if urls.admits(["https://*.example.com/cb"], given):
        assert urls.origin(given) is not None
        assert (urls.origin(given) or "").endswith(".example.com")
