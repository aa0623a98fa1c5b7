"""What answers in Vercel's place: never taken for a success, nor for an absence, nor followed."""

from typing import Any

import pytest

from infra.providers import addresses
from infra.providers.errors import ProviderError
from infra.providers.wire import Secret
from sandbox.faults import Fault
from sandbox.testing import RunningSandbox

from .engine_side import Properties, Provider, RefusedError

pytestmark = pytest.mark.anyio
PROJECT = {"name": "auth0-phone-dev", "region": ""}
STRANGERS = [
    pytest.param(302, {}, id="a sign-in elsewhere"),
    pytest.param(200, "<html>Please sign in</html>", id="a page"),
    pytest.param(200, [], id="another kind of JSON"),
    pytest.param(404, "no such page", id="an absence of its own"),
    pytest.param(403, {"message": "blocked"}, id="a refusal of its own"),
]
TOLD = "Something else than Vercel answers at"


@pytest.fixture
async def made(provider: Provider) -> dict[str, tuple[str, Properties]]:
    """One of each kind that needs no build."""
    project = await provider.create("VercelProject", PROJECT)
    inputs = {"projectId": project[0], "variables": {"A": Secret("1")}}
    domain = {"projectId": project[0], "domain": "form.localhost"}
    return {
        "VercelProject": project,
        "VercelDomain": await provider.create("VercelDomain", domain),
        "VercelEnvironment": await provider.create("VercelEnvironment", inputs),
    }


def state_of(vercel: RunningSandbox) -> list[Any]:
    kinds = ("vercel_projects", "vercel_domains", "vercel_variables")
    return [vercel.sandbox.store.all(kind) for kind in kinds]


@pytest.mark.parametrize(("status", "body"), STRANGERS)
@pytest.mark.parametrize("kind", ["VercelProject", "VercelDomain", "VercelEnvironment"])
async def test_nothing_is_gone_or_done(
    provider: Provider, vercel: RunningSandbox, made: dict[str, Any], kind: str, status: int, body: Any
) -> None:
    id_, state = made[kind]
    before = state_of(vercel)
    elsewhere = {"location": f"{vercel.ready['vercel']['api']}/v9/projects/{made['VercelProject'][0]}"}
    answer = Fault("status", "*", "*", "*", None, status=status, body=body, headers=elsewhere)
    vercel.sandbox.faults.add(answer)
    with pytest.raises(RefusedError, match=TOLD):
        await provider.read(kind, id_, state)
    with pytest.raises(RefusedError, match=TOLD):
        await provider.delete(kind, id_, state)
    changed = {"region": "fra1", "variables": {"A": Secret("2")}}
    with pytest.raises(RefusedError, match=TOLD):
        await provider.update(kind, id_, state, state | changed)
    vercel.sandbox.faults.clear()
    assert state_of(vercel) == before


@pytest.mark.parametrize(("status", "body"), STRANGERS)
async def test_nothing_is_made(provider: Provider, vercel: RunningSandbox, status: int, body: Any) -> None:
    vercel.sandbox.faults.add(
        Fault("status", "*", "POST", "*/v11/projects", status=status, body=body, headers={"location": "/"})
    )
    with pytest.raises(RefusedError, match=f"{TOLD}.*create the project auth0-phone-dev: {status}"):
        await provider.create("VercelProject", PROJECT)


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_no_id_leads_to_another_endpoint(part: str) -> None:
    with pytest.raises(ProviderError, match="neither an id nor a name"):
        addresses.path("v9", "projects", part)
    assert addresses.path("v9", "a/b?c") == "/v9/a%2Fb%3Fc"
