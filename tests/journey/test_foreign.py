"""Ten Actions of other teams at the login trigger: renamed, moved, deleted, bound in a race; and ours."""

from collections.abc import Iterator

import pytest

from tests.journey.named_tenant import Moment
from tests.journey.real_stage import Origin, RealStage, live
from tests.journey.stage import OURS

TEN = [f"team {number}: rule" for number in range(1, 11)]
BEFORE, AFTER = TEN[:4], TEN[4:]
BINDINGS = "/api/v2/actions/triggers/post-login/bindings"
World = tuple[RealStage, Origin, dict[str, str]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with live(tmp_path_factory.mktemp("foreign"), "dev") as (stage,):
        ids = {name: stage.tenant.make_action(name) for name in TEN}
        stage.tenant.bind(*((ids[name], name) for name in TEN))
        stage.set(verification__enforcement="required", bindings__before=BEFORE, bindings__after=AFTER)
        stage.up()
        assert stage.tenant.bindings() == [*BEFORE, OURS, *AFTER]
        yield stage, stage.origin(), {**ids, OURS: stage.tenant.actions()[OURS]}


@pytest.fixture
def stage(world: World) -> RealStage:
    """Ours runs among ten others."""
    it, origin, _ = world
    it.back_to(origin)
    return it


def bind(world: World, *names: str) -> None:
    stage, _, ids = world
    stage.tenant.bind(*((ids[name], name) for name in names))


def test_a_renamed_action_stops_the_preview_with_its_old_and_its_new_name(
    stage: RealStage, world: World
) -> None:
    path = f"/actions/actions/{world[2][TEN[2]]}"
    stage.tenant.management("PATCH", path, {"name": "team 3: better rule"})
    ids = {**world[2], "team 3: better rule": world[2][TEN[2]]}
    names = [*BEFORE[:2], "team 3: better rule", BEFORE[3], OURS, *AFTER]
    stage.tenant.bind(*((ids[name], name) for name in names))
    said = stage.pulumi("preview").stdout
    assert "bindings.before names 'team 3: rule', which does not run there" in said
    assert "'team 3: better rule'" in said
    stage.set(bindings__before=[*BEFORE[:2], "team 3: better rule", BEFORE[3]])
    stage.up()
    assert stage.tenant.bindings() == names


def test_an_action_that_its_team_unbinds_and_deletes_stops_the_preview(
    stage: RealStage, world: World
) -> None:
    bind(world, *BEFORE, OURS, *AFTER[1:])
    stage.tenant.management("DELETE", f"/actions/actions/{world[2][AFTER[0]]}")
    said = stage.pulumi("preview").stdout
    assert f"bindings.after names '{AFTER[0]}', which does not run there" in said
    assert "pulumi config rm --path 'bindings.after[0]' --stack dev" in said
    stage.done("config", "rm", "--path", "bindings.after[0]")
    stage.up()
    assert stage.tenant.bindings() == [*BEFORE, OURS, *AFTER[1:]]


def test_ours_moved_by_somebody_is_drift_and_is_moved_back(stage: RealStage, world: World) -> None:
    bind(world, OURS, *TEN)
    drifted = stage.pulumi("preview", "--refresh", "--expect-no-changes")
    assert drifted.returncode != 0
    assert "phone-verification-flow" in drifted.stdout
    stage.done("up", "--yes", "--skip-preview", "--refresh")
    assert stage.tenant.bindings() == [*BEFORE, OURS, *AFTER]


def test_the_others_order_is_theirs_and_is_seen(stage: RealStage, world: World) -> None:
    swapped = [BEFORE[1], BEFORE[0], *BEFORE[2:], OURS, *AFTER]
    bind(world, *swapped)
    seen = stage.pulumi("preview", "--diff")
    assert f'displayName: "{BEFORE[0]}" => "{BEFORE[1]}"' in seen.stdout
    stage.up()
    assert stage.tenant.bindings() == swapped
    # Nothing of ours has drifted.
    stage.done("preview", "--refresh", "--expect-no-changes")


def test_who_is_bound_between_our_read_and_our_write_is_missed_and_not_deleted(
    stage: RealStage, world: World
) -> None:
    """The one case that nothing can prevent: Auth0 knows no condition on this write."""
    bind(world, *TEN)
    late = stage.tenant.make_action("late")

    def at(_: int, now: Moment) -> None:
        if now == "before" and stage.proxy.calls[-1] == ("PATCH", BINDINGS):
            stage.proxy.at = None
            stage.tenant.bind(*((world[2][name], name) for name in TEN), (late, "late"))

    stage.proxy.at = at
    stage.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert stage.tenant.bindings() == [*BEFORE, OURS, *AFTER]
    assert "late" in stage.tenant.actions()
    bind(world, *BEFORE, OURS, *AFTER)
    stage.tenant.bind(*((world[2][name], name) for name in [*BEFORE, OURS, *AFTER]), (late, "late"))
    assert "'late'" in stage.pulumi("preview").stdout


def test_leaving_takes_ours_alone(stage: RealStage) -> None:
    stage.set(verification__enforcement="off")
    stage.up()
    assert stage.tenant.bindings() == TEN
    done = stage.on("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout
    assert stage.tenant.bindings() == TEN
    assert sorted(stage.tenant.actions()) == sorted(TEN)


def test_a_plain_destroy_unbinds_nobody_else(stage: RealStage) -> None:
    """Not through our command, which refuses it while ours is bound."""
    stage.done("destroy", "--yes", "--skip-preview")
    assert stage.tenant.bindings() == TEN
    assert sorted(stage.tenant.actions()) == sorted(TEN)
