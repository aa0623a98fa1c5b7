"""A deployment: uploaded, built, in production, answering; never asked for twice, and kept for a rollback."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from infra.providers import upload
from infra.providers.wire import UNKNOWN
from sandbox.faults import Fault
from tests.form.waiting import eventually

from . import service
from .deploying import KIND, Site
from .engine_side import Provider, RefusedError

pytestmark = pytest.mark.anyio


async def test_it_is_in_production_and_says_its_build(site: Site) -> None:
    id_, state = await site.deploy("first")
    assert state["deploymentId"] == state["production"] == id_ == site.production
    assert state["url"].startswith("https://auth0-phone-dev-")
    plan = (await site.provider.create(KIND, site.inputs("first"), preview=True))[1]
    assert plan["build"] == state["build"]
    assert plan["url"] is UNKNOWN
    assert any("building" in line for line in site.provider.told.lines)


async def test_the_build_depends_on_files_and_revision_alone(site: Site) -> None:
    async def build(**other: Any) -> str:
        return str((await site.provider.create(KIND, site.inputs("w", **other), preview=True))[1]["build"])

    assert await build() == await build(keep=3)
    assert await build() != await build(environmentRevision="r2")


async def test_only_what_vercel_lacks_is_sent(site: Site) -> None:
    await site.deploy("a word that no other test has")
    site.provider.told.lines.clear()
    await site.deploy("a word that no other test has", environmentRevision="r2")
    sent = [line for line in site.provider.told.lines if "uploading" in line]
    # Nothing but the build's own name is new.
    assert sent == ["uploading files: 1 of 1"]


async def test_other_files_replace_it_and_are_named(site: Site) -> None:
    id_, state = await site.deploy("first")
    change = await site.provider.diff(KIND, id_, state, site.inputs("second"))
    assert set(change.detailedDiff) == {'files["asgi.py"]', 'files["texts/a word.txt"]'}
    assert list(change.replaces) == ["files"]
    assert not change.deleteBeforeReplace
    revision = await site.provider.diff(KIND, id_, state, site.inputs("first", environmentRevision=UNKNOWN))
    assert list(revision.replaces) == ["environmentRevision"]
    assert not (await site.provider.diff(KIND, id_, state, site.inputs("first", keep=3))).replaces


async def test_old_ones_are_kept_and_pruned(site: Site) -> None:
    made = [await site.deploy(word) for word in ("first", "second", "third")]
    await site.provider.delete(KIND, *made[1])
    assert site.ids == [made[1][0], made[2][0]]
    id_, state = made[2]
    await site.provider.update(KIND, id_, state, site.inputs("third", keep=0))
    assert site.ids == [id_]
    await site.provider.delete(KIND, id_, state)
    assert site.production == id_


async def test_a_lost_answer_starts_no_second_one(site: Site) -> None:
    site.vercel.sandbox.faults.add(Fault("reset_after_apply", "*", "POST", "*/v13/deployments", skip=1))
    id_, _ = await site.deploy("first")
    assert site.ids == [id_]


async def test_a_lost_question_is_asked_again(site: Site) -> None:
    site.vercel.sandbox.faults.add(Fault("reset", "*", "POST", "*/v13/deployments"))
    id_, _ = await site.deploy("first")
    assert site.ids == [id_]


async def test_going_back_takes_what_was_kept(site: Site) -> None:
    first, _ = await site.deploy("first")
    await site.deploy("second")
    again, _ = await site.deploy("first")
    assert again == first == site.production
    assert len(site.ids) == 2


async def test_what_cannot_be_built_says_why_and_leaves_the_old_one(site: Site) -> None:
    good, _ = await site.deploy("first")
    with pytest.raises(RefusedError, match="nothing_of_this_name") as refused:
        await site.deploy("broken")
    assert refused.value.kept is None
    assert "What was in production still is" in str(refused.value)
    assert site.production == good


async def test_one_that_takes_too_long_is_kept_and_waited_for_again(site: Site) -> None:
    site.vercel.sandbox.faults.add(Fault("never_ready", path="auth0-phone-dev"))
    inputs = site.inputs("first")
    with pytest.raises(RefusedError, match="it goes on waiting for the same one") as refused:
        await site.provider.create(KIND, inputs, seconds=1)
    assert refused.value.kept is not None
    id_, state = refused.value.kept
    assert site.ids == [id_]
    assert state["files"] == inputs["files"]


@pytest.mark.parametrize("stops_at", ["reading", "health"])
async def test_stopping_keeps_what_was_asked_for(site: Site, stops_at: str) -> None:
    inputs = site.inputs("first")
    if stops_at == "reading":
        slow = Fault("latency", "*", "GET", "*/v13/deployments/*", count=None, seconds=60)
        site.vercel.sandbox.faults.add(slow)
    else:
        inputs["healthUrl"] = "http://127.0.0.1:9/healthz"
    creating = asyncio.ensure_future(site.provider.create(KIND, inputs))
    await eventually(lambda: bool(site.ids))
    if stops_at == "health":
        await eventually(lambda: any("in production" in line for line in site.provider.told.lines))
    await site.provider.cancel()
    with pytest.raises(RefusedError, match="Stopped before it was done") as refused:
        await asyncio.wait_for(creating, 3)
    site.vercel.sandbox.faults.clear()
    assert refused.value.kept is not None
    id_, state = refused.value.kept
    assert site.ids == [id_]
    other = Provider()
    await other.configure(site.vercel.ready["vercel"]["api"])
    done = await other.update(KIND, id_, state, site.inputs("first"))
    assert done["production"] == id_
    await other.servicer.close()


async def test_another_build_at_the_address_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.providers.rollout._HEALTH_SECONDS", 0.1)
    first, state = await site.deploy("first")
    monkeypatch.setattr("infra.providers.upload.bodies", _with_another_build)
    with pytest.raises(RefusedError, match="another build answers there, made-up") as refused:
        await site.deploy("second")
    assert refused.value.kept is not None
    nowhere = site.inputs("first", healthUrl="http://127.0.0.1:9/healthz")
    with pytest.raises(RefusedError, match=r"127\.0\.0\.1:9.*it cannot be reached"):
        await site.provider.update(KIND, first, state, nowhere)
    elsewhere = site.inputs("first", healthUrl=f"{site.vercel.ready['vercel']['api']}/healthz")
    with pytest.raises(RefusedError, match="it answers 501"):
        await site.provider.update(KIND, first, state, elsewhere)


def _with_another_build(files: dict[str, str], build: str) -> list[upload.File]:
    bodies = service.files("second") | {"build.json": b'{"build": "made-up"}'}
    return [
        upload.File(path, body, hashlib.sha1(body, usedforsecurity=False).hexdigest())
        for path, body in bodies.items()
    ]


async def test_one_that_is_gone_is_read_as_gone(site: Site) -> None:
    id_, state = await site.deploy("first")
    found, _, seen = await site.provider.read(KIND, id_, state)
    assert (found, seen) == (id_, state)
    site.vercel.sandbox.store.delete("vercel_deployments", id_)
    assert (await site.provider.read(KIND, id_, state))[0] == ""
    with pytest.raises(RefusedError) as refused:
        await site.provider.update(KIND, id_, state, site.inputs("first", keep=2))
    assert refused.value.kept is not None
    change = await site.provider.diff(KIND, id_, refused.value.kept[1], site.inputs("first"))
    assert list(change.replaces) == ["environmentRevision"]


async def test_an_import_is_refused(provider: Provider) -> None:
    with pytest.raises(RefusedError, match="import the project"):
        await provider.read(KIND, "dpl_1", {})


async def test_a_project_that_is_gone_is_told_with_the_commands(provider: Provider, tmp_path: Path) -> None:
    inputs = {
        "projectId": "prj_gone",
        "files": service.publish(service.files("a"), tmp_path / "blobs"),
        "environmentRevision": "r1",
        "healthUrl": "https://localhost/healthz",
        "keep": 1,
    }
    with pytest.raises(RefusedError, match="no project prj_gone any more") as refused:
        await provider.create(KIND, inputs)
    assert "pulumi refresh" in str(refused.value)


async def test_a_body_that_is_lost_or_damaged_is_told(site: Site) -> None:
    inputs = site.inputs("first")
    body = site.blobs / inputs["files"]["asgi.py"]
    body.write_text("another text")
    with pytest.raises(RefusedError, match=r"the body of asgi.py, is damaged"):
        await site.provider.create(KIND, inputs)
    body.unlink()
    with pytest.raises(RefusedError, match=r"The body of asgi.py is not in"):
        await site.provider.create(KIND, inputs)
    assert site.ids == []


async def test_an_upload_ends_as_soon_as_a_person_stops(site: Site) -> None:
    slow = Fault("latency", "*", "POST", "*/v2/files", count=None, seconds=60)
    site.vercel.sandbox.faults.add(slow)
    creating = asyncio.ensure_future(site.deploy("a word of which Vercel has no file"))
    await eventually(lambda: slow.hits > 0)
    await site.provider.cancel()
    with pytest.raises(RefusedError, match="Stopped before it was done"):
        await asyncio.wait_for(creating, 3)
    site.vercel.sandbox.faults.clear()


async def test_a_deployment_without_its_project_is_gone(site: Site) -> None:
    id_, state = await site.deploy("first")
    site.vercel.sandbox.store.delete("vercel_projects", site.project)
    assert (await site.provider.read(KIND, id_, state))[0] == ""
