"""The sandbox under load: tokens and whole logins a second, reset, start and memory; beside a peer's."""

import asyncio
import base64
import hashlib
import json
import os
import secrets
import ssl
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import psutil
from yarl import URL

from .measure import Row, median

_ROOT = Path(__file__).resolve().parent.parent
_SECONDS = 3.0
_AT_ONCE = 8
_RESETS = 20
_TYPED = "Correct-Horse-7"
_NOTHING = "exports.onExecutePostLogin = async (event, api) => {};"
_TRIGGER = "/actions/triggers/post-login/bindings"

Job = Callable[[aiohttp.ClientSession], Awaitable[None]]


@dataclass(frozen=True)
class Started:
    """A sandbox that answers: how many seconds that took, what its ready file says, its process."""

    seconds: float
    ready: dict[str, Any]
    process: psutil.Popen

    @property
    def url(self) -> str:
        return f"https://{self.ready['auth0']['domain']}"

    @property
    def ca(self) -> Path:
        return Path(self.ready["ca"])

    def grant(self) -> dict[str, str]:
        auth0 = self.ready["auth0"]
        return client_credentials(self.url, auth0["client_id"], auth0["client_secret"])

    def megabytes(self) -> float:
        """Of the process and of the Node process that it runs Actions in."""
        family = [self.process, *self.process.children(recursive=True)]
        return float(sum(each.memory_full_info().pss for each in family) / 2**20)


@contextmanager
def started() -> Iterator[Started]:
    """A sandbox on empty data and free ports."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        words = ["-m", "sandbox", "--port", "0", "--data", f"{folder}/data", "--ready-file", str(ready)]
        began = time.perf_counter()
        process = psutil.Popen([sys.executable, *words], cwd=_ROOT, stdout=-3, stderr=-3)
        try:
            while not ready.exists() and process.is_running() and time.perf_counter() - began < 20:
                os.sched_yield()
            taken = time.perf_counter() - began
            yield Started(taken, json.loads(ready.read_text()), process)
        finally:
            process.terminate()
            process.wait(10)


def ready_seconds() -> float:
    """From the command to the ready file, on empty data."""
    with started() as it:
        return it.seconds


@dataclass(frozen=True)
class Peer:
    """What another one takes: seconds to start, MB; and how many tokens it issues a second."""

    start: float | None = None
    memory: float | None = None
    tokens: float | None = None


def sandbox_rows(other: Peer | None) -> Iterator[Row]:
    """The sandbox's figures beside a peer's."""
    name, peer = "simulator", other or Peer()
    yield Row("sandbox ready, empty data", median(5, ready_seconds), "s", 0.8, peer.start, name)
    with started() as it:
        rate = tokens_a_second(it.url, it.ca, it.grant())
        yield Row("client_credentials at /oauth/token", rate, "/s", 400, peer.tokens, name, more=True)
        yield Row("reset of a tenant", asyncio.run(_resets(it)), "ms", 50)
        logins = asyncio.run(_logins(it))
        yield Row("whole logins, an Action that does nothing", logins, "/s", 200, more=True)
        yield Row("sandbox with its Node process, after them", it.megabytes(), "MB", 120, peer.memory, name)


def tokens_a_second(url: str, ca: Path, grant: Mapping[str, str]) -> float:
    """How many tokens a tenant issues, asked over eight connections."""

    async def one(session: aiohttp.ClientSession) -> None:
        async with session.post(f"{url}/oauth/token", json=grant) as answer:
            answer.raise_for_status()
            await answer.read()

    async def run() -> float:
        return await _a_second(ca, lambda _: one)

    return asyncio.run(run())


async def _a_second(ca: Path, job: Callable[[int], Job]) -> float:
    """How often jobs are done, eight at a time, each over a connection and with cookies of its own."""
    context = ssl.create_default_context(cafile=str(ca))

    async def worker(number: int, ends: float) -> int:
        once, done = job(number), 0
        async with _session(context) as session:
            while time.perf_counter() < ends:
                await once(session)
                done += 1
        return done

    await asyncio.gather(*(worker(number, time.perf_counter() + 0.5) for number in range(_AT_ONCE)))
    began = time.perf_counter()
    done = await asyncio.gather(*(worker(number, began + _SECONDS) for number in range(_AT_ONCE)))
    return sum(done) / (time.perf_counter() - began)


def _session(context: ssl.SSLContext) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), trust_env=False)


async def _resets(it: Started) -> float:
    """The median of some resets, in milliseconds."""
    taken = []
    async with _session(ssl.create_default_context(cafile=str(it.ca))) as session:
        for _ in range(_RESETS):
            began = time.perf_counter()
            async with session.post(f"{it.url}/_sandbox/reset") as answer:
                answer.raise_for_status()
            taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)[_RESETS // 2]


async def _logins(it: Started) -> float:
    """Whole logins a second: /authorize, the page, the password, /authorize/resume, the code's tokens."""
    people = [f"bench-{number}@example.com" for number in range(_AT_ONCE)]
    async with _session(ssl.create_default_context(cafile=str(it.ca))) as session:
        await _prepare(it, session, people)
    return await _a_second(it.ca, lambda number: lambda session: _login(it, session, people[number]))


async def _prepare(it: Started, session: aiohttp.ClientSession, people: list[str]) -> None:
    """The people, and an Action that is bound."""
    async with session.post(f"{it.url}/oauth/token", json=it.grant()) as answer:
        bearer = {"Authorization": f"Bearer {(await answer.json())['access_token']}"}

    async def asked(method: str, path: str, body: Any = None) -> Any:
        async with session.request(method, f"{it.url}/api/v2{path}", json=body, headers=bearer) as answer:
            answer.raise_for_status()
            return await answer.json()

    for email in people:
        person = {"connection": "Username-Password-Authentication", "email": email, "password": _TYPED}
        await asked("POST", "/users", person)
    trigger = {"id": "post-login", "version": "v3"}
    body = {"name": "nothing", "supported_triggers": [trigger], "code": _NOTHING}
    made = (await asked("POST", "/actions/actions", body))["id"]
    while (await asked("GET", f"/actions/actions/{made}"))["status"] != "built":
        continue
    await asked("POST", f"/actions/actions/{made}/deploy")
    ref = {"ref": {"type": "action_id", "value": made}, "display_name": "nothing"}
    await asked("PATCH", _TRIGGER, {"bindings": [ref]})


async def _login(it: Started, session: aiohttp.ClientSession, email: str) -> None:
    client, callback = it.ready["demo_client"], f"{it.ready['app']}/callback"
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    session.cookie_jar.clear()
    asked = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": callback,
        "scope": "openid profile email",
        "state": "s",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    page = await _sent_on(session, "GET", URL(f"{it.url}/authorize").with_query(asked))
    async with session.get(page) as answer:
        answer.raise_for_status()
        await answer.read()
    typed = {"state": page.query["state"], "username": email, "password": _TYPED}
    after = await _sent_on(session, "POST", page, data=typed)
    while not str(after).startswith(callback):
        after = await _sent_on(session, "GET", after)
    grant = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(str(after)).query)["code"][0],
        "redirect_uri": callback,
        "code_verifier": verifier,
        **client,
    }
    async with session.post(f"{it.url}/oauth/token", json=grant) as answer:
        answer.raise_for_status()
        await answer.read()


async def _sent_on(session: aiohttp.ClientSession, method: str, url: URL, **body: Any) -> URL:
    """Where a request's answer redirects to."""
    async with session.request(method, url, allow_redirects=False, **body) as answer:
        if answer.status != 302 and answer.status != 303:
            raise RuntimeError(f"{url.path} answers {answer.status}: {(await answer.text())[:300]}")
        return url.join(URL(answer.headers["location"]))


def client_credentials(base: str, client_id: str, client_secret: str) -> dict[str, str]:
    """The body that asks for a token of the Management API."""
    return {
        "grant_type": "client_credentials",
        "audience": f"{base}/api/v2/",
        "client_id": client_id,
        "client_secret": client_secret,
    }
