"""The link's state and parameters: what nobody can make them do."""

import re
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import made
from .conftest import MakeSite, Site
from .phones import RIGHT
from .visitor import Visitor

pytestmark = pytest.mark.anyio


NAMES = [
    "redirect",
    "redirect_uri",
    "redirect_url",
    "redirectUri",
    "return",
    "returnTo",
    "return_to",
    "returnUrl",
    "next",
    "url",
    "uri",
    "target",
    "dest",
    "destination",
    "continue",
    "continue_uri",
    "continueUrl",
    "callback",
    "callback_url",
    "goto",
    "to",
    "out",
    "view",
    "host",
    "loginHost",
    "login_host",
    "domain",
    "site",
    "forward",
    "forward_url",
    "rurl",
    "ref",
    "referrer",
    "referer",
    "origin",
    "iss",
    "issuer",
    "aud",
    "client_id",
    "u",
    "r",
    "q",
    "go",
    "checkout_url",
    "service",
    "state_url",
    "success_url",
    "failure_url",
    "login_hint",
    "post_login_redirect",
    "ReturnUrl",
    "RelayState",
    "relay",
    "wreply",
    "back",
    "back_url",
    "backUrl",
    "jump",
    "link",
    "location",
    "file",
    "path",
    "page",
]
PAYLOADS = [
    "//evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "https://login.example.com@evil.example",
    "https://login.example.com.evil.example",
    "http://evil.example%2f@login.example.com",
    "javascript:alert(1)",
    "data:text/html,x",
    "\thttps://evil.example",
    "%0d%0aLocation:%20https://evil.example",
    "https://xn--80ak6aa92e.example",
    "evil.example",
    "1",
    "//0x7f.1/",
]


@pytest.mark.parametrize(
    ("stage", "request_", "status"),
    [("form", "form", 200), ("action", "action", 200), ("form", "action", 400), ("action", "form", 400)],
)
async def test_a_stage_takes_requests_of_its_own_flow_only(
    make_site: MakeSite, stage: str, request_: str, status: int
) -> None:
    assert (await make_site(flow=stage).visitor().open(flow=request_)).status == status


async def test_t13_no_parameter_names_another_host(site: Site) -> None:
    assert len(NAMES) >= 60
    query = urlencode({"phone_request": made.request_token(), "state": made.STATE})
    for number, name in enumerate(NAMES):
        for payload in PAYLOADS:
            visitor = site.visitor()
            answer = await visitor.send("GET", f"/verify?{query}&{name}={quote(payload, safe='%')}")
            assert answer.status == 303
            assert re.fullmatch(r"/verify/[A-Za-z0-9_-]{22}", answer.header("location"))
        await visitor.get(answer.header("location"))
        await visitor.press("give-up", True, **{name: PAYLOADS[number % len(PAYLOADS)]})
        action = visitor.page.form("/continue").action
        assert action == f"https://login.example.com/continue?state={made.STATE}"


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_t13_no_state_names_another_host(site: Site, payload: str) -> None:
    visitor = site.visitor()
    answer = await visitor.open(state=payload)
    if answer.status == 200:
        await visitor.press("give-up")
        action = visitor.page.form("/continue").action
        assert action == "https://login.example.com/continue?" + urlencode({"state": payload})
        assert visitor.result["state"] == payload


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(state=st.binary(min_size=0, max_size=60))
async def test_t14_a_state_of_any_bytes_travels_whole_or_not_at_all(site: Site, state: bytes) -> None:
    visitor = site.visitor()
    query = f"phone_request={made.request_token()}&state={quote(state)}"
    answer = await visitor.send("GET", f"/verify?{query}")
    assert not any("\r" in value or "\n" in value for _, value in answer.headers)
    printable = bool(state) and all(0x20 <= byte <= 0x7E for byte in state)
    assert answer.status == (303 if printable else 400)
    if printable:
        assert len(answer.all("location")) == 1
        await visitor.get(answer.header("location"))
        await visitor.press("give-up")
        assert [form.action for form in visitor.page.forms] == [
            "https://login.example.com/continue?" + urlencode({"state": state.decode()})
        ]
        assert visitor.result["state"] == state.decode()


@pytest.mark.parametrize(
    "query",
    [
        "state=a&state=b",
        "state=a&state=a",
        "state=",
        "state=%0d%0aSet-Cookie:x",
        "state=%00",
        "state=%e2%80%ae",
        "state=%ff",
        "state=" + "x" * 2049,
        "",
    ],
)
async def test_t14_a_state_that_will_not_do_is_refused(site: Site, query: str) -> None:
    visitor = site.visitor()
    answer = await visitor.get(f"/verify?phone_request={made.request_token()}&{query}")
    assert answer.status == 400
    assert visitor.cookies == {}


async def test_t14_a_token_given_twice_is_refused(visitor: Visitor) -> None:
    token = made.request_token()
    answer = await visitor.get(f"/verify?phone_request={token}&phone_request={token}&state=s")
    assert answer.status == 400


async def test_the_longest_state_and_subject_fit_into_a_cookie(site: Site) -> None:
    visitor = site.visitor()
    answer = await visitor.open(state="x" * 2048, sub="s" * 255, proven=made.OLD_MOBILE)
    assert answer.status == 200
    await visitor.press("send")
    await visitor.press("check", code=RIGHT)
    await visitor.press("number")
    await visitor.press("send", number="+49 1512 3456789 12345 67890 123")
    await visitor.press("send", number=made.OTHER_MOBILE)
    for name, value in visitor.cookies.items():
        assert len(name) + len(value) <= 4096
    await visitor.press("check", code=RIGHT)
    assert visitor.result["state"] == "x" * 2048


async def test_a_state_that_would_not_fit_is_refused_at_once(site: Site) -> None:
    visitor = site.visitor()
    assert (await visitor.open(state='"' * 2048)).status == 400
    assert site.logged("link_refused")[0]["reason"] == "size"


async def test_t49_no_parameter_changes_the_channel(site: Site) -> None:
    visitor = site.visitor()
    query = urlencode({"phone_request": made.request_token(), "state": made.STATE, "channel": "call"})
    await visitor.get(f"/verify?{query}")
    await visitor.press("send", channel="call", Channel="call")
    assert "texted" in visitor.page.said


async def test_nothing_of_the_link_is_logged(site: Site) -> None:
    token = made.request_token()
    await site.visitor().open(token)
    await site.visitor().open(token + "x")
    log = site.log.getvalue()
    assert [entry["event"] for entry in site.events] == ["opened", "link_refused"]
    assert token not in log
    assert made.STATE not in log
