"""Codes where the tenant's phone provider sends: the caller always sees success."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from .passwordless_driver import NUMBER, App

RUN = "exports.onExecuteCustomPhoneProvider = async (event, api) => {{ {} }};"
SHOW = RUN.format(
    "console.log(JSON.stringify([event.notification, event.client.name, event.connection.name]))"
)


def govern(app: App, code: str) -> None:
    """Enrol the tenant, with a custom provider whose Action has this code."""
    store = app.sandbox.store
    settings = store.get("settings", "tenant") or {}
    settings["flags"]["phone_consolidated_experience"] = True
    store.put("settings", "tenant", settings)
    # A version of its own each time: what Node has loaded of one stays loaded.
    version = app.sandbox.ids.uuid()
    deployed = {"id": version, "number": 1, "code": code, "secrets": [], "trigger": "custom-phone-provider"}
    action = {"id": "phone", "name": "Phone", "_deployed": deployed, "_secrets": []}
    store.put("actions", "phone", action)
    provider = {
        "id": "pro_1",
        "name": "custom",
        "disabled": False,
        "configuration": {"delivery_methods": ["text"]},
    }
    store.put("phone_providers", "pro_1", provider)


def eventually(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 10
    while not (value := found()):
        assert time.monotonic() < deadline, "nothing came of it"
    return value


def tries(app: App) -> list[dict[str, Any]]:
    return [one for record in app.sandbox.store.all("notifications") for one in record["tries"]]


def test_the_provider_gets_the_code_and_the_gateway_nothing(app: App) -> None:
    govern(app, SHOW)
    assert app.start().status_code == 200
    execution = eventually(lambda: tries(app))[0]["execution"]
    assert NUMBER in execution["console"][0]["text"]
    assert '"otp_verify"' in execution["console"][0]["text"]
    assert '"Demo app","sms"' in execution["console"][0]["text"]
    assert app.gateway.requests == []
    (issued,) = app.sandbox.store.all("passwordless_codes")
    assert issued["code"] in execution["console"][0]["text"]
    assert app.exchange(issued["code"]).status_code == 200


@pytest.mark.parametrize(
    "does",
    ["api.notification.drop('no such number')", "api.notification.retry('busy')", "throw new Error('x')"],
)
def test_whatever_the_provider_does_the_start_succeeds(app: App, does: str) -> None:
    govern(app, RUN.format(does))
    answer = app.start()
    assert answer.status_code == 200
    assert answer.json()["phone_number"] == NUMBER
    assert eventually(lambda: tries(app))[0]["state"] in ("dropped", "waiting")


def test_the_connection_s_own_words_are_one_switch_away(app: App) -> None:
    govern(app, RUN.format("console.log(event.notification.as_text)"))
    app.sandbox.switches.phone_template = "connection"
    app.start()
    execution = eventually(lambda: tries(app))[0]["execution"]
    assert execution["console"][0]["text"].startswith("Your code for Demo app is ")


def test_a_broken_template_of_the_connection_does_not_matter_then(app: App) -> None:
    app.connect(syntax="liquid", template="{% if")
    govern(app, SHOW)
    assert app.start().status_code == 200
    assert eventually(lambda: tries(app))[0]["state"] == "delivered"
