"""What smoke finds: a host that matters or not yet, and a login that begins or doesn't."""

from typing import Any

import pytest
import trustme
from aiohttp import web

from ops.ci_smoke import begin_login, leads_people_there, weighed
from ops.findings import Findings
from tests.ops.hosts import Handler, scripted, session, stage

pytestmark = pytest.mark.anyio
OFF: dict[str, Any] = {"verification__enforcement": "off", "sms__mode": "off"}


@pytest.mark.parametrize(
    ("changes", "led"),
    [
        (OFF, False),
        ({**OFF, "verification__enforcement": "observe"}, False),
        ({**OFF, "verification__enforcement": "optional"}, True),
        ({**OFF, "verification__enforcement": "required"}, True),
        ({"verification__enforcement": "off"}, True),  # with SMS of its own
    ],
)
def test_a_hosts_faults_count_once_somebody_is_led_there(changes: dict[str, Any], led: bool) -> None:
    settings = stage("https://localhost:1", **changes)
    assert leads_people_there(settings) is led
    found = Findings(notices=["Before"])
    found.complain("It does not answer", "Deploy it")
    weighed(settings, found)
    assert len(found.complaints) == led
    assert found.notices == ["Before"] if led else ["Before", "It does not answer. Nobody is led there yet"]


def leads(status: int, location: str, asked: list[dict[str, str]] | None = None) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        if asked is not None:
            asked.append(dict(request.query))
        return web.Response(status=status, headers={"Location": location} if location else {})

    return handler


async def begun(handler: Handler) -> Findings:
    authority, found = trustme.CA(), Findings()
    async with scripted(authority, {"GET /authorize": handler}) as address, session(authority) as http:
        host = address.removeprefix("https://")
        await begin_login(http, host, "client-1", "https://app.example/callback", found)
    return found


async def test_a_login_that_leads_to_the_login_page_has_begun() -> None:
    asked: list[dict[str, str]] = []
    found = await begun(leads(302, "/u/login?state=abc", asked))
    assert (len(found.fine), found.complaints) == (1, [])
    (query,) = asked
    assert query["client_id"] == "client-1"
    assert query["redirect_uri"] == "https://app.example/callback"


@pytest.mark.parametrize(
    "handler",
    [
        leads(302, "https://app.example/callback?error=unauthorized_client&state=x"),
        leads(302, "/u/login?error=invalid_request"),
        leads(302, "https://elsewhere.example/u/login"),
        leads(400, ""),
        leads(200, ""),
        leads(503, ""),
    ],
)
async def test_any_other_answer_is_no_beginning(handler: Handler) -> None:
    found = await begun(handler)
    assert found.fine == []
    (complaint,) = found.complaints
    assert "does not begin" in complaint.what
    assert "SMOKE_CLIENT_ID" in complaint.mend


async def test_a_host_that_is_not_there_is_told() -> None:
    found = Findings()
    async with session(trustme.CA(), seconds=5) as http:
        await begin_login(http, "localhost:1", "client-1", "", found)
    (complaint,) = found.complaints
    assert "does not answer" in complaint.what
