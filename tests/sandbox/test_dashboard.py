"""The dashboard shows the tenant as it is, hides what is secret, and can be looked at by everybody."""

from typing import Any
from urllib.parse import quote

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from sandbox.dashboard.masking import DOTS, masked
from sandbox.testing import RunningSandbox

from .api import Api

CODE = "exports.onExecutePostLogin = async (event, api) => { /* <b>&amp; */ };"


@pytest.fixture
def home(running_sandbox: RunningSandbox) -> str:
    return f"{running_sandbox.url}/_sandbox/dashboard"


@pytest.fixture
def actions(api: Api) -> list[dict[str, Any]]:
    """Two deployed Actions, bound the other way round than they were made."""
    made = [deployed(api, name) for name in ("First", "Second")]
    refs = [{"type": "action_id", "value": each["id"]} for each in reversed(made)]
    bindings = [{"ref": ref, "display_name": f"{n}. step"} for n, ref in enumerate(refs, 1)]
    api.patch("/actions/triggers/post-login/bindings", {"bindings": bindings})
    return made


def deployed(api: Api, name: str) -> dict[str, Any]:
    body = {
        "name": name,
        "supported_triggers": [{"id": "post-login", "version": "v3"}],
        "code": CODE,
        "secrets": [{"name": "API_KEY", "value": "canary-of-the-action"}],
    }
    action: dict[str, Any] = api.post("/actions/actions", body)
    api.get(f"/actions/actions/{action['id']}")
    api.post(f"/actions/actions/{action['id']}/deploy", expect=200)
    return action


def logged(running: RunningSandbox, **entry: Any) -> str:
    """The id of a new line in the tenant's log."""
    number = running.sandbox.ids.digits(20)
    line = {"log_id": number, "date": "2026-01-02T03:04:05.678Z", "client_name": "Demo app", **entry}
    running.sandbox.store.append("tenant_logs", line)
    return number


def kept(running: RunningSandbox, *runs: dict[str, Any]) -> dict[str, Any]:
    """The details of a line that names an execution of these Actions."""
    running.sandbox.store.put("executions", "one", {"id": "one", "_runs": list(runs)})
    return {"actions": {"executions": ["one"]}}


def run(action: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "action_id": action["id"],
        "action_name": action["name"],
        "handler": "onExecutePostLogin",
        "milliseconds": 12.5,
        "console": [],
        "error": None,
        **more,
    }


def test_bindings_are_drawn_in_the_order_in_which_they_run(
    http: requests.Session, home: str, actions: list[dict[str, Any]]
) -> None:
    page = http.get(home).text
    places = [page.index(text) for text in ("Start", "1. step", "2. step", "Complete")]
    assert places == sorted(places)
    assert page.index(f"/actions/{actions[1]['id']}") < page.index(f"/actions/{actions[0]['id']}")


def test_an_action_shows_its_code_and_versions_and_no_secret(
    http: requests.Session, home: str, actions: list[dict[str, Any]]
) -> None:
    page = http.get(f"{home}/actions/{actions[0]['id']}").text
    assert "/* &lt;b&gt;&amp;amp; */" in page
    assert "API_KEY" in page
    assert "canary-of-the-action" not in page
    assert "<strong>1</strong>" in page
    assert "deployed</span>" in page


def test_a_login_shows_every_actions_part_in_it(
    http: requests.Session, home: str, actions: list[dict[str, Any]], running_sandbox: RunningSandbox
) -> None:
    call = {"method": "POST", "host": "api.example", "path": "/check", "status": 503, "milliseconds": 41.0}
    quiet = run(actions[1], console=[{"level": "log", "text": "seen <ada>"}], calls=[call])
    failed = run(actions[0], error={"kind": "thrown", "name": "Error", "message": "no such <thing>"})
    number = logged(
        running_sandbox,
        type="f",
        user_name="ada@people.example",
        details=kept(running_sandbox, quiet, failed),
    )
    page = http.get(f"{home}/logins/{number}").text
    for text in ("12.5 ms", "log: seen &lt;ada&gt;", "POST api.example/check", "503 · 41 ms"):
        assert text in page
    assert page.index("Second") < page.index("First") < page.index("no such &lt;thing&gt;")
    assert f"/logins/{number}" in http.get(f"{home}/logins").text


def test_what_is_no_login_is_not_listed(
    http: requests.Session, home: str, running_sandbox: RunningSandbox
) -> None:
    number = logged(running_sandbox, type="sapi")
    assert number not in http.get(f"{home}/logins").text
    assert http.get(f"{home}/logins/{number}").status_code == 404


def test_logins_are_found_however_much_else_was_logged(
    running_sandbox: RunningSandbox, http: requests.Session, home: str
) -> None:
    kinds = ("sepotpft", "fepotpft", "sede", "fede", "feacft", "fepft", "feccft")
    lines = [logged(running_sandbox, type=kind) for kind in kinds]
    for _ in range(600):
        logged(running_sandbox, type="sapi")
    shown = http.get(f"{home}/logins").text
    assert all(line in shown for line in lines)


def test_a_users_page_is_found_by_an_id_with_a_bar(http: requests.Session, home: str, api: Api) -> None:
    body = {
        "connection": "Username-Password-Authentication",
        "email": "ada@people.example",
        "password": "correct-Horse-battery-9",
        "app_metadata": {"phone_number_verified": True},
    }
    user = api.post("/users", body)["user_id"]
    page = http.get(f"{home}/users/{quote(user, safe='')}").text
    assert "phone_number_verified" in page
    assert "phone verified" in page
    assert "$2b$" not in page
    assert "correct-Horse" not in page


@pytest.mark.parametrize("query", ["?page=7", "?page=-1", f"?page={10**30}", "?page=x", "?page=²"])
def test_any_page_number_is_answered(http: requests.Session, home: str, query: str) -> None:
    assert http.get(f"{home}/users{query}").status_code == 200


@pytest.mark.parametrize("path", ["/actions/nobody", "/users/auth0%7Cnobody", "/logins/0"])
def test_what_is_gone_is_said_to_be_gone(http: requests.Session, home: str, path: str) -> None:
    answer = http.get(home + path)
    assert answer.status_code == 404
    assert "The tenant has no such" in answer.text


def test_no_other_site_and_no_other_name_may_read_it(http: requests.Session, home: str) -> None:
    assert http.get(home, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert http.get(home, headers={"Host": "attacker.example"}).status_code == 403
    assert http.post(home).status_code in (404, 405, 501)


def test_secrets_are_dots_wherever_they_are() -> None:
    shown = masked(
        {
            "client_secret": "a",
            "gateway_authentication": {"secret": "b", "method": "bearer"},
            "twilio_token": "c",
            "list": [{"api_key": "d"}],
            "passwordPolicy": "good",
            "token_lifetime": "9",
            "_secrets": ["e"],
        }
    )
    assert shown == {
        "client_secret": DOTS,
        "gateway_authentication": {"secret": DOTS, "method": "bearer"},
        "twilio_token": DOTS,
        "list": [{"api_key": DOTS}],
        "passwordPolicy": "good",
        "token_lifetime": "9",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_everybody_can_look_at_it(
    chromium: Browser,
    home: str,
    api: Api,
    actions: list[dict[str, Any]],
    running_sandbox: RunningSandbox,
    scheme: Any,
    width: int,
) -> None:
    failed = run(actions[0], error={"message": "denied"}, console=[{"level": "log", "text": "x" * 200}])
    login = logged(running_sandbox, type="f", description="denied", details=kept(running_sandbox, failed))
    user = api.post(
        "/users",
        {
            "connection": "Username-Password-Authentication",
            "email": f"{'a' * 60}@people.example",
            "password": "correct-Horse-battery-9",
        },
    )["user_id"]
    context = chromium.new_context(
        ignore_https_errors=True, color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    for path in (
        "",
        "/actions",
        f"/actions/{actions[0]['id']}",
        "/connections",
        "/users",
        f"/users/{quote(user, safe='')}",
        "/logins",
        f"/logins/{login}",
    ):
        page.goto(home + path)
        assert Axe().run(page).response["violations"] == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
    assert complaints == []
