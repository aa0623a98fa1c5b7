"""A custom phone provider with a real Action, deployed and tried over HTTP."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.testing import RunningSandbox

from .api import Api
from .carriers_driver import Carriers, signed
from .phone_driver import CUSTOM
from .test_management_branding import PROVIDERS, TEMPLATES, deploy, template

_NEVER = threading.Event()
TO = "+447700900123"
FAILS_ONCE = """
exports.onExecuteCustomPhoneProvider = async (event, api) => {
  if (!api.cache.get(event.notification.code)) {
    api.cache.set(event.notification.code, "seen", { ttl: 600000 });
    return void api.notification.retry("first try");
  }
  console.log("second", Object.keys(api).sort().join());
};
"""
SENDS = """
exports.onExecuteCustomPhoneProvider = async (event, api) => {
  const { URL, HEADERS, BODY } = event.secrets;
  const answer = await fetch(URL, { method: "POST", headers: JSON.parse(HEADERS), body: BODY });
  if (answer.status !== 202) api.notification.drop(`answered ${answer.status}`);
};
"""


def eventually(look: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What `look` finds, as soon as it finds anything."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it never came"
        _NEVER.wait(0.01)  # leaves the sandbox's thread its turn
    return found


def states(running: RunningSandbox, http: requests.Session) -> list[str]:
    answer = http.get(f"{running.url}/_sandbox/notifications", timeout=10).json()
    return [record["state"] for record in answer["notifications"]]


def configured(api: Api, code: str) -> str:
    deploy(api, code=code)
    return str(api.post(PROVIDERS, CUSTOM)["id"])


def test_a_retry_comes_due_when_the_clock_is_advanced(
    api: Api, running_sandbox: RunningSandbox, http: requests.Session
) -> None:
    provider = configured(api, FAILS_ONCE)
    assert api.post(f"{PROVIDERS}/{provider}/try", {"to": TO}, 202)["code"] == 202
    store = running_sandbox.sandbox.store
    eventually(lambda: any(record["tries"] for record in store.all("notifications")))
    assert states(running_sandbox, http) == ["waiting"]
    http.post(f"{running_sandbox.url}/_sandbox/clock", json={"advance": 60}, timeout=10)
    eventually(lambda: states(running_sandbox, http) == ["delivered"])
    (record,) = store.all("notifications")
    assert [attempt["state"] for attempt in record["tries"]] == ["waiting", "delivered"]
    console = record["tries"][1]["execution"]["console"]
    assert [line["text"] for line in console] == ["second cache,notification"]
    (entry,) = (entry for entry in store.all("tenant_logs") if entry["type"] == "fn")
    assert entry["details"]["error"] == "first try"


def test_an_action_reaches_a_carrier_and_the_handset(
    api: Api, running_sandbox: RunningSandbox, http: requests.Session, carriers: Carriers
) -> None:
    body = json.dumps({"to": TO, "text": "hello"})
    secrets = {
        "URL": f"{running_sandbox.addresses.twilio}/carriers/webhook",
        "HEADERS": json.dumps(signed(carriers.env["webhook"]["SMS_WEBHOOK_SECRET"], body.encode())),
        "BODY": body,
    }
    named = [{"name": name, "value": value} for name, value in secrets.items()]
    trigger = [{"id": "custom-phone-provider"}]
    api.post(
        "/actions/actions",
        {"name": "Sends", "supported_triggers": trigger, "code": SENDS, "secrets": named, "deploy": True},
    )
    provider = api.post(PROVIDERS, CUSTOM)["id"]
    api.post(f"{PROVIDERS}/{provider}/try", {"to": TO}, 202)
    (message,) = eventually(carriers.messages)
    assert (message["to"], message["body"], message["carrier"]) == (TO, "hello", "webhook")


@pytest.mark.parametrize("how", ["fetch(url)", "new Promise((done) => require('https').get(url, done))"])
def test_an_action_reaches_names_below_localhost(
    api: Api, running_sandbox: RunningSandbox, http: requests.Session, how: str
) -> None:
    """As browsers do, though the system's resolver may not know them."""
    url = json.dumps(f"{running_sandbox.addresses.handset}/")
    code = (
        f"const url = {url}; const a = await {how}; api.notification.drop(String(a.status ?? a.statusCode))"
    )
    provider = configured(api, f"exports.onExecuteCustomPhoneProvider = async (event, api) => {{ {code}; }};")
    api.post(f"{PROVIDERS}/{provider}/try", {"to": TO}, 202)
    eventually(lambda: states(running_sandbox, http) == ["dropped"])
    assert running_sandbox.sandbox.store.all("notifications")[0]["tries"][0]["reason"] == "200"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("api.notification.drop('no route')", "no route"),
        ("throw new Error('boom')", "boom"),
        ("event.secret.URL", "Cannot read properties of undefined (reading 'URL')"),
        ("api.access.deny('x')", "Cannot read properties of undefined (reading 'deny')"),
    ],
)
def test_what_goes_wrong_is_in_the_tenants_log_alone(
    api: Api, running_sandbox: RunningSandbox, code: str, said: str
) -> None:
    handler = f"exports.onExecuteCustomPhoneProvider = async (event, api) => {{ {code}; }};"
    provider = configured(api, handler)
    api.post(f"{PROVIDERS}/{provider}/try", {"to": TO}, 202)
    logs = running_sandbox.sandbox.store
    entries = eventually(lambda: [entry for entry in logs.all("tenant_logs") if entry["type"] == "fn"])
    assert entries[0]["details"]["error"] == said


def test_a_template_is_tried_through_the_provider(api: Api, running_sandbox: RunningSandbox) -> None:
    configured(
        api, "exports.onExecuteCustomPhoneProvider = async (e) => console.log(e.notification.as_text);"
    )
    made = template(api)
    assert api.post(f"{TEMPLATES}/{made['id']}/try", {"to": TO}, 202)["message"]
    store = running_sandbox.sandbox.store
    eventually(lambda: any(record["tries"] for record in store.all("notifications")))
    (record,) = store.all("notifications")
    (line,) = record["tries"][0]["execution"]["console"]
    assert line["text"] == f"Code {record['notification']['code']}"


def test_trying_a_provider_whose_action_is_gone_is_refused(api: Api) -> None:
    provider = configured(api, FAILS_ONCE)
    action = api.get("/actions/actions", triggerId="custom-phone-provider")["actions"][0]
    api.delete(f"/actions/actions/{action['id']}")
    refused = api.post(f"{PROVIDERS}/{provider}/try", {"to": TO}, 400)
    assert refused["errorCode"] == "custom_email_provider_deployed_action_not_found"


def test_a_message_waiting_at_the_end_is_sent_by_the_next_start(tmp_path: Any) -> None:
    with RunningSandbox(tmp_path) as first, first.session() as session:
        api = Api(session, first.url, first.token())
        provider = configured(api, FAILS_ONCE)
        api.post(f"{PROVIDERS}/{provider}/try", {"to": TO}, 202)
        store = first.sandbox.store
        eventually(lambda: any(record["tries"] for record in store.all("notifications")))
        record = store.all("notifications")[0]
        store.put("notifications", record["id"], record | {"due_at": 0.0})
    with RunningSandbox(tmp_path) as second:
        store = second.sandbox.store
        eventually(lambda: len(store.all("notifications")[0]["tries"]) == 2)
