"""One question to a host: the whole of its answer, by the environment's proxy, with nothing of ~/.netrc."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from ops import hosted_checks
from ops.asking import NoAnswerError, ask, proxy_to
from ops.findings import Findings
from tests.infra import stages

pytestmark = pytest.mark.anyio
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def host(handler: Handler) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/healthz"
    finally:
        await runner.cleanup()


def in_pieces(*pieces: bytes) -> Handler:
    """Each in a write of its own, after the reader has had the one before."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            for _ in range(20):  # turns of the loop, which is the reader's, too
                await asyncio.sleep(0)
        await response.write_eof()
        return response

    return answer


async def test_an_answer_in_several_writes_is_one_answer() -> None:
    halves = json.dumps({"status": "ok", "stage": "x" * 40_000}).encode()
    handler = in_pieces(halves[:10], halves[10:20_000], halves[20_000:])
    async with host(handler) as url, aiohttp.ClientSession() as session:
        answer = await ask(session, "GET", url)
    assert answer.document == json.loads(halves)


@pytest.mark.parametrize("pieces", [(b'{"a": 1}' + b" " * 70_000,), (b'{"a": 1}', *[b" " * 1000] * 200)])
async def test_an_answer_without_an_end_is_no_document(pieces: tuple[bytes, ...]) -> None:
    async with host(in_pieces(*pieces)) as url, aiohttp.ClientSession() as session:
        answer = await ask(session, "GET", url)
    assert (answer.status, answer.document) == (200, {})


async def test_what_netrc_holds_goes_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A default entry is for every host; beside a bearer of ours it would be an error."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password canary\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[str | None] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization"))
        return web.json_response({})

    async def checked(session: aiohttp.ClientSession, *_: object) -> Findings:
        await ask(session, "GET", url)
        await ask(session, "POST", url, json={}, headers={"Authorization": "Bearer ours"})
        return Findings()

    monkeypatch.setattr(hosted_checks, "checked", checked)
    async with host(answer) as url:
        await hosted_checks.check_host(stages.settings(), {})
    assert seen == [None, "Bearer ours"]


async def test_the_environments_proxy_is_asked_with_its_own_password(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str | None]] = []

    async def proxy(request: web.Request) -> web.StreamResponse:
        seen.append((request.host, request.headers.get("Proxy-Authorization")))
        return web.json_response({"by": "proxy"})

    async with host(proxy) as url, aiohttp.ClientSession() as session:
        monkeypatch.setenv("http_proxy", url.replace("http://", "http://me:pass@"))
        monkeypatch.setenv("no_proxy", "")
        answer = await ask(session, "GET", "http://phone.acme.example/healthz")
    assert answer.document == {"by": "proxy"}
    assert seen == [
        ("phone.acme.example", f"Basic {base64.b64encode(b'me:pass').decode()}"),
    ]


async def test_a_proxy_of_an_unknown_kind_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://me:canary@127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    async with aiohttp.ClientSession() as session:
        with pytest.raises(NoAnswerError) as told:
            await ask(session, "GET", "https://phone.acme.example/healthz")
    assert "canary" not in told.value.complaint.what + told.value.complaint.mend


@pytest.mark.parametrize(
    ("proxy", "bypass", "found"),
    [
        ("", "", None),
        ("http://proxy.acme.example:3128", "", "http://proxy.acme.example:3128"),
        ("proxy.acme.example:3128", "", "http://proxy.acme.example:3128"),
        ("http://proxy.acme.example:3128", "acme.example", None),
        ("http://proxy.acme.example:3128", "localhost", "http://proxy.acme.example:3128"),
        ("http://proxy.acme.example:3128", "*", None),
    ],
)
async def test_which_proxy(
    monkeypatch: pytest.MonkeyPatch, proxy: str, bypass: str, found: str | None
) -> None:
    for name in ("HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", proxy)
    monkeypatch.setenv("no_proxy", bypass)
    assert proxy_to("https://phone.acme.example/healthz") == found
