"""From a deployment that is ready to one that people reach: Vercel's refusals, and another try."""

import pytest

from sandbox.faults import Fault

from .deploying import KIND, Site
from .engine_side import Properties, RefusedError

pytestmark = pytest.mark.anyio
PROJECT = "*/v9/projects/*"


async def without_addresses(site: Site) -> tuple[str, Properties]:
    """A deployment that Vercel could not give them."""
    site.vercel.sandbox.faults.add(Fault("alias_error", path="auth0-phone-dev"))
    with pytest.raises(RefusedError, match=r"addresses: The certificate could not be issued") as refused:
        await site.deploy("first")
    assert refused.value.kept is not None
    return refused.value.kept


async def test_an_address_that_vercel_could_not_give_is_tried_again(site: Site) -> None:
    id_, state = await without_addresses(site)
    done = await site.provider.update(KIND, id_, state, site.inputs("first"))
    assert done["production"] == id_ == site.production
    assert site.ids == [id_]


@pytest.mark.parametrize("status", ["failed", "skipped"])
async def test_a_promotion_that_ended_otherwise_is_not_waited_for(site: Site, status: str) -> None:
    id_, state = await without_addresses(site)
    request = {"toDeploymentId": id_, "jobStatus": status, "requestedAt": 1, "type": "promote"}
    shown = {"id": site.project, "name": "auth0-phone-dev", "targets": {}, "lastAliasRequest": request}
    site.vercel.sandbox.faults.add(
        Fault("status", "*", "GET", PROJECT, count=None, skip=1, status=200, body=shown)
    )
    with pytest.raises(RefusedError, match=f"addresses: the promotion {status}"):
        await site.provider.update(KIND, id_, state, site.inputs("first"))


async def test_an_earlier_promotion_that_failed_says_nothing_about_this_one(site: Site) -> None:
    id_, state = await without_addresses(site)
    store = site.vercel.sandbox.store
    failed = {"toDeploymentId": id_, "jobStatus": "failed", "requestedAt": 1, "type": "promote"}
    project = store.get("vercel_projects", site.project) or {}
    store.put("vercel_projects", site.project, project | {"lastAliasRequest": failed})
    done = await site.provider.update(KIND, id_, state, site.inputs("first"))
    assert done["production"] == id_


async def test_a_promotion_that_is_refused_because_it_is_done_is_done(site: Site) -> None:
    id_, state = await site.deploy("first")
    faults = site.vercel.sandbox.faults
    before = {"id": site.project, "name": "auth0-phone-dev", "targets": {}}
    faults.add(Fault("status", "*", "GET", PROJECT, status=200, body=before))
    body = {"error": {"code": "bad_request", "message": "not now"}}
    faults.add(Fault("status", "*", "POST", "*/promote/*", status=400, body=body))
    assert (await site.provider.update(KIND, id_, state, site.inputs("first")))["production"] == id_


async def test_a_promotion_that_is_refused_is_told(site: Site) -> None:
    id_, state = await without_addresses(site)
    body = {"error": {"code": "bad_request", "message": "not now"}}
    site.vercel.sandbox.faults.add(Fault("status", "*", "POST", "*/promote/*", status=400, body=body))
    with pytest.raises(RefusedError, match=f"put the deployment {id_} into production: not now"):
        await site.provider.update(KIND, id_, state, site.inputs("first"))


async def test_one_that_is_held_back_is_told_at_once_and_kept(site: Site) -> None:
    held = {"id": "dpl_1", "readyState": "BLOCKED", "inspectorUrl": "https://vercel.com/x"}
    site.vercel.sandbox.faults.add(Fault("status", "*", "GET", "*/v13/deployments/*", status=200, body=held))
    with pytest.raises(RefusedError, match=r"holds the deployment .* back.*https://vercel\.com/x") as refused:
        await site.deploy("first")
    assert refused.value.kept is not None
