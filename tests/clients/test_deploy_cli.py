"""auth0-deploy-cli carries a tenant to a fresh one: nothing is lost, and what is there is left alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.testing import RunningSandbox

from .deploy_cli import DeployCli, contents, documents
from .judge import http_client, judge
from .noted import note
from .populated import SECRETS, populate

# Minutes of a core: they run beside the journeys, not among the quick tests.
pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def full() -> Iterator[RunningSandbox]:
    """A tenant with one of everything."""
    with RunningSandbox() as running:
        without_demo(running)
        with http_client(running) as client:
            populate(judge(running, client))
        yield running


@pytest.fixture
def fresh(tenant: RunningSandbox) -> RunningSandbox:
    without_demo(tenant)
    return tenant


def without_demo(sandbox: RunningSandbox) -> None:
    """The demo application's addresses are each sandbox's own ports."""
    demo = sandbox.ready["demo_client"]["client_id"]
    sandbox.sandbox.store.delete("clients", demo)


def exported(tool: DeployCli) -> tuple[Path, Path]:
    """The tenant as YAML and as a directory, asked for at the same time: the tool spends it waiting."""
    with ThreadPoolExecutor() as both:
        yaml, directory = both.map(tool.export, ["yaml", "directory"])
    return yaml, directory


def test_a_tenant_comes_through_unchanged_and_a_second_import_changes_nothing(
    full: RunningSandbox, fresh: RunningSandbox, tmp_path: Path
) -> None:
    there, here = DeployCli(full, tmp_path / "there"), DeployCli(fresh, tmp_path / "here", **SECRETS)
    yaml, directory = exported(there)
    assert here.load(yaml)
    found = exported(here)
    assert contents(found[0]) == contents(yaml)
    assert contents(found[1]) == contents(directory)
    before = documents(fresh)
    again = here.load(directory)
    assert documents(fresh) == before
    # It writes everything each time; anew are only versions of code and a role's permissions.
    anew = ("/deploy", "/versions", "/permissions")
    assert [call for call in again if not call.startswith(("PATCH", "PUT")) and not call.endswith(anew)] == []
    note("auth0-deploy-cli", fresh)
