"""Two readings of the carriers' documents, made apart, meet: the gateway's and the sandbox's."""

import asyncio
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest
import requests

from gateway.transports import REGISTRY, carrier_class
from gateway.transports.base import HttpRequest, HttpResponse, Message, Outcome, Receipt
from sandbox.carriers.app import CARRIERS
from sandbox.carriers.carrier import Failure
from sandbox.testing import RunningSandbox

from .carriers_driver import TEXT, TO, Carriers

MESSAGE = Message(TO, TEXT, "Acme", "GB", "0123456789abcdef0123456789abcdef")
KINDS = {carrier.name: carrier for carrier in CARRIERS}
ELSEWHERE = {Outcome.CONFIGURATION, Outcome.RETRYABLE, Outcome.AMBIGUOUS}
# What the gateway may take a failure of each kind for. The first three are the recipient's or the message's;
# none of the others may be told the caller as such, since another carrier would do.
ALLOWED = {
    "number": {Outcome.REFUSED, Outcome.CONFIGURATION},
    "opted_out": {Outcome.OPTED_OUT, Outcome.REFUSED},
    "text": {Outcome.REFUSED, Outcome.CONFIGURATION},
    "country": {Outcome.REFUSED, Outcome.CONFIGURATION},
    "sender": ELSEWHERE | {Outcome.REFUSED},
    "throttled": {Outcome.RETRYABLE, Outcome.CONFIGURATION},
    "balance": {Outcome.CONFIGURATION},
    "credentials": {Outcome.CONFIGURATION},
    "account": {Outcome.CONFIGURATION, Outcome.REFUSED},
    # A message that was rejected for the carrier's own trouble has certainly not been sent.
    "internal": ELSEWHERE,
}


@pytest.fixture(autouse=True)
def trusting(monkeypatch: pytest.MonkeyPatch, sandbox_process: RunningSandbox) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(sandbox_process.ca))


class Gateway:
    """A transport of the gateway, set up as the ready file says."""

    def __init__(self, running: RunningSandbox, name: str) -> None:
        kind = carrier_class(name)
        env = running.ready["carriers"][name]
        fields = {field: info.json_schema_extra["env"] for field, info in kind.settings.model_fields.items()}
        given = {field: env[variable] for field, variable in fields.items() if variable in env}
        self.unknown = set(env) - set(fields.values())
        self._carrier = kind.of(kind.settings(**given), f"{running.addresses.twilio}/carriers/{name}")

    def send(self, http: requests.Session) -> Receipt:
        if hasattr(self._carrier, "send"):
            return asyncio.run(self._send(MESSAGE))
        return self._read(self._post(http, self._carrier.request(MESSAGE)))

    async def _send(self, message: Message) -> Receipt:
        receipt: Receipt = await self._carrier.send(message, 8.0)
        return receipt

    def _post(self, http: requests.Session, sent: HttpRequest) -> requests.Response:
        body: dict[str, Any] = {"json": sent.json, "data": sent.form or sent.content}
        return http.request(
            sent.method, sent.url, headers=dict(sent.headers), allow_redirects=False, timeout=9, **body
        )

    def _read(self, response: requests.Response) -> Receipt:
        answer = HttpResponse(response.status_code, response.content, dict(response.headers))
        receipt: Receipt = self._carrier.read(answer)
        return receipt


each = pytest.mark.parametrize("name", KINDS)


def test_every_carrier_but_the_log_is_here() -> None:
    assert set(REGISTRY) - {"log"} == set(KINDS)


@pytest.fixture(scope="module")
def gateways(sandbox_process: RunningSandbox) -> Callable[[str], Gateway]:
    """One transport for each carrier: reading AWS's definitions takes longer than all that a test does."""
    return cache(partial(Gateway, sandbox_process))


@each
def test_the_ready_file_names_the_gateways_variables(gateways: Callable[[str], Gateway], name: str) -> None:
    assert gateways(name).unknown == set()


@each
def test_what_the_gateway_sends_arrives_whole(
    gateways: Callable[[str], Gateway], http: requests.Session, carriers: Carriers, name: str
) -> None:
    receipt = gateways(name).send(http)
    (message,) = carriers.messages()
    assert receipt.outcome is Outcome.ACCEPTED, receipt
    assert (message["to"], message["body"], message["carrier"]) == (TO, TEXT, name)
    assert receipt.reference == message["reference"]


@pytest.mark.parametrize(
    ("name", "failure"),
    [(name, failure) for name, kind in KINDS.items() for failure in kind.failures],
    ids=lambda value: value if isinstance(value, str) else value.code,
)
def test_the_gateway_understands_each_failure(
    gateways: Callable[[str], Gateway],
    http: requests.Session,
    carriers: Carriers,
    name: str,
    failure: Failure,
) -> None:
    carriers.plan(failure.code, carrier=name)
    receipt = gateways(name).send(http)
    unsure = {Outcome.RETRYABLE, Outcome.AMBIGUOUS}
    assert receipt.outcome in (unsure if failure.status >= 500 else ALLOWED[failure.kind]), receipt
    assert carriers.messages() == []
