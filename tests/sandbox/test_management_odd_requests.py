"""Requests that no client sends by accident: bytes, addresses and versions that mean nothing."""

import math
import time
from urllib.parse import quote

import pytest

from sandbox import tenant_log
from sandbox.management import app
from sandbox.management.routing import Answer, Operation

from .management_driver import Management

ACTION = {"name": "one", "code": ""}


@pytest.fixture
def api() -> Management:
    return Management()


@pytest.mark.parametrize("path", ["/users/caf\u00e9", "/clients/\u00ff\u00fe", "/users/%C3%A9%FF"])
def test_any_byte_may_be_in_a_path(api: Management, path: str) -> None:
    assert api.get(path, 404)["statusCode"] == 404


def test_an_unknown_path_of_any_bytes_is_named(api: Management) -> None:
    assert api.get("/caf\u00e9", 501)["errorCode"] == "sandbox_unknown_endpoint"


@pytest.mark.parametrize("identifier", ["http://[/me/", "https://[::1/me/", "//[", "https://]/me/"])
def test_an_api_s_identifier_need_not_be_an_address(api: Management, identifier: str) -> None:
    made = api.post("/resource-servers", {"identifier": identifier})
    assert api.get(f"/resource-servers/{made['id']}")["identifier"] == identifier


def test_a_call_whose_answer_can_not_be_written_is_not_told_as_a_success(
    api: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Operation("POST", "/roles", lambda call: Answer({"x": math.nan}), ("create:roles",))
    monkeypatch.setattr(app, "OPERATIONS", (broken,))
    driven = Management(api.sandbox)
    with pytest.raises(ValueError, match="JSON"):
        driven.post("/roles", None)
    assert [entry["type"] for entry in api.sandbox.store.all(tenant_log.KIND)] == []


@pytest.mark.parametrize(
    ("trigger", "version"),
    [("post-login", "v9"), ("post-login", "v0"), ("post-login", "V3"), ("custom-phone-provider", "v2")],
)
def test_an_action_is_for_a_version_its_trigger_has(api: Management, trigger: str, version: str) -> None:
    wanted = [{"id": trigger, "version": version}]
    refused = api.refused("POST", "/actions/actions", {**ACTION, "supported_triggers": wanted})
    assert version in refused
    assert api.get("/actions/actions") == {"actions": [], "per_page": 50}
    made = api.post("/actions/actions", {**ACTION, "supported_triggers": [{"id": trigger}]})
    api.refused("PATCH", f"/actions/actions/{made['id']}", {"supported_triggers": wanted})
    assert api.get(f"/actions/actions/{made['id']}")["supported_triggers"] == made["supported_triggers"]


def test_an_action_may_be_for_any_version_that_is_listed(api: Management) -> None:
    listed = api.get("/actions/triggers")["triggers"]
    for number, trigger in enumerate(listed):
        wanted = [{"id": trigger["id"], "version": trigger["version"]}]
        body = {"name": f"a{number}", "code": "", "supported_triggers": wanted}
        assert api.post("/actions/actions", body)["supported_triggers"] == wanted


def test_an_action_that_is_deployed_at_once_is_there_whole_or_not_at_all(
    api: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("sandbox.management.actions.versions._drop_oldest", fail)
    body = {**ACTION, "supported_triggers": [{"id": "post-login"}], "deploy": True}
    with pytest.raises(OSError, match="full"):
        api.post("/actions/actions", body)
    assert api.get("/actions/actions") == {"actions": [], "per_page": 50}
    assert api.sandbox.store.all("action_versions") == []


@pytest.mark.parametrize(
    "query", ["[" + " TO" * 16_000, "created_at:[" + " a" * 16_000 + " TO", "[[" * 16_000]
)
def test_a_search_for_brackets_without_end_is_refused_at_once(api: Management, query: str) -> None:
    began = time.process_time()
    assert api.get(f"/users?q={quote(query)}", 400)["errorCode"] == "invalid_query_string"
    assert time.process_time() - began < 1
