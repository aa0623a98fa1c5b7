"""Every carrier alike: accepted reaches the handset, refused does not, and every failure can be had."""

from dataclasses import replace

import pytest
import requests

from sandbox.carriers.app import CARRIERS
from sandbox.carriers.carrier import Carrier, Failure
from sandbox.testing import RunningSandbox

from .api import Json
from .carriers_driver import DIALECTS, TEXT, TO, Carriers, Dialect

KINDS = {carrier.name: carrier for carrier in CARRIERS}
each = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


def test_every_carrier_has_a_client_here() -> None:
    assert [dialect.name for dialect in DIALECTS] == [carrier.name for carrier in CARRIERS]


@each
def test_an_accepted_message_reaches_the_handset(carriers: Carriers, dialect: Dialect) -> None:
    response = carriers.send(dialect)
    assert (response.status_code, dialect.code(response)) == (dialect.accepted, None)
    (message,) = carriers.messages()
    assert (message["to"], message["body"], message["carrier"]) == (TO, TEXT, dialect.name)
    assert message["reference"] in response.text


@each
def test_a_wrong_credential_sends_nothing(carriers: Carriers, dialect: Dialect) -> None:
    response = carriers.send(dialect, **{dialect.secret: "x" * 40})
    assert "credentials" in {failure.kind for failure in _failures(dialect, dialect.code(response))}
    assert carriers.messages() == []


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("twilio", "TWILIO_ACCOUNT_SID"),
        ("plivo", "PLIVO_AUTH_ID"),
        ("sinch", "SINCH_SERVICE_PLAN_ID"),
        ("bird", "BIRD_WORKSPACE_ID"),
        ("bird", "BIRD_CHANNEL_ID"),
        ("vonage", "VONAGE_API_KEY"),
        ("africastalking", "AFRICASTALKING_USERNAME"),
    ],
)
def test_somebody_else_s_account_sends_nothing(carriers: Carriers, name: str, identifier: str) -> None:
    """The secret is right; who it belongs to, or where the message goes in, is not."""
    dialect = next(dialect for dialect in DIALECTS if dialect.name == name)
    wire = dialect.wire({**carriers.env[name], identifier: "somebody-else"}, TO, TEXT)
    if wire.auth and name == "plivo":
        own = carriers.env[name]
        wire = replace(wire, auth=(own["PLIVO_AUTH_ID"], own["PLIVO_AUTH_TOKEN"]))
    response = carriers.post(name, wire)
    assert {failure.kind for failure in _failures(dialect, dialect.code(response))} <= {
        "credentials",
        "account",
    }
    assert carriers.messages() == []


@each
def test_no_credential_sends_nothing(carriers: Carriers, dialect: Dialect) -> None:
    wire = dialect.wire({name: "" for name in carriers.env[dialect.name]}, TO, TEXT)
    response = carriers.post(dialect.name, wire)
    assert response.status_code != dialect.accepted or dialect.code(response) is not None
    assert carriers.messages() == []


@each
@pytest.mark.parametrize("to", ["+4477", "+44 7700 900123", "447700900123x", "+", "+0447700900123"])
def test_what_is_no_number_is_refused(carriers: Carriers, dialect: Dialect, to: str) -> None:
    response = carriers.send(dialect, to)
    assert dialect.code(response) is not None
    assert carriers.messages() == []


@pytest.mark.parametrize(
    ("dialect", "failure"),
    [(dialect, failure) for dialect in DIALECTS for failure in KINDS[dialect.name].failures],
    ids=lambda value: getattr(value, "name", None) or getattr(value, "code", None),
)
def test_each_documented_failure_can_be_planned(
    carriers: Carriers, dialect: Dialect, failure: Failure
) -> None:
    assert carriers.plan(failure.code, carrier=dialect.name).status_code == 201
    response = carriers.send(dialect)
    assert response.status_code == failure.status
    assert failure in _failures(dialect, dialect.code(response))
    assert carriers.messages() == []
    assert dialect.code(carriers.send(dialect)) is None


@each
@pytest.mark.parametrize("kind", ["number", "throttled", "internal"])
def test_kinds_of_failure_fit_every_carrier(carriers: Carriers, dialect: Dialect, kind: str) -> None:
    carriers.plan(kind)
    response = carriers.send(dialect)
    assert kind in {failure.kind for failure in _failures(dialect, dialect.code(response))}


@each
def test_a_fault_hits_a_carrier_as_its_load_balancer_would(
    carriers: Carriers, http: requests.Session, running_sandbox: RunningSandbox, dialect: Dialect
) -> None:
    fault: Json = {"kind": "status", "status": 502, "service": "twilio", "path": f"/carriers/{dialect.name}*"}
    assert http.post(f"{running_sandbox.url}/_sandbox/faults", json=fault, timeout=10).status_code == 201
    response = carriers.send(dialect)
    assert (response.status_code, response.text) == (502, "Bad Gateway")
    assert carriers.messages() == []


@each
def test_an_answer_can_be_lost_after_the_message_was_taken_on(
    carriers: Carriers, http: requests.Session, running_sandbox: RunningSandbox, dialect: Dialect
) -> None:
    fault = {"kind": "reset_after_apply", "service": "twilio", "path": f"/carriers/{dialect.name}*"}
    http.post(f"{running_sandbox.url}/_sandbox/faults", json=fault, timeout=10)
    with pytest.raises(requests.ConnectionError):
        carriers.send(dialect)
    assert len(carriers.messages()) == 1


@each
def test_a_path_it_does_not_know_is_named(
    carriers: Carriers, http: requests.Session, dialect: Dialect
) -> None:
    wire = dialect.wire(carriers.env[dialect.name], TO, TEXT)
    unknown = type(wire)(f"{wire.path}/elsewhere", wire.headers, wire.body, wire.form, wire.auth)
    response = carriers.post(dialect.name, unknown)
    assert response.status_code == 501
    assert f"/carriers/{dialect.name}" in response.json()["message"]


def _failures(dialect: Dialect, code: str | None) -> list[Failure]:
    """The failures an answer's code may stand for: a webhook's word covers several."""
    assert code is not None
    carrier: type[Carrier] = KINDS[dialect.name]
    return [failure for failure in carrier.failures if code in (failure.code, failure.message)]
