"""The real Auth0 plugin deploys, reads, changes, adopts and removes every resource in scope."""

from collections.abc import Callable

import pytest

from tests.clients.noted import note
from tests.plugin.tenancy import Tenancy

pytestmark = pytest.mark.engine

# The API never tells a certificate back, and the plugin replaces what it can't compare.
_UNREADABLE = {"by-certificate-credentials"}
MODULES = ("applications", "people", "looks", "safety", "extensions")


@pytest.mark.parametrize("module", MODULES)
def test_life_of_a_resource(tenancy: Callable[[str], Tenancy], module: str) -> None:
    stack = tenancy(module)
    before = stack.documents()

    created = stack.up()
    assert set(created) == {"create"}
    assert len(created["create"]) == len(stack.resources())
    assert stack.up() == {}
    assert stack.refresh() == {}

    stack.later()
    changed = stack.up()
    assert set(changed) == {"update"}
    assert stack.up() == {}
    assert stack.refresh() == {}

    adopted = stack.adopt()
    assert set(adopted) <= {"update", "replace"}
    assert adopted.get("replace", set()) <= _UNREADABLE

    stack.destroy()
    note("pulumi-auth0", stack.tenant)
    assert stack.resources() == []
    assert stack.documents() == before
