"""What stands around every answer: headers, hosts, bodies, and errors that show nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from limits.aio.storage import MemoryStorage

from form import health, pages, routes, steps
from form.headers import HEADERS
from serving import bodies

from . import made
from .conftest import MakeSite, Site
from .phones import RIGHT
from .visitor import Answer, Visitor

pytestmark = pytest.mark.anyio

FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


async def every_answer(site: Site) -> dict[str, Answer]:
    visitor = site.visitor()
    query = f"/verify?phone_request={made.request_token()}&state=s"
    answers = {"303 to the page": await visitor.send("GET", query)}
    answers["200 ask"] = await visitor.get(answers["303 to the page"].header("location"))
    answers["303 after a button"] = await visitor.post(
        visitor.at + "/send", visitor.page.form("/send").fields
    )
    answers["200 code"] = await visitor.reload()
    answers["200 code, HEAD"] = await visitor.send("HEAD", visitor.at)
    answers["403"] = await visitor.post(visitor.at + "/send", {})
    answers["413"] = await visitor.send("POST", visitor.at + "/send", FORM, b"x" * 8193)
    answers["415"] = await visitor.send("POST", visitor.at + "/send", {}, b"x")
    answers["200 return"] = await visitor.press("check", code=RIGHT)
    answers["400 link"] = await visitor.send("GET", "/verify?phone_request=x&state=s")
    answers["400 host"] = await visitor.send("GET", "/healthz", {"host": "evil.example"})
    answers["404"] = await visitor.send("GET", "/nope")
    answers["404 transaction"] = await visitor.send("GET", "/verify/nope")
    answers["404 root"] = await visitor.send("GET", "/")
    answers["405"] = await visitor.send("PUT", "/verify")
    answers["410"] = await site.visitor().send("GET", "/verify/" + "A" * 22)
    answers["200 health"] = await visitor.send("GET", "/healthz")
    return answers


async def test_t16_t18_every_answer_has_every_header_once(site: Site) -> None:
    answers = await every_answer(site)
    assert {name.split()[0] for name in answers} >= {
        "200",
        "303",
        "400",
        "403",
        "404",
        "405",
        "410",
        "413",
        "415",
    }
    for name, answer in answers.items():
        assert str(answer.status) == name.split()[0].rstrip(",")
        for header, value in HEADERS.items():
            assert answer.all(header) == [value], (name, header)
        policy = answer.header("content-security-policy")
        assert policy.startswith(
            "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
        )
        assert "unsafe" not in policy
        assert ("form-action" not in policy) is (name == "200 return")


async def test_headers_are_those_that_the_house_decided_on() -> None:
    assert HEADERS["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    assert HEADERS["referrer-policy"] == "no-referrer"
    assert HEADERS["cache-control"] == "no-store"
    assert HEADERS["x-content-type-options"] == "nosniff"
    assert HEADERS["x-frame-options"] == "DENY"
    assert HEADERS["cross-origin-resource-policy"] == "same-origin"
    assert all(part.endswith("=()") for part in HEADERS["permissions-policy"].split(", "))


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "form.example.com.evil.example",
        "form.example.com:8443",
        "form.example.com@evil",
        "",
        "localhost",
        "127.0.0.1:8447",
        "form.example.com,evil.example",
        "[::1]",
    ],
)
async def test_only_the_public_host_is_answered(site: Site, host: str) -> None:
    visitor = site.visitor()
    answer = await visitor.send(
        "GET", f"/verify?phone_request={made.request_token()}&state=s", {"host": host}
    )
    assert answer.status == 400
    assert answer.all("set-cookie") == []


async def test_two_host_headers_are_refused(site: Site) -> None:
    answer = await site.visitor().send("GET", "/healthz", raw_headers=[(b"host", made.HOST.encode())])
    assert answer.status == 400


@pytest.mark.parametrize(
    "host", [made.HOST, "FORM.example.com", "localhost", "localhost:8447", "127.0.0.1:1", "[::1]:9"]
)
async def test_health_probes_may_come_by_the_machines_own_name(site: Site, host: str) -> None:
    answer = await site.visitor().send("GET", "/healthz", {"host": host})
    assert answer.status == 200
    assert answer.header("content-type") == "application/json"


async def test_health_says_which_contract_and_stage_are_running(site: Site) -> None:
    import json

    answer = await site.visitor().send("GET", "/healthz")
    assert json.loads(answer.body) == {
        "status": "ok",
        "contract": made.stage()["contract"],
        "stage": site.settings.stage_digest,
        "build": None,
    }


async def opened(site: Site) -> tuple[Visitor, str, dict[str, str]]:
    visitor = site.visitor()
    await visitor.open()
    form = visitor.page.form("/send")
    return visitor, form.action, form.fields


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (FORM, b"x" * 8192, 403),
        (FORM, b"x" * 8193, 413),
        ({**FORM, "content-length": "8193"}, b"x", 413),
        ({**FORM, "content-length": "99999999999999999999"}, b"x", 413),
        ({**FORM, "content-length": "-1"}, b"x", 413),
        ({**FORM, "content-encoding": "gzip"}, b"x", 415),
        ({**FORM, "content-encoding": "identity"}, b"x", 415),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x--", 415),
        ({"content-type": "application/json"}, b"{}", 415),
        ({"content-type": "text/plain"}, b"csrf=x", 415),
        ({}, b"csrf=x", 415),
        (FORM, b"&".join(b"f%d=1" % n for n in range(17)), 400),
        (FORM, b"&".join(b"f%d=1" % n for n in range(16)), 403),
        (FORM, b"csrf=a&csrf=b", 400),
        (FORM, b"csrf=%ff", 400),
        (FORM, b"csrf=\xc3\xa9", 400),
        (FORM, b"", 403),
    ],
)
async def test_t33_bodies_are_small_plain_and_unambiguous(
    site: Site, headers: dict[str, str], body: bytes, status: int
) -> None:
    visitor, action, _ = await opened(site)
    answer = await visitor.send("POST", action, headers, body)
    assert answer.status == status
    if status == 413:
        assert answer.header("connection") == "close"
    assert site.phones.sent == []


async def test_t33_a_body_without_a_length_is_counted_as_it_comes(site: Site) -> None:
    visitor, action, fields = await opened(site)
    assert (await visitor.send("POST", action, FORM, [b"x" * 1000] * 9)).status == 413
    halves = [b"csrf=" + fields["csrf"][:9].encode(), fields["csrf"][9:].encode()]
    assert (await visitor.send("POST", action, FORM, halves)).status == 303


def posting(path: str) -> dict[str, Any]:
    """The head of a form's POST, whose body is the test's affair."""
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", made.HOST.encode()), (b"content-type", FORM["content-type"].encode())],
        "client": ("127.0.0.1", 1),
    }


async def test_t34_a_body_that_trickles_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)
    _, action, _ = await opened(site)
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.Event().wait()

    async def collect(message: Any) -> None:
        sent.append(message)

    await site.app(posting(action), never, collect)
    assert sent[0]["status"] == 408


async def test_a_person_who_leaves_in_mid_body_does_no_harm(site: Site) -> None:
    _, action, _ = await opened(site)

    async def gone() -> Any:
        return {"type": "http.disconnect"}

    async def collect(message: Any) -> None:
        return None

    await site.app(posting(action), gone, collect)
    assert site.phones.sent == []
    assert site.logged("failed") == []


def exploding(*_: Any, **__: Any) -> Any:
    raise RuntimeError(f"secret detail in /srv/form/secret.py about {made.MOBILE}")


async def exploding_later(*_: Any, **__: Any) -> Any:
    exploding()


Sabotage = Callable[[pytest.MonkeyPatch], None]
SABOTAGES: dict[str, tuple[Sabotage, str, str]] = {
    "start": (lambda m: m.setattr(routes, "open_request", exploding), "GET", "/verify"),
    "page": (lambda m: m.setattr(pages.Pages, "step", exploding), "GET", ""),
    "send": (lambda m: m.setattr(steps, "_send", exploding_later), "POST", "/send"),
    "check": (lambda m: m.setattr(steps, "check", exploding_later), "POST", "/check"),
    "number": (lambda m: m.setattr(steps, "change_number", exploding), "POST", "/number"),
    "give-up": (lambda m: m.setattr(steps, "give_up", exploding), "POST", "/give-up"),
    "health": (lambda m: m.setattr(health, "JSONResponse", exploding), "GET", "/healthz"),
}


@pytest.mark.parametrize("name", SABOTAGES)
async def test_t55_a_fault_of_ours_shows_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    sabotage, method, path = SABOTAGES[name]
    visitor, _, fields = await opened(site)
    sabotage(monkeypatch)
    if method == "POST":
        answer = await visitor.post(visitor.at + path, fields)
    else:
        whole = f"/verify?phone_request={made.request_token()}&state=s" if path == "/verify" else path
        answer = await visitor.send("GET", whole or visitor.at)
    assert answer.status == 500
    assert "It's our fault" in answer.page.said
    for detail in ("Traceback", "RuntimeError", "secret", ".py", "starlette", "uvicorn", "python"):
        assert detail.lower() not in answer.text.lower()
    for header, value in HEADERS.items():
        assert answer.all(header) == [value]
    (failed,) = site.logged("failed")
    assert failed["error"] == "RuntimeError"
    assert "secret detail" not in site.log.getvalue()


async def test_t55_an_answer_says_nothing_about_its_makers(site: Site) -> None:
    for answer in (await every_answer(site)).values():
        assert answer.all("server") == answer.all("x-powered-by") == []
        assert not re.search(r"uvicorn|starlette|python|version", answer.text, re.IGNORECASE)


@pytest.mark.parametrize(
    "path", ["/docs", "/openapi.json", "/.env", "/static/", "/templates/ask.html", "/verify/", "//"]
)
async def test_t55_there_is_nothing_to_find(site: Site, path: str) -> None:
    assert (await site.visitor().send("GET", path)).status == 404


async def test_only_http_is_spoken(make_site: MakeSite) -> None:
    from form.app import Form

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def collect(message: Any) -> None:
        sent.append(message)

    site = make_site(store=MemoryStorage())
    await Form(lambda: site.settings)({"type": "websocket"}, receive, collect)
    assert sent == [{"type": "websocket.close", "code": 1000}]
    await site.app({"type": "websocket"}, receive, collect)
    assert len(sent) == 1
