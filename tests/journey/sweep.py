"""`python -m tests.journey.sweep`: a first `up` is cut short at each of its calls, and mended by the page.

The engine is killed before a call is done and after it, its plugins go on, as they do; then the documented
steps have to end with the tenant and the stack that an undisturbed `up` makes. Takes some minutes.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.journey.mending import mend
from tests.journey.named_tenant import Moment
from tests.journey.real_stage import Origin, RealStage, live
from tests.journey.stage import FOREIGN, OURS

EVERYTHING = {
    "verification__enforcement": "required",
    "bindings__before": [FOREIGN],
    **{"sms__mode": "gateway", "sms__countries": ["GB"], "sms__carriers": ["clickatell"]},
}
UP = ("up", "--yes", "--skip-preview")


@dataclass(frozen=True)
class Cut:
    """Where a first `up` was cut short, and what had to be taken over afterwards."""

    call: tuple[str, str]
    taken: list[str]


def prepared(stage: RealStage) -> Origin:
    """A stage to be cut short: another team's Action is there, and nothing of ours."""
    stage.tenant.bind((stage.tenant.make_action(FOREIGN), FOREIGN))
    stage.set(**EVERYTHING)
    return stage.origin()


def cut(stage: RealStage, where: int | tuple[str, str], moment: Moment) -> Cut | None:
    """Kill the engine at a call, by its number or its name, and mend it; None when an `up` makes no such."""
    met: list[tuple[str, str]] = []

    with stage.started(*UP) as engine:

        def at(called: int, now: Moment) -> None:
            call = stage.proxy.calls[called - 1]
            if now == moment and where in (called, call) and not met:
                met.append(call)
                engine.kill()
                engine.wait(120)

        stage.proxy.at = at
        engine.wait(240)
    stage.proxy.at = None
    if not met:
        return None
    taken = mend(stage)
    check(stage)
    return Cut(met[0], taken)


def check(stage: RealStage) -> None:
    """Nothing twice, nothing pending, nothing left to change; the other team's Action where it was."""
    assert sorted(stage.tenant.actions()) == sorted([FOREIGN, OURS])
    assert stage.tenant.bindings() == [FOREIGN, OURS]
    connections = [each["name"] for each in stage.tenant.management("GET", "/connections")]
    assert connections.count("sms") == 1
    assert stage.pending() == []
    stage.done("preview", "--expect-no-changes")


def main(points: Iterable[int]) -> int:
    with tempfile.TemporaryDirectory() as folder, live(Path(folder), "dev") as (stage,):
        origin = prepared(stage)
        for number in points:
            for moment in ("before", "after"):
                stage.back_to(origin)
                done = cut(stage, number, moment)
                if done is None:
                    print(f"`up` makes {number - 1} calls: swept.")
                    return 0
                taken = ", ".join(done.taken) or "nothing"
                print(f"{number:3} {moment:6} {' '.join(done.call)}: taken over: {taken}", flush=True)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=1, help="the call to begin with")
    parser.add_argument("--last", type=int, default=99, help="the call to end with")
    given = parser.parse_args()
    sys.exit(main(range(given.first, given.last + 1)))
