"""What `enable` finds out about a host, with the real service and with hosts that aren't it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from aiohttp import ClientSession, TCPConnector, web
from aiohttp.abc import AbstractResolver, ResolveResult

from infra import contract
from infra.render import gateway_digest, render
from infra.secret import Secret
from infra.settings import Settings
from ops.findings import Findings
from ops.hosted_checks import checked

from .hosts import (
    GATEWAY,
    OLD_REQUEST,
    OLD_RESULT,
    REQUEST,
    RESULT,
    healthy,
    proves,
    says,
    scripted,
    service,
    session,
    stage,
)

pytestmark = pytest.mark.anyio
OTHER = Secret("o" * 43)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA) -> Iterator[Settings]:
    """A host in the middle of a rotation: it knows two request keys."""
    changes = {"secrets__requestKeyPrevious": OLD_REQUEST}
    with service(tmp_path_factory.mktemp("host"), authority, **changes) as settings:
        yield settings


async def found(authority: trustme.CA, settings: Settings, seconds: float = 15) -> Findings:
    async with session(authority, seconds) as client:
        return await checked(client, settings, render(settings))


def again(served: Settings, **changes: Any) -> Settings:
    return stage(served.public_base_url, **changes)


def told(findings: Findings) -> list[str]:
    return [each.what for each in findings.complaints]


async def test_a_ready_host_has_no_complaint(authority: trustme.CA, served: Settings) -> None:
    findings = await found(authority, again(served))
    assert findings.complaints == []
    assert findings.notices == []
    assert [line.partition(" ")[2] for line in findings.fine] == [
        "runs this version, with the settings of local",
        "proves that it holds the stage's keys",
        "runs this version, with the settings of local",
        "takes the stage's token",
    ]


async def test_without_a_gateway_nobody_asks_for_one(authority: trustme.CA, served: Settings) -> None:
    findings = await found(authority, again(served, sms__mode="off"))
    assert findings.complaints == []
    assert len(findings.fine) == 2


async def test_a_previous_key_is_a_notice(authority: trustme.CA, served: Settings) -> None:
    rotating = again(served, secrets__requestKey=OLD_REQUEST)
    findings = await found(authority, rotating)
    assert findings.complaints == []
    assert findings.notices == [
        "secrets.requestKey is the host's PHONE_REQUEST_KEY_PREVIOUS: finish the rotation"
    ]
    rotating = again(served, secrets__resultKey=OLD_RESULT, secrets__resultKeyPrevious=RESULT)
    findings = await found(authority, rotating)
    assert findings.complaints == []
    assert len(findings.notices) == 1
    assert "give it the new PHONE_RESULT_KEY" in findings.notices[0]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        (
            {"secrets__requestKey": OTHER},
            "the host doesn't hold secrets.requestKey (PHONE_REQUEST_KEY), or a clock is minutes off",
        ),
        (
            {"secrets__requestKey": OTHER, "secrets__requestKeyPrevious": REQUEST},
            "the host still has the request key from before the rotation (PHONE_REQUEST_KEY)",
        ),
        ({"secrets__resultKey": OTHER}, "the host doesn't hold secrets.resultKey (PHONE_RESULT_KEY)"),
        (
            {"secrets__smsGatewaySecret": OTHER},
            "the gateway doesn't hold secrets.smsGatewaySecret (SMS_GATEWAY_SECRET)",
        ),
    ],
)
async def test_a_wrong_key_is_named_with_the_command_that_mends_it(
    authority: trustme.CA, served: Settings, changes: dict[str, Secret], what: str
) -> None:
    findings = await found(authority, again(served, **changes))
    (complaint,) = findings.complaints
    assert complaint.what.endswith(f": {what}")
    assert complaint.mend == "auth0-phone host-env local --out ../local.env; start the host with that"


async def test_everything_wrong_is_told_at_once(authority: trustme.CA, served: Settings) -> None:
    changes: dict[str, Any] = {
        "brand__name": "Another",
        "sms__countries": ["US"],
        "secrets__requestKey": OTHER,
        "secrets__smsGatewaySecret": Secret("x" * 43),
    }
    said = told(await found(authority, again(served, **changes)))
    assert len(said) == 4
    assert [": it was deployed with other settings than local has now" in each for each in said] == [
        *(True, False, True, False)
    ]
    for secret in (OTHER, REQUEST, GATEWAY):
        assert secret.reveal() not in str(said)


async def test_another_version_of_the_service_is_one_complaint(authority: trustme.CA) -> None:
    older = says(200, {"status": "ok", "contract": "sha256:0", "stage": "sha256:1"})
    async with scripted(authority, {"GET /healthz": older}) as address:
        findings = await found(authority, stage(address, sms__mode="off"))
    assert told(findings)[0].endswith(": another version of the service runs there than here")
    assert "answers the signed probe with 404: it knows no probe" in told(findings)[1]
    assert "python -m infra.render --stage local" in findings.complaints[0].mend


@pytest.mark.parametrize(
    ("status", "document", "what", "mend"),
    [
        (429, {"reason": "too many probes"}, "429: too many probes", "Wait a minute"),
        (503, {"reason": "the counters are down"}, "503: the counters are down", "Redis"),
        (405, None, "405: it knows no probe", "Deploy the service"),
        (200, {}, "doesn't hold secrets.resultKey", "host-env"),
        (200, {"proof": "a.b.c"}, "doesn't hold secrets.resultKey", "host-env"),
        (200, {"proof": 5}, "doesn't hold secrets.resultKey", "host-env"),
    ],
)
async def test_a_probe_that_is_not_answered_is_explained(
    authority: trustme.CA, status: int, document: Any, what: str, mend: str
) -> None:
    answers: dict[str, Any] = {"POST /healthz": says(status, document)}
    async with scripted(authority, answers) as address:
        settings = stage(address, sms__mode="off")
        answers["GET /healthz"] = healthy(settings)["GET /healthz"]
        (complaint,) = (await found(authority, settings)).complaints
    assert what in complaint.what
    assert mend in complaint.mend


@pytest.mark.parametrize(
    "change",
    [{"nonce": "another"}, {"aud": "auth0-phone/action"}, {"exp": 1}, {"exp": None}],
)
async def test_a_proof_of_something_else_proves_nothing(
    authority: trustme.CA, change: dict[str, Any]
) -> None:
    """Signed under the right key, so that only its claims can give it away."""

    answers: dict[str, Any] = {}
    async with scripted(authority, answers) as address:
        settings = stage(address, sms__mode="off")
        answers |= healthy(settings)
        assert told(await found(authority, settings)) == []
        answers["POST /healthz"] = proves(**change)
        (complaint,) = told(await found(authority, settings))
    assert "doesn't hold secrets.resultKey" in complaint


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (says(200, "hello"), "answers 200, and not as the form does"),
        (says(502, {"status": "ok"}), "answers 502"),
        (says(301, {}), "answers 301"),
    ],
)
async def test_what_is_not_the_form_is_told(authority: trustme.CA, answer: Any, what: str) -> None:
    async with scripted(authority, {"GET /healthz": answer}) as address:
        (complaint,) = (await found(authority, stage(address, sms__mode="off"))).complaints
    assert what in complaint.what
    assert "docs/hosting.md" in complaint.mend


@pytest.mark.parametrize(
    ("answers", "what", "mend"),
    [
        ({"GET /readyz": says(503, {"status": "draining"})}, "answers 503: draining", "replaced"),
        ({"GET /readyz": says(503, {"status": "limits_unavailable"})}, "503: limits_unavailable", "Redis"),
        ({}, "answers 404: no gateway there", "SMS_STAGE_FILE"),
        ({"POST /sms": says(200, {})}, "answers 200 to an empty order", "gateway"),
    ],
)
async def test_a_gateway_that_takes_no_messages_is_told(
    authority: trustme.CA, answers: dict[str, Any], what: str, mend: str
) -> None:
    answers = dict(answers)
    async with scripted(authority, answers) as address:
        settings = stage(address)
        answers |= healthy(settings)
        if "POST /sms" in answers:
            digest = gateway_digest(render(settings))
            ready = {"status": "ready", "contract": contract.digest(), "stage": digest}
            answers["GET /readyz"] = says(200, ready)
        (complaint,) = (await found(authority, settings)).complaints
    assert what in complaint.what
    assert mend in complaint.mend


async def test_tls_that_nobody_trusts_is_told(authority: trustme.CA) -> None:
    async with scripted(trustme.CA(), {}) as address:
        (complaint,) = (await found(authority, stage(address, sms__mode="off"))).complaints
    assert "TLS with it fails" in complaint.what
    assert "a certificate for localhost" in complaint.mend
    async with scripted(authority, {}, "another.example") as address:
        (complaint,) = (await found(authority, stage(address, sms__mode="off"))).complaints
    assert "mismatch" in complaint.what


async def test_nobody_there_and_no_answer_are_told(authority: trustme.CA) -> None:
    async with scripted(authority, {}) as address:
        gone = stage(address, sms__mode="off")
    (complaint,) = (await found(authority, gone)).complaints
    assert "connect" in complaint.what
    assert "can be reached from here" in complaint.mend

    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async with scripted(authority, {"GET /healthz": silent}) as address:
        (complaint,) = (await found(authority, stage(address, sms__mode="off"), seconds=0.3)).complaints
    assert "no answer within" in complaint.what


async def test_a_name_that_leads_nowhere_is_told() -> None:
    class Nowhere(AbstractResolver):
        async def resolve(self, *_: Any, **__: Any) -> list[ResolveResult]:
            raise OSError("no such name")

        async def close(self) -> None:
            return

    settings = stage("https://localhost:1", sms__mode="off")
    settings = settings.model_copy(update={"public_base_url": "https://phone.acme.example"})
    async with ClientSession(connector=TCPConnector(resolver=Nowhere())) as client:
        (complaint,) = (await checked(client, settings, render(settings))).complaints
    assert complaint.what == "https://phone.acme.example/healthz: no such host"
    assert complaint.mend == "Point phone.acme.example at the host in your DNS"
