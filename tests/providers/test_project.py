"""A project at Vercel: made once, changed in place, found again, deleted."""

import pytest

from infra.providers.wire import UNKNOWN, Secret
from sandbox.faults import Fault
from sandbox.testing import RunningSandbox

from .engine_side import Provider, RefusedError

pytestmark = pytest.mark.anyio
KIND = "VercelProject"
INPUTS = {"name": "auth0-phone-dev", "region": "fra1"}
FIXED = {"framework": "python", "protection": "all_except_custom_domains"}


def projects(vercel: RunningSandbox) -> list[str]:
    return [doc["name"] for doc in vercel.sandbox.store.all("vercel_projects")]


async def test_a_project_lives_and_ends(provider: Provider, vercel: RunningSandbox) -> None:
    id_, state = await provider.create(KIND, INPUTS)
    assert id_.startswith("prj_")
    assert state == INPUTS | FIXED
    assert await provider.read(KIND, id_, state) == (id_, INPUTS, state)
    assert not (await provider.diff(KIND, id_, state, INPUTS)).detailedDiff

    renamed = {"name": "another", "region": "fra1"}
    change = await provider.diff(KIND, id_, state, renamed)
    assert list(change.detailedDiff) == ["name"]
    assert not change.replaces
    state = await provider.update(KIND, id_, state, renamed)
    assert projects(vercel) == ["another"]

    await provider.delete(KIND, id_, state)
    assert projects(vercel) == []
    assert (await provider.read(KIND, id_, state))[0] == ""
    await provider.delete(KIND, id_, state)


async def test_what_somebody_changed_by_hand_is_seen(provider: Provider, vercel: RunningSandbox) -> None:
    id_, state = await provider.create(KIND, INPUTS)
    doc = vercel.sandbox.store.get("vercel_projects", id_) or {}
    vercel.sandbox.store.put("vercel_projects", id_, doc | {"serverlessFunctionRegion": "iad1"})
    _, _, live = await provider.read(KIND, id_, state)
    change = await provider.diff(KIND, id_, live, INPUTS)
    assert list(change.detailedDiff) == ["region"]


@pytest.mark.parametrize(
    ("setting", "value", "shown"),
    [("framework", None, "framework"), ("ssoProtection", None, "protection")],
)
async def test_old_deployments_that_were_made_public_by_hand_are_drift(
    provider: Provider, vercel: RunningSandbox, setting: str, value: object, shown: str
) -> None:
    id_, state = await provider.create(KIND, INPUTS)
    store = vercel.sandbox.store
    made = store.get("vercel_projects", id_) or {}
    assert made["ssoProtection"] == {"deploymentType": "all_except_custom_domains"}
    store.put("vercel_projects", id_, made | {setting: value})
    _, _, live = await provider.read(KIND, id_, state)
    change = await provider.diff(KIND, id_, live, INPUTS)
    assert list(change.detailedDiff) == [shown]
    assert (await provider.update(KIND, id_, live, INPUTS, preview=True))[shown] == FIXED[shown]
    assert await provider.update(KIND, id_, live, INPUTS) == state
    assert (store.get("vercel_projects", id_) or {})[setting] == made[setting]


async def test_a_lost_answer_makes_no_second_project(provider: Provider, vercel: RunningSandbox) -> None:
    vercel.sandbox.faults.add(Fault("reset_after_apply", "*", "POST", "*/v11/projects"))
    id_, _ = await provider.create(KIND, INPUTS)
    assert [doc["id"] for doc in vercel.sandbox.store.all("vercel_projects")] == [id_]


async def test_a_lost_question_is_told(provider: Provider, vercel: RunningSandbox) -> None:
    vercel.sandbox.faults.add(Fault("reset", "*", "POST", "*/v11/projects"))
    with pytest.raises(RefusedError, match=r"create the project auth0-phone-dev.*Run `pulumi up` again"):
        await provider.create(KIND, INPUTS)
    assert projects(vercel) == []


async def test_an_empty_project_of_an_interrupted_up_is_taken_over(
    provider: Provider, vercel: RunningSandbox
) -> None:
    first, _ = await provider.create(KIND, {**INPUTS, "region": ""})
    again, _ = await provider.create(KIND, INPUTS)
    assert first == again
    doc = vercel.sandbox.store.get("vercel_projects", first) or {}
    assert doc["serverlessFunctionRegion"] == "fra1"
    (warning,) = provider.told.warnings
    assert f"an empty project auth0-phone-dev ({first}) already" in warning


@pytest.mark.parametrize("used_by", ["link", "deployment", "older", "variable", "domain"])
async def test_a_project_that_anybody_uses_is_left_alone(
    provider: Provider, vercel: RunningSandbox, used_by: str
) -> None:
    id_, _ = await provider.create(KIND, INPUTS)
    store, faults = vercel.sandbox.store, vercel.sandbox.faults
    before = store.get("vercel_projects", id_) or {}
    if used_by == "link":
        before |= {"link": {"type": "github", "repo": "theirs"}}
        store.put("vercel_projects", id_, before)
    elif used_by == "deployment":
        used = {"id": id_, "name": INPUTS["name"], "latestDeployments": [{"id": "dpl_1"}], "targets": {}}
        faults.add(Fault("status", "*", "GET", "*/v9/projects/*", status=200, body=used))
    elif used_by == "older":
        listed = {"deployments": [{"uid": "dpl_1"}], "pagination": {"next": None}}
        faults.add(Fault("status", "*", "GET", "*/v6/deployments", status=200, body=listed))
    elif used_by == "variable":
        variables = {"projectId": id_, "variables": {"THEIRS": Secret("1")}}
        await provider.create("VercelEnvironment", variables)
    else:
        await provider.create("VercelDomain", {"projectId": id_, "domain": "form.localhost"})
    with pytest.raises(RefusedError, match=f"pulumi import auth0-phone:index:VercelProject it {id_}"):
        await provider.create(KIND, {**INPUTS, "region": "iad1"})
    assert store.all("vercel_projects") == [before]
    assert provider.told.warnings == []


async def test_a_preview_asks_nobody(
    provider: Provider, vercel: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VERCEL_TOKEN")
    assert await provider.create(KIND, {**INPUTS, "name": UNKNOWN}, preview=True) == (
        "",
        {**INPUTS, **FIXED, "name": UNKNOWN},
    )
    assert projects(vercel) == []


@pytest.mark.parametrize(
    ("inputs", "path", "reason"),
    [
        ({"name": "Not-lower", "region": ""}, "name", "hosting.project"),
        ({"name": "a---b", "region": ""}, "name", "without '---'"),
        ({"name": "..", "region": ""}, "name", "letter or digit first"),
        ({"region": ""}, "name", "must be text"),
        ({"name": "a", "region": "Frankfurt"}, "region", "like fra1"),
        ({"name": "a", "region": "", "nmae": "b"}, "nmae", "not an input"),
    ],
)
async def test_bad_inputs_are_named(inputs: dict[str, str], path: str, reason: str) -> None:
    _, wrong = await Provider().check(KIND, inputs)
    assert list(wrong) == [path]
    assert reason in wrong[path]
