"""Planned trouble at Vercel: in its API, and in what becomes of a deployment."""

import time
from typing import Any

import pytest
import requests

from sandbox.testing import RunningSandbox

from .vercel_driver import Vercel, app


@pytest.fixture(autouse=True)
def project(vercel: Vercel) -> str:
    return str(vercel.project("form")["id"])


@pytest.fixture
def inject(running_sandbox: RunningSandbox, http: requests.Session) -> Any:
    def add(kind: str, **members: Any) -> None:
        body = {"kind": kind, **members}
        response = http.post(f"{running_sandbox.url}/_sandbox/faults", json=body)
        assert response.status_code == 201, response.text

    return add


def of_api(**members: Any) -> dict[str, Any]:
    return {"service": "twilio", "path": "/vercel/*", **members}


def test_a_rate_limit_says_when_it_ends(vercel: Vercel, inject: Any) -> None:
    inject("rate_limit", **of_api(reset_in=2.5))
    response = vercel.call("GET", "/v9/projects/form")
    assert response.status_code == 429
    assert response.json()["error"]["code"] == "rate_limited"
    assert response.headers["retry-after"] == "3"
    assert response.headers["x-ratelimit-remaining"] == "0"
    assert abs(int(response.headers["x-ratelimit-reset"]) - time.time()) < 60
    vercel.ok("GET", "/v9/projects/form")


@pytest.mark.parametrize(
    ("status", "code"),
    [(402, "payment_required"), (500, "internal_server_error"), (503, "internal_server_error")],
)
def test_other_refusals_have_vercels_envelope(vercel: Vercel, inject: Any, status: int, code: str) -> None:
    inject("status", **of_api(status=status, count=2))
    assert [vercel.refused("GET", "/v9/projects/form") for _ in range(2)] == [(status, code)] * 2
    vercel.ok("GET", "/v9/projects/form")


def test_an_answer_may_be_lost_after_the_work_was_done(vercel: Vercel, inject: Any) -> None:
    inject("reset_after_apply", **of_api(method="POST", path="/vercel/v11/projects"))
    with pytest.raises(requests.ConnectionError):
        vercel.call("POST", "/v11/projects", {"name": "lost"})
    assert vercel.refused("POST", "/v11/projects", {"name": "lost"}) == (409, "conflict")


def test_a_build_may_fail(vercel: Vercel, inject: Any) -> None:
    inject("build_error", path="form", body={"errorCode": "OUT_OF_MEMORY", "errorMessage": "It was too much"})
    failed = vercel.released("form", app("one"), target=None)
    assert (failed["readyState"], failed["errorCode"]) == ("ERROR", "OUT_OF_MEMORY")
    assert failed["errorMessage"] == "It was too much"
    assert "It was too much" in vercel.log(failed["id"])
    assert vercel.released("form", app("one"), target=None)["readyState"] == "READY"


def test_an_address_may_be_withheld(vercel: Vercel, inject: Any) -> None:
    vercel.released("form", app("one"))
    inject("alias_error", body={"code": "domain_configuration"})
    held = vercel.released("form", app("two"))
    assert (held["readyState"], held["aliasAssigned"], held["alias"]) == ("READY", False, [])
    assert held["aliasError"]["code"] == "domain_configuration"
    assert held["aliasError"]["message"]
    assert vercel.word() == "one"


def test_a_deployment_may_never_get_ready(vercel: Vercel, inject: Any) -> None:
    inject("never_ready")
    stuck = vercel.deploy("form", app("one"))["id"]
    assert vercel.released("form", app("two"))["readyState"] == "READY"
    assert vercel.deployment(stuck)["readyState"] == "BUILDING"
    assert vercel.word() == "two"


def test_faults_of_builds_hit_their_project_alone_and_no_request(vercel: Vercel, inject: Any) -> None:
    inject("build_error", path="other-*", service="*", count=None)
    vercel.project("other-one")
    assert vercel.released("form", app("one"), target=None)["readyState"] == "READY"
    assert vercel.released("other-one", app("one"), target=None)["readyState"] == "ERROR"
