"""A running sandbox per process, fresh for each test, and one in memory."""

import json
from collections.abc import AsyncIterator, Iterator
from functools import cache

import pytest
import requests
from joserfc.jwk import RSAKey

from sandbox.actions import NodeRunner
from sandbox.context import Sandbox
from sandbox.keys import Keys
from sandbox.testing import RunningSandbox, memory_sandbox

from .api import Api
from .carriers_driver import Carriers
from .demo_driver import Person
from .handset_driver import Handset
from .kept import SharedSandbox
from .login_driver import create_user
from .passwordless_driver import App, Gateway
from .vercel_driver import Vercel
from .verify_client import Verify


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[RunningSandbox]:
    """The listeners, started once."""
    with SharedSandbox() as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def imported_keys() -> Iterator[None]:
    """Each RSA key is imported once: hundreds of sandboxes have the same, and checking it takes longest."""
    imported = cache(lambda key: RSAKey.import_key(json.loads(key)))

    def load(keys: Keys) -> RSAKey | None:
        stored = keys._store.get("keys", "signing")
        return imported(json.dumps(stored)) if stored else None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Keys, "_load", load)
        yield


@pytest.fixture
def running_sandbox(sandbox_process: RunningSandbox) -> RunningSandbox:
    """The listeners with a fresh tenant."""
    sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def sandbox() -> Sandbox:
    """A seeded sandbox in memory."""
    return memory_sandbox()


@pytest.fixture
def http(running_sandbox: RunningSandbox) -> Iterator[requests.Session]:
    """A client without credentials that trusts the sandbox's CA."""
    with running_sandbox.session() as session:
        yield session


@pytest.fixture
def api(running_sandbox: RunningSandbox) -> Iterator[Api]:
    """A client of the Management API with every scope."""
    with running_sandbox.session() as session:
        yield Api(session, running_sandbox.url, running_sandbox.token())


@pytest.fixture
def verify(running_sandbox: RunningSandbox) -> Verify:
    """A client of Twilio Verify with the account's key."""
    return Verify(running_sandbox)


@pytest.fixture
def vercel(running_sandbox: RunningSandbox) -> Iterator[Vercel]:
    """A client of Vercel with the account's token."""
    client = Vercel.of(running_sandbox)
    with client.session:
        yield client


@pytest.fixture
def handset(running_sandbox: RunningSandbox) -> Iterator[Handset]:
    handset = Handset(running_sandbox)
    with handset.http:
        yield handset


@pytest.fixture
def person(running_sandbox: RunningSandbox) -> Person:
    """Ada, who has an account, at the demo application."""
    create_user(running_sandbox.sandbox)
    return Person(running_sandbox)


@pytest.fixture
def carriers(running_sandbox: RunningSandbox, http: requests.Session) -> Carriers:
    """A client of the carriers."""
    return Carriers(running_sandbox, http)


@pytest.fixture(scope="module")
async def runner() -> AsyncIterator[NodeRunner]:
    """A Node process for Actions, without a sandbox around it."""
    runner = NodeRunner()
    yield runner
    await runner.close()


@pytest.fixture
def gateway(running_sandbox: RunningSandbox) -> Iterator[Gateway]:
    """A gateway with a certificate of the sandbox's authority."""
    tls = running_sandbox.ready["tls"]
    with Gateway(tls["cert"], tls["key"]) as gateway:
        yield gateway


@pytest.fixture
def app(running_sandbox: RunningSandbox, gateway: Gateway) -> App:
    """An application whose people log in by SMS, through the gateway."""
    return App(running_sandbox, gateway)
