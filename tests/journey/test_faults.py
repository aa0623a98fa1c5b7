"""Faults of tenant, network and machine during `up`: a clear end, and the documented steps that mend it."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.form.waiting import until
from tests.journey.mending import lines, mend
from tests.journey.named_tenant import Moment
from tests.journey.real_stage import Origin, RealStage, live
from tests.journey.stage import FOREIGN, OURS
from tests.journey.sweep import UP, check, cut, prepared

ACTIONS, BINDINGS = "/api/v2/actions/actions", "/api/v2/actions/triggers/post-login/bindings"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RealStage, Origin]]:
    with live(tmp_path_factory.mktemp("faults"), "dev") as (stage,):
        yield stage, prepared(stage)


@pytest.fixture
def stage(world: tuple[RealStage, Origin]) -> RealStage:
    """Nothing of ours is there; another team's Action is bound."""
    it, origin = world
    it.back_to(origin)
    return it


def ours(stage: RealStage) -> dict[str, Any]:
    """Our Action, as the tenant has it now."""
    found: dict[str, Any] = stage.tenant.management("GET", f"/actions/actions/{stage.tenant.actions()[OURS]}")
    return found


def test_f10_f13_limits_and_bursts_of_errors_are_waited_out(stage: RealStage) -> None:
    limited = {"kind": "rate_limit", "method": "POST", "path": ACTIONS, "count": 2, "reset_in": 2}
    stage.tenant.control("POST", "/faults", limited)
    burst = {"kind": "status", "status": 503, "method": "PATCH", "path": BINDINGS, "count": 3}
    stage.tenant.control("POST", "/faults", burst)
    stage.up()
    assert stage.tenant.control("GET", "/faults")["faults"] == []
    assert stage.tenant.bindings() == [FOREIGN, OURS]


@pytest.mark.sweep
def test_f10_a_limit_of_a_whole_minute_is_waited_out(stage: RealStage) -> None:
    limited = {"kind": "rate_limit", "method": "POST", "path": ACTIONS, "count": 1, "reset_in": 60}
    stage.tenant.control("POST", "/faults", limited)
    began = time.monotonic()
    stage.up()
    assert 55 < time.monotonic() - began < 120
    assert stage.proxy.calls.count(("POST", ACTIONS)) == 2
    check(stage)


@pytest.mark.sweep
def test_f14_a_longer_outage_fails_and_the_next_up_completes(stage: RealStage) -> None:
    outage = {"kind": "status", "status": 503, "method": "PATCH", "path": BINDINGS, "count": None}
    stage.tenant.control("POST", "/faults", outage)
    failed = stage.pulumi(*UP)
    assert failed.returncode != 0
    assert "503 Service Unavailable" in failed.stdout
    assert stage.tenant.bindings() == [FOREIGN]
    stage.tenant.control("DELETE", "/faults")
    stage.up()
    check(stage)


def test_f15_what_was_made_though_the_answer_was_lost_is_taken_over(stage: RealStage) -> None:
    lost = {"kind": "reset_after_apply", "method": "POST", "path": ACTIONS, "count": 1}
    stage.tenant.control("POST", "/faults", lost)
    failed = stage.pulumi(*UP)
    assert f"409 Conflict: An action with the name '{OURS}' already exists" in failed.stdout
    assert "auth0:index/action:Action" in mend(stage)
    check(stage)


@pytest.fixture
def unbuildable(stage: RealStage) -> Iterator[Callable[[bool], None]]:
    """Says whether the tenant's builds of Actions fail."""

    def fails(does: bool) -> None:
        words = "Cannot find module 'acme'" if does else ""
        stage.tenant.control("POST", "/switches", {"action_build_error": words})

    yield fails
    fails(False)


def test_f16_an_action_that_does_not_build_is_named_and_never_bound(
    stage: RealStage, unbuildable: Callable[[bool], None]
) -> None:
    unbuildable(True)
    failed = stage.pulumi(*UP)
    assert failed.returncode != 0
    assert f'action "{OURS}" failed to build' in failed.stdout
    assert stage.tenant.bindings() == [FOREIGN]
    unbuildable(False)
    stage.up()
    check(stage)


def test_f16_what_is_deployed_goes_on_while_its_change_does_not_build(
    stage: RealStage, unbuildable: Callable[[bool], None]
) -> None:
    stage.up()
    deployed = ours(stage)["deployed_version"]
    unbuildable(True)
    stage.set(verification__enforcement="observe")
    failed = stage.pulumi(*UP)
    assert failed.returncode != 0
    assert f'action "{OURS}" failed to build' in failed.stdout
    assert ours(stage)["deployed_version"] == deployed
    assert stage.tenant.bindings() == [FOREIGN, OURS]
    unbuildable(False)
    stage.up()
    assert ours(stage)["deployed_version"]["number"] > deployed["number"]
    check(stage)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_f21_what_somebody_edits_during_a_refresh_is_shown_and_put_back(
    stage: RealStage, moment: Moment
) -> None:
    """Before the engine reads the Action for the first time, or after that."""
    stage.up()
    whole, edited = ours(stage), threading.Event()
    path = f"{ACTIONS}/{whole['id']}"

    def at(called: int, now: Moment) -> None:
        if now == moment and stage.proxy.calls[called - 1] == ("GET", path) and not edited.is_set():
            edited.set()
            changed = {"code": whole["code"] + "// edited by hand"}
            stage.tenant.management("PATCH", path.removeprefix("/api/v2"), changed)

    stage.proxy.at = at
    stage.done("refresh", "--yes")
    stage.proxy.at = None
    assert edited.is_set()
    assert "- // edited by hand" in stage.done("preview", "--diff")
    stage.up()
    mended = ours(stage)
    assert mended["code"] == mended["deployed_version"]["code"] == whole["code"]
    assert {each["name"] for each in mended["secrets"]} == {each["name"] for each in whole["secrets"]}
    check(stage)


def test_f17_a_killed_engine_leaves_nothing_that_the_page_does_not_mend(stage: RealStage) -> None:
    """At the moment of binding; `python -m tests.journey.sweep` does it at every call."""
    done = cut(stage, ("PATCH", BINDINGS), "before")
    assert done is not None
    assert done.call == ("PATCH", BINDINGS)


def test_f17_f19_two_at_once_and_an_orderly_end(stage: RealStage) -> None:
    """While the first waits for the tenant, a second one is refused; then the first is told to end."""
    held, released = threading.Event(), threading.Event()

    def at(_: int, now: Moment) -> None:
        if now == "before" and stage.proxy.calls[-1][0] == "POST":
            held.set()
            released.wait(240)

    stage.proxy.at = at
    with stage.started(*UP) as first:
        assert held.wait(240)
        second = stage.pulumi(*UP)
        assert second.returncode != 0
        assert "the stack is currently locked by 1 lock(s)" in second.stdout
        assert f"(pid {first.pid})" in second.stdout
        first.send_signal(signal.SIGTERM)
        released.set()
        first.wait(120)
    stage.proxy.at = None
    assert stage.pending() == []
    stage.up()
    check(stage)


def test_f18_a_state_that_a_full_disk_cut_short_comes_back_from_the_history(stage: RealStage) -> None:
    stage.up()
    kept = stage.folder / "state" / ".pulumi"
    file = kept / "stacks" / "auth0-phone" / "dev.json"
    for each in (file, file.with_name("dev.json.bak")):
        each.write_bytes(each.read_bytes()[:32768])
    assert "failed to load checkpoint" in stage.pulumi("preview").stdout
    (line,) = lines("The disk is full")
    line = line.replace("BACKEND", str(stage.folder / "state")).replace("STAGE", stage.name)
    subprocess.run(["sh", "-ec", line], check=True)
    assert mend(stage) == []
    check(stage)


@pytest.mark.sweep
def test_f18_a_stack_whose_state_is_lost_takes_over_what_is_there(stage: RealStage) -> None:
    stage.up()
    for each in (stage.folder / "state" / ".pulumi" / "stacks" / "auth0-phone").iterdir():
        each.unlink()
    stage.done("stack", "init", stage.name)
    assert sorted(mend(stage)) == [
        "auth0:index/action:Action",
        "auth0:index/connection:Connection",
    ]
    check(stage)


def test_f11_a_limit_without_an_end_has_one(stage: RealStage) -> None:
    stage.up()
    stage.tenant.control("POST", "/faults", {"kind": "rate_limit", "path": "/api/v2/*", "count": None})
    stage.set(verification__enforcement="off")
    ended = stage.on("up", "--yes", "--skip-preview", minutes=0.02)
    assert ended.returncode == 1
    assert "answers 429: its rate limit has been reached" in ended.stdout
    assert "'An update was interrupted' in docs/operations.md" in ended.stdout
    until(lambda: stage.processes() == [])
    stage.tenant.control("DELETE", "/faults")
    assert stage.tenant.bindings() == [FOREIGN, OURS]
