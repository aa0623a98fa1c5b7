"""What is kept of each run of a trigger, and which calls Actions made meanwhile."""

from typing import Any

import pytest

from sandbox.actions import execution
from sandbox.context import Sandbox
from sandbox.testing import RunningSandbox

from .login_driver import (
    NOTHING,
    Browser,
    action,
    create_user,
    deploy,
    executions,
    last_log,
    leave,
    query,
    redirecting,
)


@pytest.fixture
def browser(running_sandbox: RunningSandbox) -> Browser:
    create_user(running_sandbox.sandbox)
    return Browser(running_sandbox)


def kept(sandbox: Sandbox) -> list[dict[str, Any]]:
    return sandbox.store.all("executions")


def served(browser: Browser, identifier: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {browser.running.token()}"}
    answer = browser.http.get(f"{browser.url}/api/v2/actions/executions/{identifier}", headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_log_names_the_execution_and_the_management_api_shows_it(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    ids = deploy(sandbox, action("console.log('a'); console.error('b')"), NOTHING)
    browser.log_in()
    [identifier] = last_log(sandbox)["details"]["actions"]["executions"]
    shown = served(browser, identifier)
    assert set(shown) == {"id", "trigger_id", "status", "results", "created_at", "updated_at"}
    assert (shown["id"], shown["trigger_id"], shown["status"]) == (identifier, "post-login", "final")
    first, second = shown["results"]
    assert (first["action_id"], first["action_name"]) == (ids[0], "Action 1")
    assert first["binding_id"] == (sandbox.store.get("bindings", "post-login") or {})["bindings"][0]["id"]
    assert first["response"]["logs"] == "a\nb"
    assert first["started_at"] <= first["ended_at"] <= second["ended_at"]
    assert "error" not in first


def test_of_the_console_256_characters_are_kept_and_people_see_all_of_it(browser: Browser) -> None:
    deploy(browser.running.sandbox, action("console.log('x'.repeat(200)); console.log('y'.repeat(200))"))
    browser.log_in()
    [one] = kept(browser.running.sandbox)
    assert one["results"][0]["response"]["logs"] == "x" * 200 + "\n" + "y" * 55
    assert executions(browser.running.sandbox)[0]["console"][1]["text"] == "y" * 200


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ("", "final", None),
        ("api.access.deny('no')", "canceled", None),
        ("api.validation.error('c', 'm')", "canceled", None),
        ("throw new Error('x')", "partial", {"id": "thrown", "msg": "x", "url": ""}),
        ("api.redirect.sendUserTo('https://form.localhost:8447/')", "suspended", None),
    ],
)
def test_an_execution_has_a_status(
    browser: Browser, body: str, status: str, error: dict[str, str] | None
) -> None:
    deploy(browser.running.sandbox, action(body))
    browser.log_in()
    [one] = kept(browser.running.sandbox)
    assert one["status"] == status
    assert one["results"][0].get("error") == error


def test_each_leg_is_an_execution_and_the_log_names_both(browser: Browser) -> None:
    sandbox = browser.running.sandbox
    deploy(sandbox, redirecting(resumed="console.log('back')"))
    browser.resume(leave(browser))
    named = last_log(sandbox)["details"]["actions"]["executions"]
    assert named == [one["id"] for one in kept(sandbox)]
    assert [one["status"] for one in kept(sandbox)] == ["suspended", "final"]
    assert [run["handler"] for run in executions(sandbox)] == ["onExecutePostLogin", "onContinuePostLogin"]


def test_without_actions_nothing_is_kept(browser: Browser) -> None:
    assert "code" in query(browser.log_in())
    assert kept(browser.running.sandbox) == []
    assert "details" not in last_log(browser.running.sandbox)


def test_only_the_newest_executions_are_kept(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_KEPT", 3)
    monkeypatch.setattr(execution, "_TRIM_EVERY", 5)
    ended = []
    for _ in range(5):
        one = execution.Execution(sandbox, "post-login")
        one._runs.append(
            {"action_id": "a", "action_name": "A", "version_id": "v", "milliseconds": 1.0, "console": []}
            | {"calls": [], "error": None, "started_at": "", "ended_at": ""}
        )
        ended += one.end("final")
    assert [doc["id"] for doc in kept(sandbox)] == ended[2:]


def test_calls_are_noted_without_their_query(browser: Browser) -> None:
    url = f"{browser.url}/.well-known/jwks.json?key=secret#fragment"
    host = browser.running.addresses.auth0
    body = (
        f"await fetch('{url}', {{method: 'GET'}});"
        f"await new Promise((done) => require('https').get('{url}', (r) => r.resume().on('end', done)));"
        f"await fetch('{browser.url}/nowhere', {{method: 'POST', body: 'x'}});"
    )
    deploy(browser.running.sandbox, action(body))
    assert "code" in query(browser.log_in())
    [run] = executions(browser.running.sandbox)
    assert [(call["method"], call["host"], call["path"], call["status"]) for call in run["calls"]] == [
        ("GET", host, "/.well-known/jwks.json", 200),
        ("GET", host, "/.well-known/jwks.json", 200),
        ("POST", host, "/nowhere", 501),
    ]
    assert all(call["milliseconds"] > 0 for call in run["calls"])
    assert "secret" not in str(kept(browser.running.sandbox))


def test_a_call_that_fails_is_noted_with_its_reason(browser: Browser) -> None:
    body = (
        "await fetch('https://localhost:9/a').catch(() => {});"
        "await new Promise((done) => require('http').get('http://localhost:9/b').on('error', done));"
    )
    deploy(browser.running.sandbox, action(body))
    assert "code" in query(browser.log_in())
    [run] = executions(browser.running.sandbox)
    assert [(call["path"], call["status"]) for call in run["calls"]] == [("/a", None), ("/b", None)]
    assert all(call["error"] for call in run["calls"])
