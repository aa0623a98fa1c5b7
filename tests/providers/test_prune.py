"""Old deployments go, and never one that anybody reaches."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.testing import RunningSandbox

from .deploying import KIND, Site
from .engine_side import Properties, Provider

pytestmark = pytest.mark.anyio
Made = list[tuple[str, Properties]]


@pytest.fixture
async def made(site: Site) -> Made:
    """Three deployments, of which none is to be kept."""
    return [await site.deploy(word, keep=0) for word in ("first", "second", "third")]


@pytest.fixture
async def later(vercel: RunningSandbox) -> AsyncIterator[Provider]:
    """Another run, which has made nothing."""
    other = Provider()
    await other.configure(vercel.ready["vercel"]["api"])
    yield other
    await other.servicer.close()


def change(site: Site, **members: Any) -> None:
    """What Vercel shows of the project from now on."""
    store = site.vercel.sandbox.store
    store.put("vercel_projects", site.project, (store.get("vercel_projects", site.project) or {}) | members)


async def test_where_nothing_is_shown_in_production_nothing_is_deleted(
    site: Site, made: Made, later: Provider
) -> None:
    change(site, production=None)
    await later.delete(KIND, *made[0])
    assert site.ids == [id_ for id_, _ in made]
    (warning,) = later.told.warnings
    assert "no deployment in production, so no old one was deleted" in warning


async def test_what_a_domain_leads_to_stays(site: Site, made: Made, later: Provider) -> None:
    change(site, production=made[1][0])
    await later.delete(KIND, *made[0])
    assert site.ids == [made[1][0], made[2][0]]


async def test_what_this_run_made_stays_whatever_is_shown(site: Site, made: Made) -> None:
    change(site, production=made[0][0])
    store, newest = site.vercel.sandbox.store, made[2][0]
    store.put("vercel_deployments", newest, (store.get("vercel_deployments", newest) or {}) | {"alias": []})
    await site.provider.delete(KIND, *made[1])
    assert site.ids == [made[0][0], newest]


async def test_the_rest_goes(site: Site, made: Made, later: Provider) -> None:
    await later.delete(KIND, *made[0])
    assert site.ids == [made[2][0]]
    assert later.told.warnings == []
