"""A sandbox's Vercel, and the provider as its client."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from ops.toolchain import Toolchain, ensure
from sandbox.testing import RunningSandbox
from tests.form.waiting import moment
from tests.toolchain.engine_room import EngineRoom

from .deploying import Site
from .engine_side import Provider
from .stack import Stack


@pytest.fixture(scope="package")
def running() -> Iterator[RunningSandbox]:
    with RunningSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def vercel(running: RunningSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RunningSandbox:
    """The sandbox with nothing deployed, and the environment of a provider that may use it."""
    running.reset()
    monkeypatch.setenv("SSL_CERT_FILE", str(running.ca))
    monkeypatch.setenv("VERCEL_TOKEN", running.ready["vercel"]["token"])
    monkeypatch.setenv("AUTH0_PHONE_BLOBS", str(tmp_path / "blobs"))
    return running


@pytest.fixture
async def provider(vercel: RunningSandbox) -> AsyncIterator[Provider]:
    """Configured for the sandbox."""
    made = Provider()
    await made.configure(vercel.ready["vercel"]["api"])
    yield made
    await made.servicer.close()
    # A connection that was dropped in the middle takes its leave by TLS.
    await moment(0.05)


@pytest.fixture
async def site(provider: Provider, vercel: RunningSandbox, tmp_path: Path) -> Site:
    id_, _ = await provider.create("VercelProject", {"name": "auth0-phone-dev", "region": ""})
    await provider.create("VercelDomain", {"projectId": id_, "domain": "form.localhost"})
    return Site(provider, vercel, tmp_path / "blobs", id_)


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return ensure(Console(stderr=True))


@pytest.fixture
def stack(toolchain: Toolchain, vercel: RunningSandbox, tmp_path: Path) -> Stack:
    """A stack `dev` with our four resources declared, and nothing deployed yet."""
    folder = tmp_path / "room"
    folder.mkdir()
    room = EngineRoom.at(folder, toolchain, tmp_path / "home")
    room.env["PULUMI_STACK"] = "dev"
    made = Stack.at(room, vercel)
    made.run("stack", "init", "dev")
    return made
