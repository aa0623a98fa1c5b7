"""A plan's rate limits: who may pass, when the next one may, and what each answer's headers say."""

import time

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from sandbox.faults import Fault, FaultError, Faults
from sandbox.policies import LIMITS, Bucket
from sandbox.testing import RunningSandbox

from .api import Api


def test_a_bucket_lets_a_burst_pass_and_then_its_rate() -> None:
    bucket = Bucket(10, 2.0)
    assert [bucket.take(0.0).allowed for _ in range(11)] == [True] * 10 + [False]
    assert [bucket.take(1.0).allowed for _ in range(3)] == [True, True, False]
    assert bucket.take(1.0).wait == pytest.approx(0.5)


@given(
    size=st.integers(1, 50),
    rate=st.floats(0.5, 50),
    pauses=st.lists(st.floats(0, 3), min_size=1, max_size=100),
)
def test_no_more_pass_than_the_burst_and_the_rate_allow(size: int, rate: float, pauses: list[float]) -> None:
    bucket, now, passed = Bucket(size, rate), 0.0, 0
    for pause in pauses:
        now += pause
        passed += bucket.take(now).allowed
    assert passed <= size + (now - pauses[0]) * rate + 1e-6


def test_each_api_has_its_own_bucket() -> None:
    faults = Faults()
    faults.add(Fault.from_mapping({"kind": "policy", "plan": "free"}))

    def passes(path: str) -> bool:
        reading = faults.meter("auth0", "GET", path, 0.0)
        assert reading is not None
        return reading.allowed

    assert [passes("/api/v2/clients") for _ in range(3)] == [True, True, False]
    assert passes("/oauth/token")
    assert faults.meter("twilio", "GET", "/v2/x", 0.0) is None
    assert faults.pick("auth0", "GET", "/api/v2/clients") is None


def test_a_plan_that_nobody_sells_is_refused() -> None:
    with pytest.raises(FaultError, match="plan"):
        Fault.from_mapping({"kind": "policy", "plan": "platinum"})


def test_too_many_calls_are_told_when_to_come_back(running_sandbox: RunningSandbox, api: Api) -> None:
    running_sandbox.sandbox.clock.freeze()
    with running_sandbox.session() as session:
        session.post(f"{running_sandbox.url}/_sandbox/faults", json={"kind": "policy", "plan": "free"})
    answers = [api.call("GET", "/clients") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].json()["errorCode"] == "too_many_requests"
    assert 0 <= int(answers[2].headers["x-ratelimit-reset"]) - time.time() <= 2
    running_sandbox.sandbox.clock.advance(0.5)
    assert api.call("GET", "/clients").status_code == 200


def test_without_a_policy_no_answer_speaks_of_limits(http: requests.Session, api: Api) -> None:
    assert "x-ratelimit-limit" not in api.call("GET", "/clients").headers


def test_the_plans_are_those_of_auth0s_pages() -> None:
    assert {plan: limits["management"] for plan, limits in LIMITS.items()} == {
        "free": (2, 2.0),
        "enterprise": (50, 16.0),
        "enterprise-non-production": (10, 2.0),
    }
