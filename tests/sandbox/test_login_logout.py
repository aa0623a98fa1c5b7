"""Logging out: where people may be sent, who is asked first, and which applications are told."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from sandbox.testing import RunningSandbox

from .login_driver import Browser, change_client, create_user, query, text_of, user_of

AWAY = "https://away.example/bye"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    browser = Browser(running_sandbox)
    change_client(browser, allowed_logout_urls=[AWAY, "https://*.apps.example/out"])
    return browser


def settings(browser: Browser, **changes: Any) -> None:
    store = browser.running.sandbox.store
    store.put("settings", "tenant", (store.get("settings", "tenant") or {}) | changes)


def logout(browser: Browser, path: str = "/v2/logout", **parameters: str) -> requests.Response:
    return browser.get(path, parameters)


def logged_in(browser: Browser) -> bool:
    return "code" in query(browser.authorize(prompt="none"))


def test_an_application_without_returnto_gets_its_first_address(browser: Browser) -> None:
    browser.log_in()
    left = logout(browser, client_id=browser.client["client_id"])
    assert left.headers["location"] == AWAY
    assert not logged_in(browser)


def test_without_anything_there_is_nowhere_to_go(browser: Browser) -> None:
    browser.log_in()
    assert logout(browser).text == "OK"
    assert not logged_in(browser)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (AWAY, 302),
        (f"{AWAY}?x=1#y", 302),
        ("https://AWAY.example/bye", 302),
        ("https://away.example/BYE", 400),
        ("https://a.apps.example/out", 302),
        ("https://a.b.apps.example/out", 400),
        ("https://evil.example/bye", 400),
        ("javascript:alert(1)", 400),
    ],
)
def test_only_listed_addresses_count(browser: Browser, address: str, status: int) -> None:
    browser.log_in()
    left = logout(browser, client_id=browser.client["client_id"], returnTo=address)
    assert left.status_code == status
    assert logged_in(browser) is (status == 400)


def test_without_client_id_the_tenant_s_list_counts(browser: Browser) -> None:
    assert logout(browser, returnTo=AWAY).status_code == 400
    settings(browser, allowed_logout_urls=[AWAY])
    assert logout(browser, returnTo=AWAY).headers["location"] == AWAY


class TestOidc:
    """RP-initiated logout."""

    def leave(self, browser: Browser, **parameters: str) -> requests.Response:
        return logout(browser, "/oidc/logout", **parameters)

    def test_the_session_s_own_hint_asks_nobody(self, browser: Browser) -> None:
        token = browser.tokens()["id_token"]
        left = self.leave(browser, id_token_hint=token, post_logout_redirect_uri=AWAY, state="s")
        assert left.headers["location"] == f"{AWAY}?state=s"
        assert not logged_in(browser)

    def test_the_session_s_id_is_as_good(self, browser: Browser) -> None:
        browser.log_in()
        (session,) = browser.running.sandbox.store.all("sessions")
        left = self.leave(browser, logout_hint=session["id"], client_id=browser.client["client_id"])
        assert left.text == "OK"
        assert not logged_in(browser)

    @pytest.mark.parametrize("hint", [{}, {"logout_hint": "random"}])
    def test_whoever_cannot_be_shown_to_have_asked_is_asked(
        self, browser: Browser, hint: dict[str, str]
    ) -> None:
        browser.log_in()
        given = {
            "client_id": browser.client["client_id"],
            "post_logout_redirect_uri": AWAY,
            "state": "s",
            **hint,
        }
        page = self.leave(browser, **given)
        assert "Demo app asks to log you out." in text_of(page)
        assert logged_in(browser)
        action = page.text.split('action="')[1].split('"')[0].replace("&amp;", "&")
        assert (
            browser.http.post(
                browser.url + action, headers={"sec-fetch-site": "cross-site"}, allow_redirects=False
            ).status_code
            == 403
        )
        assert logged_in(browser)
        assert browser.post(action, {}).headers["location"] == f"{AWAY}?state=s"
        assert not logged_in(browser)

    def test_an_earlier_session_s_hint_asks(self, browser: Browser) -> None:
        token = browser.tokens()["id_token"]
        browser.log_in(prompt="login")
        assert "Log out?" in text_of(self.leave(browser, id_token_hint=token))
        assert logged_in(browser)

    def test_the_tenant_may_switch_the_question_off(self, browser: Browser) -> None:
        settings(browser, sessions={"oidc_logout_prompt_enabled": False})
        browser.log_in()
        assert self.leave(browser).text == "OK"
        assert not logged_in(browser)

    def test_hint_and_client_have_to_agree(self, browser: Browser) -> None:
        token = browser.tokens()["id_token"]
        assert self.leave(browser, id_token_hint=token, client_id="other").status_code == 400
        assert logged_in(browser)

    def test_discovery_names_it_unless_the_tenant_says_no(self, browser: Browser) -> None:
        path = "/.well-known/openid-configuration"
        assert browser.get(path).json()["end_session_endpoint"] == f"{browser.url}/oidc/logout"
        settings(browser, oidc_logout={"rp_logout_end_session_endpoint_discovery": False})
        assert "end_session_endpoint" not in browser.get(path).json()


class TestBackChannel:
    def test_applications_of_the_session_are_told(self, browser: Browser) -> None:
        received: list[bytes] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            url = f"http://app.localhost:{server.server_port}/logout"
            change_client(browser, oidc_logout={"backchannel_logout_urls": [url]})
            token = browser.tokens()["id_token"]
            logout(browser)
            server.shutdown()
            thread.join()
        (form,) = (parse_qs(body.decode()) for body in received)
        sandbox = browser.running.sandbox
        told, known = (sandbox.keys.opened(one) or {} for one in (form["logout_token"][0], token))
        assert (told["sid"], told["aud"]) == (known["sid"], known["aud"])
        assert told["sub"] == user_of(sandbox)["user_id"]
        assert told["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
        assert told["exp"] - told["iat"] == 120
        assert "nonce" not in told

    def test_one_that_cannot_be_reached_stops_nothing(self, browser: Browser) -> None:
        change_client(browser, oidc_logout={"backchannel_logout_urls": ["http://localhost:1/logout"]})
        browser.log_in()
        assert logout(browser).text == "OK"
        assert not logged_in(browser)
        kinds = [entry["type"] for entry in browser.running.sandbox.store.all("tenant_logs")]
        assert "oidc_backchannel_logout_failed" in kinds
