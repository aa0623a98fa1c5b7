"""For tests: a sandbox in memory, and one that listens, in a thread of its own."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import requests

from . import seed
from .context import Addresses, Sandbox
from .ids import Ids
from .server import Options, Running, create_sandbox, running
from .store import Store

T = TypeVar("T")
_START_SECONDS = 30.0
_ADDRESSES = Addresses(
    auth0="localhost:8443",
    twilio="https://localhost:8444",
    handset="https://handset.localhost:8445",
    app="https://app.localhost:8446",
    service="https://form.localhost:8447",
)


def memory_sandbox(
    *, seeded: bool = True, addresses: Addresses = _ADDRESSES, ids: Ids | None = None
) -> Sandbox:
    """A sandbox that is nowhere but in memory and has no runner."""
    sandbox = create_sandbox(Store(None), addresses, ids)
    if seeded:
        seed.seed(sandbox)
    return sandbox


class RunningSandbox:
    """The real listeners on free ports, in a background thread; use as a context manager.

    `sandbox` is the live object: its store, clock and switches may be used from the test's thread.
    With a `seed` the identifiers that a test makes are the same in every run; with a `clock` (Unix seconds)
    time stands still there and moves by `sandbox.clock.advance` alone.
    """

    sandbox: Sandbox
    ready: dict[str, Any]

    def __init__(
        self, data: Path | None = None, *, seed: int | None = None, clock: float | None = None
    ) -> None:
        self._seed, self._clock = seed, clock
        self._own = data is None
        self._data = data or Path(tempfile.mkdtemp(prefix="sandbox-"))
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._stop: Callable[[], None] = lambda: None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._started.wait(_START_SECONDS):
            raise TimeoutError("the sandbox did not become ready")
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._thread.join(_START_SECONDS)
        if self._own:
            shutil.rmtree(self._data, ignore_errors=True)

    @property
    def addresses(self) -> Addresses:
        return self.sandbox.addresses

    @property
    def ca(self) -> Path:
        """The PEM file to trust."""
        return Path(self.ready["ca"])

    @property
    def url(self) -> str:
        """The tenant's base URL."""
        return f"https://{self.addresses.auth0}"

    def session(self) -> requests.Session:
        """A client that trusts the sandbox and nothing of the environment."""
        session = requests.Session()
        session.verify = str(self.ca)
        session.trust_env = False
        return session

    def reset(self) -> None:
        """A fresh tenant with the same credentials."""
        self.call(self._reset)

    async def _reset(self) -> None:
        seed.reset(self.sandbox)
        await self.sandbox.vercel.settle()

    def call(self, make: Callable[[], Awaitable[T]]) -> T:
        """Run a coroutine on the sandbox's own loop and wait for its result."""

        async def run() -> T:
            return await make()

        if self._loop is None:
            raise RuntimeError("the sandbox is not running")
        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(_START_SECONDS)

    def token(self, *scopes: str, **claims: Any) -> str:
        """A Management API token; without scopes, of everything the API offers."""
        return mint(self.sandbox, *scopes, **claims)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            # Handed over to the thread that waits for the start.
            self._failure = error
            self._started.set()

    async def _serve(self) -> None:
        stop = asyncio.Event()
        loop = self._loop = asyncio.get_running_loop()

        def end() -> None:
            loop.call_soon_threadsafe(stop.set)

        self._stop = end
        async with running(Options(self._data, port=0, seed=self._seed, clock=self._clock)) as up:
            self._take(up)
            self._started.set()
            await stop.wait()

    def _take(self, up: Running) -> None:
        self.sandbox = up.sandbox
        self.ready = up.ready()


def mint(sandbox: Sandbox, *scopes: str, **claims: Any) -> str:
    """An access token for the Management API, as /oauth/token would issue it to the deployment client."""
    client = sandbox.store.get("seed", "m2m_client") or {}
    now = int(sandbox.clock.now())
    granted = scopes or tuple(sandbox.store.all("client_grants")[0]["scope"])
    return sandbox.keys.sign(
        {
            "iss": sandbox.addresses.issuer,
            "sub": f"{client['client_id']}@clients",
            "aud": sandbox.addresses.management_audience,
            "iat": now,
            "exp": now + 86400,
            "scope": " ".join(granted),
            "gty": "client-credentials",
            "azp": client["client_id"],
            **claims,
        },
        typ="at+jwt",
    )
