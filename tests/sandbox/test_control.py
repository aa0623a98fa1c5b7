"""The control address: reset, outbox, clock, switches, state, calls, logs, and who may not use it."""

import time
from typing import Any

import pytest
import requests

from sandbox import users
from sandbox.seed import CONNECTION
from sandbox.testing import RunningSandbox

from .api import Api


class Control:
    """A client of /_sandbox."""

    def __init__(self, session: requests.Session, url: str) -> None:
        self._session = session
        self._url = f"{url}/_sandbox"

    def call(self, method: str, path: str, **given: Any) -> requests.Response:
        return self._session.request(method, self._url + path, timeout=10, **given)

    def get(self, path: str, **query: str) -> Any:
        response = self.call("GET", path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, body: Any = None, expect: int = 200) -> Any:
        response = self.call("POST", path, json=body)
        assert response.status_code == expect, response.text
        return response.json() if response.content else None


@pytest.fixture
def control(running_sandbox: RunningSandbox, http: requests.Session) -> Control:
    return Control(http, running_sandbox.url)


def test_health_needs_no_token(control: Control) -> None:
    assert control.get("/health") == {"status": "ok"}


def test_a_reset_makes_a_fresh_tenant_and_keeps_tokens_valid(control: Control, api: Api) -> None:
    api.post("/clients", {"name": "x"})
    began = time.perf_counter()
    control.post("/reset", expect=204)
    assert time.perf_counter() - began < 0.5
    assert len(api.get("/clients")) == 3


def test_the_credentials_of_the_ready_file_survive_a_reset(
    control: Control, running_sandbox: RunningSandbox, http: requests.Session
) -> None:
    control.post("/reset", expect=204)
    ready = running_sandbox.ready["auth0"]
    body = {
        "grant_type": "client_credentials",
        "client_id": ready["client_id"],
        "client_secret": ready["client_secret"],
        "audience": f"https://{ready['domain']}/api/v2/",
    }
    response = http.post(f"{running_sandbox.url}/oauth/token", data=body)
    assert response.status_code == 200, response.text
    token = response.json()["access_token"]
    assert Api(http, running_sandbox.url, token).get(f"/clients/{ready['client_id']}")["name"] == "Deployment"


def test_the_outbox_holds_messages_by_number_and_sequence(
    control: Control, running_sandbox: RunningSandbox
) -> None:
    numbers = ["+14155550101", "+14155550102", "+14155550101"]
    for index, number in enumerate(numbers):
        running_sandbox.sandbox.store.append("messages", {"to": number, "body": f"code {index}"})
    messages = control.get("/outbox")["messages"]
    assert [message["body"] for message in messages] == ["code 0", "code 1", "code 2"]
    mine = control.get("/outbox", to="+14155550101")["messages"]
    assert [message["body"] for message in mine] == ["code 0", "code 2"]
    later = control.get("/outbox", since=str(messages[1]["sequence"]))["messages"]
    assert [message["body"] for message in later] == ["code 2"]
    assert control.call("GET", "/outbox", params={"since": "x"}).status_code == 400


def test_the_clock_advances_for_everybody(control: Control, running_sandbox: RunningSandbox) -> None:
    before = control.get("/clock")
    after = control.post("/clock", {"advance": 3600})
    assert after["offset"] == 3600
    assert 3600 <= after["now"] - before["now"] < 3660
    assert running_sandbox.sandbox.clock.offset == 3600


@pytest.mark.parametrize(
    "body", [{}, {"advance": -1}, {"advance": "1"}, {"advance": True}, {"advance": None}]
)
def test_the_clock_refuses_nonsense(control: Control, body: Any) -> None:
    assert "advance must be" in control.post("/clock", body, 400)["message"]


def test_switches_are_shown_and_set(control: Control, running_sandbox: RunningSandbox) -> None:
    shown = control.get("/switches")
    assert shown["redirect_url_unique_includes_query"] is True
    assert shown["expired_state"] == "error_page"
    changed = control.post("/switches", {"expired_state": "default_login_route"})
    assert changed == {**shown, "expired_state": "default_login_route"}
    assert running_sandbox.sandbox.switches.expired_state == "default_login_route"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"no_such_switch": True}, "Unknown member: no_such_switch."),
        ({"expired_state": 1}, "expired_state must be"),
        ({"expired_state": "elsewhere"}, "expired_state must be"),
        ({"validate_token_min_life_seconds": True}, "validate_token_min_life_seconds must be"),
        ({"validate_token_min_life_seconds": 60, "no_such_switch": 1}, "Unknown member"),
    ],
)
def test_a_switch_that_makes_no_sense_changes_nothing(
    control: Control, body: dict[str, Any], message: str
) -> None:
    before = control.get("/switches")
    assert message in control.post("/switches", body, 400)["message"]
    assert control.get("/switches") == before


def test_a_number_switch_takes_whole_numbers_and_fractions(control: Control) -> None:
    assert control.post("/switches", {"action_build_seconds": 2})["action_build_seconds"] == 2
    assert control.post("/switches", {"action_build_seconds": 0.5})["action_build_seconds"] == 0.5


def test_the_state_can_be_saved_and_put_back(
    control: Control, api: Api, running_sandbox: RunningSandbox
) -> None:
    users.create(running_sandbox.sandbox, CONNECTION, "ada@example.com", "secret")
    saved = control.get("/state")
    assert set(saved) >= {"seed", "keys", "clients", "users"}
    control.post("/reset", expect=204)
    assert api.get("/users") == []
    control.post("/state", saved, 204)
    assert [user["email"] for user in api.get("/users")] == ["ada@example.com"]
    assert control.get("/state") == saved


def test_a_foreign_state_brings_its_own_keys(
    control: Control, api: Api, running_sandbox: RunningSandbox
) -> None:
    saved = control.get("/state")
    control.post("/state", {**saved, "keys": {}}, 204)
    api.get("/clients", 401)
    assert api.as_(running_sandbox.token()).get("/clients")


@pytest.mark.parametrize("body", [[], {"clients": []}, "x", {"clients": {"a": 1}}])
def test_a_state_that_is_none_is_refused(control: Control, body: Any) -> None:
    before = control.get("/state")
    control.post("/state", body, 400)
    assert control.get("/state") == before


def test_calls_are_listed_without_queries_and_without_control(control: Control, api: Api) -> None:
    last = max([call["sequence"] for call in control.get("/calls")["calls"]], default=0)
    api.get("/users-by-email", email="private@example.com")
    api.get("/clients/nobody", 404)
    calls = control.get("/calls", since=str(last))["calls"]
    seen = [(call["service"], call["method"], call["path"], call["status"]) for call in calls]
    assert seen == [
        ("auth0", "GET", "/api/v2/users-by-email", 200),
        ("auth0", "GET", "/api/v2/clients/nobody", 404),
    ]
    assert all(call["milliseconds"] > 0 for call in calls)
    assert "private" not in str(calls)


def test_calls_of_every_service_are_recorded(
    control: Control, running_sandbox: RunningSandbox, http: requests.Session
) -> None:
    http.get(running_sandbox.addresses.twilio + "/nowhere")
    assert {call["service"] for call in control.get("/calls")["calls"]} >= {"twilio"}


def test_logs_are_read_from_where_the_reader_stopped(
    control: Control, running_sandbox: RunningSandbox
) -> None:
    first = running_sandbox.sandbox.store.append("tenant_logs", {"type": "s"})
    running_sandbox.sandbox.store.append("tenant_logs", {"type": "f"})
    assert [log["type"] for log in control.get("/logs")["logs"]] == ["s", "f"]
    assert [log["type"] for log in control.get("/logs", since=str(first))["logs"]] == ["f"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8443"},
        {"Host": "evil.example"},
        {"Host": "evil.example", "Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/reset"), ("GET", "/state"), ("DELETE", "/faults")])
def test_a_page_of_another_site_steers_nothing(
    control: Control, api: Api, headers: dict[str, str], method: str, path: str
) -> None:
    """T52: what asks for no password must not be reachable from any page a browser happens to show."""
    api.post("/clients", {"name": "still there"})
    response = control.call(method, path, headers=headers)
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers
    assert len(api.get("/clients")) == 4


def test_the_sandbox_s_own_page_and_a_typed_address_are_welcome(
    control: Control, running_sandbox: RunningSandbox
) -> None:
    own = {"Origin": running_sandbox.url, "Sec-Fetch-Site": "same-origin"}
    assert control.call("GET", "/health", headers=own).status_code == 200
    assert control.call("GET", "/health", headers={"Sec-Fetch-Site": "none"}).status_code == 200


def test_an_unknown_control_path_is_a_501(control: Control) -> None:
    assert control.call("GET", "/nonsense").status_code == 501


@pytest.mark.parametrize("body", [b"", b"{", b"[]"])
def test_a_body_that_is_no_object_is_refused(control: Control, body: bytes) -> None:
    assert control.call("POST", "/clock", data=body).status_code == 400
