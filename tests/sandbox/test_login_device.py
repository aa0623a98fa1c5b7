"""The device flow: a device's codes, a person's confirmation elsewhere, and the device's polls."""

import re
from typing import Any

import pytest
import requests

from sandbox.testing import RunningSandbox

from .login_driver import Browser, action, change_client, create_user, deploy, text_of, user_of

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    browser = Browser(running_sandbox)
    change_client(browser, token_endpoint_auth_method="none", grant_types=[GRANT, "refresh_token"])
    return browser


def ask(browser: Browser, **changes: str) -> requests.Response:
    body = {"client_id": browser.client["client_id"], "scope": "openid email offline_access", **changes}
    with browser.running.session() as device:
        return device.post(f"{browser.url}/oauth/device/code", data=body)


def poll(browser: Browser, device_code: str, **changes: str) -> tuple[int, dict[str, Any]]:
    browser.running.sandbox.clock.advance(5)
    body = {"grant_type": GRANT, "client_id": browser.client["client_id"], "device_code": device_code}
    response = browser.token(body | changes)
    return response.status_code, response.json()


def confirm(browser: Browser, codes: dict[str, Any], answer: str = "confirm") -> requests.Response:
    page = browser.get(codes["verification_uri_complete"])
    assert codes["user_code"] in page.text
    state = re.search(r'name="state" value="([^"]+)"', page.text)
    assert state is not None
    return browser.post("/activate", {"state": state.group(1), "action": answer})


def connect(browser: Browser, codes: dict[str, Any]) -> requests.Response:
    login = confirm(browser, codes).headers["location"]
    back = browser.submit(login.partition("state=")[2])
    return browser.get(back.headers["location"])


def test_a_device_is_connected(browser: Browser) -> None:
    codes = ask(browser).json()
    assert re.fullmatch(r"[B-Z]{4}-[B-Z]{4}", codes["user_code"])
    assert (codes["expires_in"], codes["interval"]) == (900, 5)
    assert codes["verification_uri"] == f"{browser.url}/activate"
    pending = {
        "error": "authorization_pending",
        "error_description": "User has yet to authorize device code.",
    }
    assert poll(browser, codes["device_code"]) == (403, pending)
    assert "you're all set" in text_of(connect(browser, codes)).replace("&#39;", "'")
    status, body = poll(browser, codes["device_code"])
    assert status == 200
    claims = browser.running.sandbox.keys.opened(body["id_token"]) or {}
    assert claims["sub"] == user_of(browser.running.sandbox)["user_id"]
    assert "refresh_token" in body
    assert poll(browser, codes["device_code"])[1]["error"] == "invalid_grant"


def test_a_session_needs_no_second_login(browser: Browser) -> None:
    connect(browser, ask(browser).json())
    codes = ask(browser).json()
    back = confirm(browser, codes).headers["location"]
    assert browser.get(back).status_code == 200
    assert poll(browser, codes["device_code"])[0] == 200


def test_a_person_may_say_no(browser: Browser) -> None:
    codes = ask(browser).json()
    assert confirm(browser, codes, "cancel").status_code == 200
    status, body = poll(browser, codes["device_code"])
    assert (status, body["error"]) == (403, "access_denied")
    assert body["error_description"] == "User cancelled the confirmation prompt."


def test_an_action_may_say_no_and_sees_the_protocol(browser: Browser) -> None:
    deploy(browser.running.sandbox, action("api.access.deny(event.transaction.protocol)"))
    codes = ask(browser).json()
    connect(browser, codes)
    assert poll(browser, codes["device_code"])[1]["error_description"] == "oauth2-device-code"


def test_too_fast_is_told(browser: Browser) -> None:
    codes = ask(browser).json()
    poll(browser, codes["device_code"])
    body = {
        "grant_type": GRANT,
        "client_id": browser.client["client_id"],
        "device_code": codes["device_code"],
    }
    again = browser.token(body)
    assert (again.status_code, again.json()["error"]) == (429, "slow_down")


def test_an_expired_code_is_told_once(browser: Browser) -> None:
    codes = ask(browser).json()
    browser.running.sandbox.clock.advance(900)
    assert browser.get(codes["verification_uri_complete"]).status_code == 400
    assert poll(browser, codes["device_code"])[1]["error"] == "expired_token"
    assert poll(browser, codes["device_code"])[1]["error"] == "invalid_grant"


def test_the_code_may_be_typed_in_any_way(browser: Browser) -> None:
    codes = ask(browser).json()
    typed = codes["user_code"].replace("-", " ").lower()
    assert codes["user_code"] in browser.get("/activate", {"user_code": typed}).text
    assert browser.get("/activate").status_code == 200
    assert browser.get("/activate", {"user_code": "AAAA-AAAA"}).status_code == 400


def test_the_tenant_says_what_codes_look_like(browser: Browser) -> None:
    store = browser.running.sandbox.store
    flow = {"charset": "digits", "mask": "***-***-***"}
    store.put("settings", "tenant", (store.get("settings", "tenant") or {}) | {"device_flow": flow})
    assert re.fullmatch(r"\d{3}-\d{3}-\d{3}", ask(browser).json()["user_code"])


def test_another_site_or_browser_confirms_nothing(browser: Browser) -> None:
    codes = ask(browser).json()
    page = browser.get(codes["verification_uri_complete"]).text
    state = page.split('name="state" value="')[1].split('"')[0]
    stranger = Browser(browser.running)
    assert stranger.post("/activate", {"state": state, "action": "confirm"}).status_code == 400
    assert (
        browser.post("/activate", {"user_code": codes["user_code"], "action": "confirm"}).status_code == 400
    )
    assert poll(browser, codes["device_code"])[1]["error"] == "authorization_pending"


def test_a_code_of_another_login_connects_no_device(browser: Browser) -> None:
    codes = ask(browser).json()
    doc = browser.running.sandbox.store.all("device_codes")[0]
    change_client(browser, grant_types=[GRANT, "authorization_code"])
    code = browser.log_in().headers["location"].split("code=")[1].split("&")[0]
    assert browser.get("/device/callback", {"device": doc["key"], "code": code}).status_code == 400
    assert poll(browser, codes["device_code"])[1]["error"] == "authorization_pending"


def test_refusals(browser: Browser) -> None:
    assert ask(browser, audience="https://unknown").json()["error"] == "access_denied"
    codes = ask(browser).json()
    assert poll(browser, "x")[1]["error"] == "invalid_grant"
    assert poll(browser, codes["device_code"], client_id="another")[0] == 401
    assert poll(browser, "")[0] == 400
    change_client(browser, grant_types=["authorization_code"])
    assert ask(browser).json()["error"] == "unauthorized_client"
