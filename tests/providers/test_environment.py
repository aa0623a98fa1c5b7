"""The variables of a project: written, never read back, and what can be seen of them nevertheless."""

from typing import Any

import pytest

from infra.providers.wire import UNKNOWN, Secret, without_secrets
from sandbox.faults import Fault
from sandbox.testing import RunningSandbox

from .engine_side import Properties, Provider, RefusedError

pytestmark = pytest.mark.anyio
KIND = "VercelEnvironment"
CANARY = 'canary "quoted" value\n with two lines'


@pytest.fixture
async def project(provider: Provider) -> str:
    id_, _ = await provider.create("VercelProject", {"name": "auth0-phone-dev", "region": ""})
    return id_


def declared(project: str, **variables: Any) -> Properties:
    return {"projectId": project, "variables": {name: Secret(value) for name, value in variables.items()}}


def live(vercel: RunningSandbox) -> dict[str, dict[str, Any]]:
    return {doc["key"]: doc for doc in vercel.sandbox.store.all("vercel_variables")}


async def test_variables_are_sensitive_and_for_production(
    provider: Provider, vercel: RunningSandbox, project: str
) -> None:
    _, state = await provider.create(KIND, declared(project, A="one", B=CANARY))
    assert {name: doc["value"] for name, doc in live(vercel).items()} == {"A": "one", "B": CANARY}
    assert {(doc["type"], *doc["target"]) for doc in live(vercel).values()} == {("sensitive", "production")}
    assert state["variables"]["B"] == Secret(CANARY)
    assert CANARY not in repr(state)


async def test_a_change_writes_what_changed_and_is_another_revision(
    provider: Provider, vercel: RunningSandbox, project: str
) -> None:
    id_, old = await provider.create(KIND, declared(project, STAYS="1", CHANGES="1", GOES="1"))
    before = live(vercel)
    wanted = declared(project, STAYS="1", CHANGES="2", COMES="1")
    change = await provider.diff(KIND, id_, old, wanted)
    assert dict(change.detailedDiff.items()).keys() == {
        "variables.CHANGES",
        "variables.GOES",
        "variables.COMES",
    }
    assert not change.replaces
    planned = await provider.update(KIND, id_, old, wanted, preview=True)
    assert planned["revision"] is UNKNOWN
    assert live(vercel) == before

    new = await provider.update(KIND, id_, old, wanted)
    assert {name: doc["value"] for name, doc in live(vercel).items()} == {
        "STAYS": "1",
        "CHANGES": "2",
        "COMES": "1",
    }
    assert live(vercel)["STAYS"] == before["STAYS"]
    assert new["revision"] != old["revision"]
    assert set(new["versions"]) == {"STAYS", "CHANGES", "COMES"}


async def test_what_somebody_did_by_hand_is_seen(
    provider: Provider, vercel: RunningSandbox, project: str
) -> None:
    inputs = declared(project, CHANGED="1", REMOVED="1", SAME="1")
    id_, state = await provider.create(KIND, inputs)
    store = vercel.sandbox.store
    docs = live(vercel)
    store.put("vercel_variables", docs["CHANGED"]["id"], docs["CHANGED"] | {"updatedAt": 9, "value": "2"})
    store.delete("vercel_variables", docs["REMOVED"]["id"])
    extra = docs["SAME"] | {"id": "another", "key": "ADDED"}
    store.put("vercel_variables", "another", extra)

    _, _, seen = await provider.read(KIND, id_, state)
    change = await provider.diff(KIND, id_, seen, inputs)
    assert set(change.detailedDiff) == {"variables.CHANGED", "variables.REMOVED", "variables.ADDED"}
    await provider.update(KIND, id_, seen, inputs)
    assert {name: doc["value"] for name, doc in live(vercel).items()} == dict.fromkeys(
        ("CHANGED", "REMOVED", "SAME"), "1"
    )


async def test_what_is_not_ours_to_declare_is_left_alone(
    provider: Provider, vercel: RunningSandbox, project: str
) -> None:
    id_, state = await provider.create(KIND, declared(project, A="1"))
    store, doc = vercel.sandbox.store, live(vercel)["A"]
    store.put("vercel_variables", "preview", doc | {"id": "preview", "key": "P", "target": ["preview"]})
    store.put("vercel_variables", "system", doc | {"id": "system", "key": "S", "type": "system"})
    _, _, seen = await provider.read(KIND, id_, state)
    assert set(seen["variables"]) == {"A"}
    await provider.delete(KIND, id_, state)
    assert set(live(vercel)) == {"P", "S"}


async def test_an_import_knows_the_names_alone(provider: Provider, project: str) -> None:
    await provider.create(KIND, declared(project, A="1"))
    id_, inputs, state = await provider.read(KIND, project, {})
    assert (id_, without_secrets(inputs["variables"])) == (project, {"A": ""})
    change = await provider.diff(KIND, id_, state, declared(project, A="1"))
    assert list(change.detailedDiff) == ["variables.A"]


async def test_no_value_is_in_an_error(provider: Provider, vercel: RunningSandbox, project: str) -> None:
    body = {"error": {"code": "bad_request", "message": f"cannot take {CANARY!s}"}}
    vercel.sandbox.faults.add(Fault("status", "*", "POST", "*/env", status=400, body=body))
    with pytest.raises(RefusedError) as refused:
        await provider.create(KIND, declared(project, A=CANARY))
    assert "cannot take [secret]" in str(refused.value)
    assert "set the variables A" in str(refused.value)


async def test_a_broken_write_is_repeated(provider: Provider, vercel: RunningSandbox, project: str) -> None:
    vercel.sandbox.faults.add(Fault("reset_after_apply", "*", "POST", "*/env"))
    await provider.create(KIND, declared(project, A="1", B="2"))
    assert len(vercel.sandbox.store.all("vercel_variables")) == 2


@pytest.mark.parametrize(
    ("variables", "path", "reason"),
    [
        ({"lower": "1"}, "variables.lower", "capital letters"),
        ({"EMPTY": ""}, "variables.EMPTY", "leave a variable out"),
        ({"ZERO": "a\0b"}, "variables.ZERO", "zero byte"),
        ({"WITH SPACE": "1"}, 'variables["WITH SPACE"]', "capital letters"),
        ({"LONG": "x" * 65536}, "variables", "64 KB"),
    ],
)
async def test_bad_variables_are_named_without_their_value(
    variables: dict[str, str], path: str, reason: str
) -> None:
    _, wrong = await Provider().check(KIND, declared("prj_1", **variables))
    assert list(wrong) == [path]
    assert reason in wrong[path]
    assert "x" * 10 not in wrong[path]


async def test_values_that_come_as_plain_ones_are_secret_from_then_on() -> None:
    kept, wrong = await Provider().check(KIND, {"projectId": "prj_1", "variables": {"A": "plain"}})
    assert kept["variables"] == {"A": Secret("plain")}
    assert not wrong
    whole, _ = await Provider().check(KIND, {"projectId": "prj_1", "variables": Secret({"A": UNKNOWN})})
    assert whole["variables"] == {"A": Secret(UNKNOWN)}


async def test_a_change_that_broke_off_is_known(
    provider: Provider, vercel: RunningSandbox, project: str
) -> None:
    before = declared(project, A="old", B="goes")
    id_, old = await provider.create(KIND, before)
    body = {"error": {"code": "forbidden", "message": "not you"}}
    vercel.sandbox.faults.add(Fault("status", "*", "DELETE", "*/env/*", status=403, body=body))
    with pytest.raises(RefusedError, match="remove the variable B") as refused:
        await provider.update(KIND, id_, old, declared(project, A="new"))
    assert refused.value.kept is not None
    kept_id, kept = refused.value.kept
    assert (kept_id, without_secrets(kept["variables"])) == (id_, {"A": "new", "B": "goes"})
    assert kept["revision"] != old["revision"]

    back = await provider.diff(KIND, id_, kept, before)
    assert list(back.detailedDiff) == ["variables.A"]
    done = await provider.update(KIND, id_, kept, before)
    assert {name: doc["value"] for name, doc in live(vercel).items()} == {"A": "old", "B": "goes"}
    assert not (await provider.diff(KIND, id_, done, before)).detailedDiff


async def test_what_a_refused_batch_has_set_is_known(
    provider: Provider, vercel: RunningSandbox, project: str
) -> None:
    id_, old = await provider.create(KIND, declared(project, A="1", B="1"))
    doc = live(vercel)["A"]
    vercel.sandbox.store.put("vercel_variables", doc["id"], doc | {"value": "2", "updatedAt": 9})
    answer = {
        "created": [{"key": "A", "id": doc["id"], "updatedAt": 8}],
        "failed": [{"error": {"code": "ENV_CONFLICT", "key": "B"}}],
    }
    vercel.sandbox.faults.add(Fault("status", "*", "POST", "*/env", status=201, body=answer))
    with pytest.raises(RefusedError, match=r"would not set B \(ENV_CONFLICT\)") as refused:
        await provider.update(KIND, id_, old, declared(project, A="2", B="2"))
    assert refused.value.kept is not None
    kept = refused.value.kept[1]
    assert without_secrets(kept["variables"]) == {"A": "2", "B": "1"}
    # When Vercel says that it wrote, and what it shows afterwards, need not be the same moment.
    assert kept["versions"]["A"] == f"{doc['id']}@9"


async def test_what_cannot_be_looked_at_afterwards_is_kept_as_written(
    provider: Provider, vercel: RunningSandbox, project: str
) -> None:
    body = {"error": {"code": "forbidden", "message": "not you"}}
    vercel.sandbox.faults.add(Fault("status", "*", "GET", "*/env", count=2, status=403, body=body))
    with pytest.raises(RefusedError, match="read the names of the variables") as refused:
        await provider.create(KIND, declared(project, A="1"))
    assert refused.value.kept is not None
    id_, kept = refused.value.kept
    assert without_secrets(kept["variables"]) == {"A": "1"}
    # Nobody knows since when: the next look takes it for changed by hand, and writes it again.
    _, _, seen = await provider.read(KIND, id_, kept)
    assert list((await provider.diff(KIND, id_, seen, declared(project, A="1"))).detailedDiff)


@pytest.mark.parametrize("can_look", [True, False])
async def test_a_write_of_which_nobody_knows(
    provider: Provider,
    vercel: RunningSandbox,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
    can_look: bool,
) -> None:
    id_, old = await provider.create(KIND, declared(project, A="1", B="1"))
    monkeypatch.setattr("infra.providers.api._PATIENCE_SECONDS", 0.1)
    how = "POST" if can_look else "*"
    vercel.sandbox.faults.add(Fault("status", "*", how, "*/env", count=None, status=502))
    with pytest.raises(RefusedError, match="set the variables A") as refused:
        await provider.update(KIND, id_, old, declared(project, A="2", B="1"))
    if can_look:
        assert refused.value.kept is None
        return
    assert refused.value.kept is not None
    assert without_secrets(refused.value.kept[1]["variables"]) == {"A": "", "B": "1"}


async def test_nothing_is_kept_of_what_never_began(
    provider: Provider, vercel: RunningSandbox, project: str
) -> None:
    body = {"error": {"code": "bad_request", "message": "no"}}
    vercel.sandbox.faults.add(Fault("status", "*", "POST", "*/env", status=400, body=body))
    with pytest.raises(RefusedError) as refused:
        await provider.create(KIND, declared(project, A="1"))
    assert refused.value.kept is None


async def test_an_import_may_name_the_project(provider: Provider, project: str) -> None:
    await provider.create(KIND, declared(project, A="1"))
    id_, inputs, _ = await provider.read(KIND, "auth0-phone-dev", {})
    assert id_ == inputs["projectId"] == project
    assert (await provider.read(KIND, "no-such-project", {}))[0] == ""
