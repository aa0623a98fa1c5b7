"""Credentials tried on tenants that fail, and on hosts that are none, over TLS."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from ops import credentials
from ops.credentials import Answer, Credentials
from ops.errors import OpsError
from ops.tenant import Tenant

from .hosts import Handler, says, scripted, session

pytestmark = pytest.mark.anyio
SECRET = {"AUTH0_CLIENT_ID": "x7Yc2Fq", "AUTH0_CLIENT_SECRET": "a-secret-value"}
TOKEN = {"AUTH0_API_TOKEN": "t.o.k"}
BINDINGS = "/api/v2/actions/triggers/post-login/bindings"
GRANTED = {"access_token": "a.b.c"}
HTML = "<html>Sign in to the network</html>"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """What this process trusts."""
    it = trustme.CA()
    it.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return it


async def tried(authority: trustme.CA, environment: dict[str, str], answers: dict[str, Handler]) -> Answer:
    async with scripted(authority, answers) as address:
        domain = address.removeprefix("https://")
        return await asyncio.to_thread(Credentials.of(environment).try_on, "dev", domain)


async def refused(authority: trustme.CA, environment: dict[str, str], answers: dict[str, Handler]) -> str:
    with pytest.raises(OpsError) as error:
        await tried(authority, environment, answers)
    said = f"{error.value.what}. {error.value.why} {error.value.mend}"
    for secret in ("a-secret-value", "t.o.k", "a.b.c"):
        assert secret not in said
    return said


def page(status: int) -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=HTML, content_type="text/html")

    return handler


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (says(400, {"error": "invalid_request"}), "does not let in the application x7Yc2Fq"),
        (says(401, {"error": "access_denied"}), "does not let in the application x7Yc2Fq"),
        (says(403, {"error": "unauthorized_client"}), "does not let in the application x7Yc2Fq"),
        (
            says(429, {"message": "Too many requests"}),
            "does not answer now. Asked for a token, it said: 429 Too",
        ),
        (page(500), "does not answer now. Asked for a token, it said: 500"),
        (says(503, {"message": "down"}), "does not answer now. Asked for a token, it said: 503 down"),
        (page(200), "does not answer as a tenant of Auth0 does"),
        (says(200, {"access_token": ["a"]}), "does not answer as a tenant of Auth0 does"),
        (says(200, {"access_token": ""}), "does not answer as a tenant of Auth0 does"),
        (page(404), "does not answer as a tenant of Auth0 does"),
        (says(302, {}), "does not answer as a tenant of Auth0 does"),
        (says(200, {"access_token": "a\nb"}), "does not answer. Invalid header value"),
    ],
)
async def test_only_a_refusal_is_one(authority: trustme.CA, answer: Handler, told: str) -> None:
    assert told in await refused(authority, SECRET, {"POST /oauth/token": answer})


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (says(401, {"message": "Bad audience"}), "does not let in the token in AUTH0_API_TOKEN"),
        (page(404), "does not answer as a tenant of Auth0 does"),
        (page(405), "does not answer as a tenant of Auth0 does"),
    ],
)
async def test_a_token_is_judged_by_the_question_alone(
    authority: trustme.CA, answer: Handler, told: str
) -> None:
    assert told in await refused(authority, TOKEN, {f"GET {BINDINGS}": answer})


@pytest.mark.parametrize("status", [200, 429, 500, 503])
async def test_a_tenant_that_lets_somebody_in_may_be_busy(authority: trustme.CA, status: int) -> None:
    answers = {"POST /oauth/token": says(200, GRANTED), f"GET {BINDINGS}": says(status, {})}
    assert (await tried(authority, SECRET, answers)).status == status


async def test_a_redirect_gets_no_credentials(authority: trustme.CA) -> None:
    seen: list[str | None] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization"))
        return web.json_response({})

    async def away(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    answers: dict[str, Handler] = {f"GET {BINDINGS}": away, "GET /elsewhere": elsewhere}
    assert "does not answer as a tenant of Auth0 does" in await refused(authority, TOKEN, answers)
    assert seen == []


@pytest.mark.parametrize("date", ["garbage", "Wed, 99 Foo 2026", ""])
async def test_a_date_that_is_none_is_no_skew(authority: trustme.CA, date: str) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({}, headers={"Date": date})

    assert (await tried(authority, TOKEN, {f"GET {BINDINGS}": answer})).skew == 0


@pytest.fixture
def junk(authority: trustme.CA) -> Iterator[tuple[str, list[bytes]]]:
    """A host that speaks TLS, and something else than HTTP: its name, and what it says."""

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    said: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with context.wrap_socket(server.accept()[0], server_side=True) as connection:
                connection.recv(65536)
                connection.sendall(said[0])

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"localhost:{server.getsockname()[1]}", said
        thread.join(10)


@pytest.mark.parametrize(
    "said",
    [
        b"junk\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"",
    ],
)
async def test_what_speaks_no_http_does_not_answer(junk: tuple[str, list[bytes]], said: bytes) -> None:
    domain, words = junk
    words.append(said)
    with pytest.raises(OpsError, match=f"The tenant {domain} does not answer") as error:
        await asyncio.to_thread(Credentials.of(TOKEN).try_on, "dev", domain)
    assert "t.o.k" not in error.value.why


@pytest.mark.parametrize("token", ["a\nb", "a.b.c\n", "a\rb", "\t"])
def test_a_token_with_a_line_break_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(OpsError, match="AUTH0_API_TOKEN cannot be used") as error:
        Credentials.of(SECRET | {"AUTH0_API_TOKEN": token})
    assert token not in error.value.what + error.value.why + error.value.mend


@pytest.mark.parametrize(
    ("name", "value", "refuses"),
    [
        ("AUTH0_AUDIENCE", "https://acme.eu.auth0.com/api/v2/", True),
        ("AUTH0_AUDIENCE", "false", True),
        ("AUTH0_AUDIENCE", "", False),
        ("AUTH0_CLI_LOGIN", "true", True),
        ("AUTH0_CLI_LOGIN", "1", True),
        ("AUTH0_CLI_LOGIN", "False", False),
        ("AUTH0_DYNAMIC_CREDENTIALS", "T", True),
        ("AUTH0_DYNAMIC_CREDENTIALS", "0", False),
    ],
)
def test_another_way_to_log_in_is_refused_by_name(name: str, value: str, refuses: bool) -> None:
    environment = SECRET | {name: value}
    if not refuses:
        assert Credentials.of(environment) == Credentials.of(SECRET)
        return
    with pytest.raises(OpsError, match=f"{name} is set") as error:
        Credentials.of(environment)
    assert f"unset {name}" in error.value.mend


@given(
    status=st.integers(100, 599), date=st.text(), body=st.binary(), nested=st.integers(0, 1) | st.just(10**5)
)
def test_no_answer_is_a_trace(status: int, date: str, body: bytes, nested: int) -> None:
    found = credentials._answer(status, date, b"[" * nested + body)
    assert found.status == status
    assert found.reason.isprintable()


async def test_the_commands_own_calls_use_the_same_credentials(authority: trustme.CA) -> None:
    """A token as it is; an application by the same grant, with a private key as with a secret."""
    grants: list[Any] = []
    bearers: list[str | None] = []

    async def grant(request: web.Request) -> web.StreamResponse:
        grants.append(await request.json())
        return web.json_response(GRANTED)

    async def delete(request: web.Request) -> web.StreamResponse:
        bearers.append(request.headers.get("Authorization"))
        return web.Response(status=204)

    async with scripted(
        authority, {"POST /oauth/token": grant, "DELETE /api/v2/users/auth0|1": delete}
    ) as address:
        domain = address.removeprefix("https://")
        async with session(authority) as client:
            await Tenant(client, domain, Credentials.of(TOKEN)).delete_user("auth0|1")
            await Tenant(client, domain, Credentials.of(SECRET)).delete_user("auth0|1")
    assert bearers == ["Bearer t.o.k", "Bearer a.b.c"]
    assert grants == [Credentials.of(SECRET).grant(domain)]
