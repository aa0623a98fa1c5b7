"""Faults on request: which requests they hit, how often, and what the client sees."""

import time
from typing import Any

import pytest
import requests

from sandbox.faults import Fault, FaultError, Faults
from sandbox.testing import RunningSandbox

from .api import Api

RATE_LIMIT = {
    "statusCode": 429,
    "error": "Too Many Requests",
    "message": "Global limit has been reached",
    "errorCode": "too_many_requests",
}


def inject(running_sandbox: RunningSandbox, **members: Any) -> None:
    with running_sandbox.session() as session:
        response = session.post(f"{running_sandbox.url}/_sandbox/faults", json=members)
    assert response.status_code == 201, response.text


# -- rules ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "request_", "hit"),
    [
        ({}, ("auth0", "GET", "/api/v2/clients"), True),
        ({}, ("twilio", "GET", "/v2/x"), False),
        ({"service": "twilio"}, ("twilio", "POST", "/v2/x"), True),
        ({"service": "*"}, ("app", "GET", "/"), True),
        ({"method": "POST"}, ("auth0", "GET", "/api/v2/clients"), False),
        ({"path": "/api/v2/clients"}, ("auth0", "GET", "/api/v2/clients/x"), False),
        ({"path": "/api/v2/clients/*"}, ("auth0", "GET", "/api/v2/clients/x"), True),
        ({"path": "/api/v2/users/auth0%7C*"}, ("auth0", "GET", "/api/v2/users/auth0%7Cx"), True),
    ],
)
def test_a_rule_hits_what_it_names(rule: dict[str, Any], request_: tuple[str, str, str], hit: bool) -> None:
    faults = Faults()
    faults.add(Fault.from_mapping({"kind": "status", **rule}))
    assert (faults.pick(*request_) is not None) == hit


def test_a_rule_is_used_up_after_its_count() -> None:
    faults = Faults()
    faults.add(Fault("status", count=2, skip=1))
    hits = [faults.pick("auth0", "GET", "/") is not None for _ in range(5)]
    assert hits == [False, True, True, False, False]
    assert faults.describe() == []


def test_a_rule_without_a_count_stays_until_it_is_cleared() -> None:
    faults = Faults()
    faults.add(Fault("status", count=None))
    assert all(faults.pick("auth0", "GET", "/") for _ in range(20))
    assert faults.describe()[0]["hits"] == 20
    faults.clear()
    assert faults.pick("auth0", "GET", "/") is None


@pytest.mark.parametrize(("share", "hits"), [(1.0, 100), (0.3, 30), (0.01, 1), (0.999, 99)])
def test_a_share_hits_so_many_of_a_hundred_evenly(share: float, hits: int) -> None:
    faults = Faults()
    faults.add(Fault("status", count=None, share=share))
    picked = [faults.pick("auth0", "GET", "/") is not None for _ in range(100)]
    assert sum(picked) == hits
    # Evenly: each half has its half, give or take one.
    assert abs(sum(picked[:50]) - sum(picked[50:])) <= 1


def test_what_a_share_leaves_the_next_rule_may_take() -> None:
    faults = Faults()
    faults.add(Fault("reset", count=None, share=0.5))
    faults.add(Fault("latency", count=None))
    picked = [faults.pick("auth0", "GET", "/") for _ in range(4)]
    assert [fault.kind for fault in picked if fault] == ["latency", "reset", "latency", "reset"]


def test_the_oldest_rule_that_fits_is_used_first() -> None:
    faults = Faults()
    faults.add(Fault("status", status=500))
    faults.add(Fault("status", status=503))
    picked = [faults.pick("auth0", "GET", "/") for _ in range(2)]
    assert [fault.status for fault in picked if fault] == [500, 503]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"kind": "explosion"},
        {"kind": "status", "colour": "red"},
        {"kind": "status", "count": 0},
        {"kind": "status", "count": "1"},
        {"kind": "status", "status": 99},
        {"kind": "status", "status": "500"},
        {"kind": "latency", "seconds": -1},
        {"kind": "status", "path": 1},
        {"kind": "rate_limit", "reset_in": "soon"},
        {"kind": "status", "headers": {"a": 1}},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(FaultError):
        Fault.from_mapping(given)


def test_the_control_address_shows_refuses_and_clears(
    running_sandbox: RunningSandbox, http: requests.Session
) -> None:
    url = f"{running_sandbox.url}/_sandbox/faults"
    inject(running_sandbox, kind="status", status=503, count=None)
    (shown,) = http.get(url).json()["faults"]
    assert (shown["kind"], shown["status"], shown["hits"]) == ("status", 503, 0)
    refused = http.post(url, json={"kind": "explosion"})
    assert refused.status_code == 400
    assert "kind must be one of" in refused.json()["message"]
    assert http.delete(url).status_code == 204
    assert http.get(url).json() == {"faults": []}


# -- what the client sees ---------------------------------------------------------------------------


def test_f10_a_rate_limit_names_when_it_ends(api: Api, running_sandbox: RunningSandbox) -> None:
    inject(running_sandbox, kind="rate_limit", reset_in=2, path="/api/v2/*")
    response = api.call("GET", "/clients")
    assert (response.status_code, response.json()) == (429, RATE_LIMIT)
    assert response.headers["x-ratelimit-remaining"] == "0"
    assert 0 <= int(response.headers["x-ratelimit-reset"]) - time.time() <= 3
    api.get("/clients")


def test_f11_a_rate_limit_may_say_nothing_and_last_for_ever(
    api: Api, running_sandbox: RunningSandbox
) -> None:
    inject(running_sandbox, kind="rate_limit", count=None, path="/api/v2/*")
    for _ in range(5):
        response = api.call("GET", "/clients")
        assert response.status_code == 429
        assert not [name for name in response.headers if name.lower().startswith("x-ratelimit")]


def test_f12_a_rate_limit_may_end_in_the_past(api: Api, running_sandbox: RunningSandbox) -> None:
    inject(running_sandbox, kind="rate_limit", reset_in=-3600)
    assert int(api.call("GET", "/clients").headers["x-ratelimit-reset"]) < time.time() - 3000


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_f13_a_server_error_happens_n_times_and_changes_nothing(
    api: Api, running_sandbox: RunningSandbox, status: int
) -> None:
    inject(running_sandbox, kind="status", status=status, method="POST", count=2)
    body = {"name": "x"}
    assert [api.call("POST", "/clients", body).status_code for _ in range(3)] == [status, status, 201]
    assert len(api.get("/clients")) == 4


def test_a_fault_may_bring_its_own_body_and_headers(api: Api, running_sandbox: RunningSandbox) -> None:
    inject(
        running_sandbox, kind="status", status=503, body={"maintenance": True}, headers={"Retry-After": "7"}
    )
    response = api.call("GET", "/clients")
    assert (response.json(), response.headers["retry-after"]) == ({"maintenance": True}, "7")


def test_latency_delays_and_then_answers(api: Api, running_sandbox: RunningSandbox) -> None:
    inject(running_sandbox, kind="latency", seconds=0.2)
    began = time.perf_counter()
    api.get("/clients")
    assert time.perf_counter() - began >= 0.2


def test_latency_holds_up_nobody_else(
    api: Api, running_sandbox: RunningSandbox, http: requests.Session
) -> None:
    inject(running_sandbox, kind="latency", seconds=30, path="/api/v2/clients", count=None)
    with pytest.raises(requests.exceptions.ReadTimeout):
        http.get(f"{running_sandbox.url}/api/v2/clients", timeout=0.1)
    began = time.perf_counter()
    api.get("/roles")
    assert time.perf_counter() - began < 5


def test_a_reset_cuts_the_connection_before_anything_is_done(
    api: Api, running_sandbox: RunningSandbox
) -> None:
    inject(running_sandbox, kind="reset", method="POST")
    with pytest.raises(requests.exceptions.ConnectionError):
        api.call("POST", "/clients", {"name": "x"})
    assert len(api.get("/clients")) == 3


def test_f15_a_reset_after_apply_loses_the_answer_alone(api: Api, running_sandbox: RunningSandbox) -> None:
    inject(running_sandbox, kind="reset_after_apply", method="POST", path="/api/v2/connections")
    body = {"name": "sms", "strategy": "sms"}
    with pytest.raises(requests.exceptions.ConnectionError):
        api.call("POST", "/connections", body)
    assert api.get("/connections", name="sms")
    assert api.post("/connections", body, 409)["errorCode"] == "connection_conflict"


def test_the_control_address_itself_never_fails(
    running_sandbox: RunningSandbox, http: requests.Session
) -> None:
    inject(running_sandbox, kind="status", service="*", count=None)
    assert http.get(f"{running_sandbox.url}/_sandbox/health").status_code == 200


def test_what_nobody_foresaw_is_a_500_without_details(
    api: Api, running_sandbox: RunningSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    running_sandbox.sandbox.store.put("roles", "rol_broken", {"id": "rol_broken"})
    response = api.call("GET", "/roles", name_filter="x")
    assert (response.status_code, response.json()) == (
        500,
        {
            "statusCode": 500,
            "error": "Internal Server Error",
            "message": "An internal server error occurred",
        },
    )
    deadline = time.monotonic() + 5
    while "KeyError" not in caplog.text:  # logged once the answer is out
        assert time.monotonic() < deadline


def test_twilio_fails_in_its_own_words(running_sandbox: RunningSandbox, http: requests.Session) -> None:
    inject(running_sandbox, kind="rate_limit", service="twilio")
    inject(running_sandbox, kind="status", status=503, service="twilio")
    url = f"{running_sandbox.addresses.twilio}/v2/Services/VAx/Verifications"
    limited, broken = http.post(url), http.post(url)
    assert (limited.status_code, limited.json()["code"]) == (429, 20429)
    assert (broken.status_code, broken.json()["status"]) == (503, 503)
