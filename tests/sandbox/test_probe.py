"""The probes, asked of the sandbox itself with each switch both ways: each finds the value that is set."""

import json
import re
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from sandbox.probe import browser, command, scene
from sandbox.probe.recording import masked
from sandbox.testing import RunningSandbox
from sandbox.unknowns import UNKNOWNS

from .api import Api
from .passwordless_driver import NUMBER, App, Gateway

FORM = re.compile(r'<form method="post" action="([^"]+)">(?:<input[^>]*name="token" value="([^"]*)">)?')


class Somebody:
    """In front of the probe: consents, answers, and goes where an address is named."""

    def __init__(self, running: RunningSandbox, *answers: Any) -> None:
        self._running = running
        self._answers = [running.addresses.auth0, *answers]
        self._login: tuple[str, str] | None = None
        self.heard: list[str] = []

    def say(self, text: str) -> None:
        self.heard.append(text)
        found = re.search(r"log in as (\S+) with the password (\S+)", text)
        if found:
            self._login = found[1], found[2]
        if text.startswith("https://") and self._login:
            threading.Thread(target=visit, args=(self._running, text, *self._login), daemon=True).start()

    def ask(self, question: str) -> str:
        answer = self._answers.pop(0)
        return str(answer() if callable(answer) else answer)


def visit(running: RunningSandbox, address: str, email: str, password: str) -> None:
    """What a browser does with the address: the login, and every page on the way."""
    with running.session() as http:
        page = http.get(address, allow_redirects=False)
        state = dict(parse_qsl(urlsplit(page.headers["location"]).query))["state"]
        login = {"state": state, "username": email, "password": password}
        page = http.post(f"{running.url}/u/login?state={state}", data=login, allow_redirects=False)
        while True:
            while page.is_redirect:
                page = http.get(page.headers["location"], allow_redirects=False)
            form = FORM.search(page.text)
            if not form:
                return
            data = {"token": form[2]} if form[2] else {}
            page = http.post(form[1], data=data, allow_redirects=False)


def probe(running: RunningSandbox, somebody: Somebody, folder: Path, *names: str) -> dict[str, Any]:
    """Run the command; what its recording says was found."""
    client = running.ready["auth0"]
    file = folder / "probe.json"
    arguments = ["--domain", client["domain"], "--client-id", client["client_id"], "--ca", str(running.ca)]
    command.main([*arguments, "--recording", str(file), "--only", *names], somebody)
    findings = json.loads(file.read_text())["findings"]
    return {finding["switch"]: finding["value"] for finding in findings}


@pytest.fixture(autouse=True)
def secret(running_sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(command.SECRET, running_sandbox.ready["auth0"]["client_secret"])


@pytest.fixture
def before(api: Api) -> dict[str, Any]:
    return there(api)


def there(api: Api) -> dict[str, Any]:
    """What the tenant has that a probe could have left."""
    found = {kind: api.get(f"/{kind}") for kind in ("clients", "connections", "users")}
    found["actions"] = api.get("/actions/actions")["actions"]
    names = {kind: sorted(str(item.get("name")) for item in items) for kind, items in found.items()}
    route = api.get("/tenants/settings").get("default_redirection_uri") or None
    return {**names, "route": route, "bindings": api.get("/actions/triggers/post-login/bindings")["bindings"]}


@pytest.mark.parametrize(
    ("name", "switch", "value"),
    [
        ("legacy-passwordless", "legacy_passwordless", "refused"),
        ("legacy-passwordless", "legacy_passwordless", "absent"),
        ("legacy-extensibility", "legacy_extensibility", "kept"),
        ("legacy-extensibility", "legacy_extensibility", "ended"),
        ("passwordless-names", "passwordless_names", "canonical"),
        ("passwordless-names", "passwordless_names", "any"),
        ("blocked-person", "passwordless_blocked_user", "refused"),
        ("blocked-person", "passwordless_blocked_user", "silent"),
        ("redirect-query", "redirect_url_unique_includes_query", True),
        ("redirect-query", "redirect_url_unique_includes_query", False),
        ("token-life", "validate_token_min_life_seconds", 0),
        ("token-life", "validate_token_min_life_seconds", 60),
        ("token-issuer", "validate_token_checks_issuer", True),
        ("token-issuer", "validate_token_checks_issuer", False),
        ("expired-state", "expired_state", "error_page"),
        ("expired-state", "expired_state", "default_login_route"),
    ],
)
def test_a_probe_finds_what_the_switch_says_and_leaves_nothing(
    name: str,
    switch: str,
    value: Any,
    running_sandbox: RunningSandbox,
    api: Api,
    before: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(browser, "SECONDS", 20.0)
    # The tests' own network ends at loopback: a gateway that refuses, instead of one that isn't there.
    monkeypatch.setattr(scene, "NOWHERE", f"{running_sandbox.url}/_sandbox/gateway/500?")
    setattr(running_sandbox.sandbox.switches, switch, value)
    somebody = Somebody(running_sandbox)
    assert probe(running_sandbox, somebody, tmp_path, name) == {switch: value}, "\n".join(somebody.heard)
    assert there(api) == before


def test_other_peoples_actions_keep_their_places(
    running_sandbox: RunningSandbox, api: Api, tmp_path: Path
) -> None:
    code = "exports.onExecutePostLogin = async (event, api) => { api.user.setAppMetadata('seen', true); };"
    trigger = [{"id": "post-login", "version": "v3"}]
    theirs = api.post("/actions/actions", {"name": "Theirs", "supported_triggers": trigger, "code": code})
    api.get(f"/actions/actions/{theirs['id']}")
    api.post(f"/actions/actions/{theirs['id']}/deploy", expect=200)
    bound = {"ref": {"type": "action_id", "value": theirs["id"]}, "display_name": "Their place"}
    api.patch("/actions/triggers/post-login/bindings", {"bindings": [bound]})
    somebody = Somebody(running_sandbox)
    found = probe(running_sandbox, somebody, tmp_path, "redirect-query")
    assert found == {"redirect_url_unique_includes_query": True}, "\n".join(somebody.heard)
    left = api.get("/actions/triggers/post-login/bindings")["bindings"]
    assert [binding["display_name"] for binding in left] == ["Their place"]


@pytest.mark.parametrize("value", [True, False])
def test_the_gateways_token_is_read(
    value: bool, running_sandbox: RunningSandbox, gateway: Gateway, tmp_path: Path
) -> None:
    running_sandbox.sandbox.switches.gateway_jwt_has_times = value
    header = lambda: gateway.last.headers["authorization"]  # noqa: E731 - read when asked
    somebody = Somebody(running_sandbox, gateway.url, NUMBER, header)
    found = probe(running_sandbox, somebody, tmp_path, "gateway-token")
    assert found == {"gateway_jwt_has_times": value}, "\n".join(somebody.heard)


@pytest.mark.parametrize("value", ["oauth2-passwordless-otp", "oauth2-resource-owner"])
def test_the_grants_protocol_is_read(value: str, app: App, tmp_path: Path) -> None:
    app.sandbox.switches.otp_protocol = value
    somebody = Somebody(app.running, NUMBER, lambda: app.gateway.last.code)
    found = probe(app.running, somebody, tmp_path, "otp-protocol")
    assert found == {"otp_protocol": value}, "\n".join(somebody.heard)
    kept = (tmp_path / "probe.json").read_text()
    assert NUMBER not in kept
    assert app.gateway.last.code not in kept


def test_without_leave_nothing_is_written(
    running_sandbox: RunningSandbox, api: Api, before: dict[str, Any], tmp_path: Path
) -> None:
    somebody = Somebody(running_sandbox)
    somebody._answers = ["yes"]
    client = running_sandbox.ready["auth0"]
    arguments = ["--domain", client["domain"], "--client-id", client["client_id"]]
    assert command.main(arguments, somebody) == 1
    assert there(api) == before


def test_ctrl_c_leaves_nothing(
    running_sandbox: RunningSandbox, gateway: Gateway, api: Api, before: dict[str, Any], tmp_path: Path
) -> None:
    def interrupt() -> str:
        assert "sms" in there(api)["connections"]
        raise KeyboardInterrupt

    somebody = Somebody(running_sandbox, gateway.url, interrupt)
    assert probe(running_sandbox, somebody, tmp_path, "gateway-token") == {}
    assert there(api) == before


def test_a_connection_of_the_tenants_own_is_not_touched(app: App, tmp_path: Path) -> None:
    somebody = Somebody(app.running)
    assert probe(app.running, somebody, tmp_path, "blocked-person") == {}
    assert any("does not touch" in text for text in somebody.heard)
    assert app.sandbox.store.get("connections", "con_sms")


def test_what_cannot_be_removed_is_named(running_sandbox: RunningSandbox, tmp_path: Path) -> None:
    fault: dict[str, Any] = {"kind": "status", "method": "DELETE", "path": "/api/v2/clients/*", "count": None}
    with running_sandbox.session() as http:
        http.post(f"{running_sandbox.url}/_sandbox/faults", json=fault)
    somebody = Somebody(running_sandbox)
    probe(running_sandbox, somebody, tmp_path, "legacy-passwordless")
    assert any(text.startswith("Not undone, do it by hand: DELETE") for text in somebody.heard)


def test_every_probe_that_the_table_names_exists_and_answers_its_switch() -> None:
    named = {unknown.probe for unknown in UNKNOWNS if unknown.probe}
    assert named == set(command.PROBES)


def test_secrets_and_numbers_are_masked() -> None:
    given = {"client_secret": "x", "a": [{"otp": "123456"}], "who": "+447700900123 eyJh.eyJz.c2ln", "n": 1}
    assert masked(given) == {"client_secret": "***", "a": [{"otp": "***"}], "who": "***23 ***", "n": 1}


def test_a_tenant_that_gives_no_token_ends_it(
    running_sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(command.SECRET, "wrong")
    somebody = Somebody(running_sandbox)
    assert probe(running_sandbox, somebody, tmp_path, "legacy-passwordless") == {}
    assert any("gives no token" in text for text in somebody.heard)


def test_the_listener_has_no_other_pages(running_sandbox: RunningSandbox) -> None:
    from sandbox.probe.tenant import Tenant
    from sandbox.probe.visit import Visit

    with Visit(Tenant("localhost", "i", "s"), lambda query: None, 1) as visiting:
        assert requests.get(f"{visiting.url}/other", timeout=5).status_code == 404
