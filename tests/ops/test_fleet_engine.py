"""A fleet on three tenants, with the real engine: it fails, is interrupted, is killed, and goes on."""

import os
import re
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.form.waiting import until
from tests.journey.named_tenant import Moment

from .fleet_stages import Stages, stages, suffix

pytestmark = pytest.mark.engine
ALL = ("--stages", "eu-*")
OURS = "auth0-phone verification"
WRONG = "a-wrong-secret-canary"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    with stages(3, tmp_path_factory.mktemp("fleet")) as it:
        yield it


@pytest.fixture(autouse=True)
def undisturbed(fleet: Stages) -> Iterator[None]:
    yield
    fleet.proxy.forget()


def changed(fleet: Stages, name: str) -> None:
    """Another name for the Action in every stage, so that there is something to do."""
    for stage in fleet.tenants:
        text = re.sub(r"  auth0-phone:action: .*\n", "", fleet.file(stage).read_text())
        line = f"  auth0-phone:action: {{name: {name}}}\n"
        fleet.file(stage).write_text(text.replace("config:\n", f"config:\n{line}"))


def actions(fleet: Stages) -> list[list[str]]:
    return [sorted(tenant.actions()) for tenant in fleet.tenants.values()]


def test_one_failure_is_its_own_and_resuming_mends_it(fleet: Stages) -> None:
    previewed = fleet.run("preview", *ALL)
    assert previewed.returncode == 0, previewed.stdout
    assert previewed.stdout.count("as eu-00") == 2
    assert actions(fleet) == [[], [], []]

    bad = {f"AUTH0_CLIENT_SECRET{suffix('eu-01')}": WRONG}
    first = fleet.run("up", *ALL, "--yes", **bad)
    assert first.returncode == 1, first.stdout
    assert actions(fleet) == [[OURS], [], [OURS]]
    refused = [line for line in first.stdout.splitlines() if line.startswith("✗ eu-01")]
    assert len(refused) == 1
    assert "s  The stack 'eu-01' belongs to the tenant eu-01.eu.auth0.com, and" in refused[0]
    assert "does not let in the application" in refused[0]
    assert "--resume" in first.stdout

    fleet.proxy.forget()
    again = fleet.run("up", *ALL, "--yes", "--resume")
    assert again.returncode == 0, again.stdout
    assert again.stdout.count("done before") == 2
    assert actions(fleet) == [[OURS], [OURS], [OURS]]
    assert {method for method, _ in fleet.proxy.calls} > {"POST"}
    assert sum(method == "POST" for method, _ in fleet.proxy.calls) <= 2, "only one tenant's Action is made"
    nothing_is_told(fleet, first.stdout + again.stdout)


def nothing_is_told(fleet: Stages, said: str) -> None:
    """No secret on the screen, in a log or in the journal, and whatever is kept is its owner's alone."""
    files = [*fleet.kept("logs/*.log"), *fleet.kept("*.json")]
    assert len(files) >= 6
    everything = said + "".join(file.read_text() for file in files)
    secrets = [value for name, value in fleet.env.items() if name.startswith("AUTH0_CLIENT_SECRET")]
    assert all(secret not in everything for secret in (*secrets, WRONG))
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_it_declares_what_pulumi_itself_would(fleet: Stages) -> None:
    """The program is run inline; an engine that starts Python finds nothing to change."""
    auth0 = fleet.tenants["eu-02"].ready["auth0"]
    own = {"AUTH0_CLIENT_ID": auth0["client_id"], "AUTH0_CLIENT_SECRET": auth0["client_secret"]}
    words = ["preview", "--stack", "eu-02", "--expect-no-changes", "--non-interactive"]
    ran = subprocess.run(
        [str(fleet.template.toolchain.pulumi), *words, "-C", str(fleet.folder)],
        env=fleet.env | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_an_unknown_key_is_refused_as_by_pulumi_itself(fleet: Stages) -> None:
    kept = fleet.file("eu-01").read_text()
    fleet.file("eu-01").write_text(kept.replace("config:\n", "config:\n  auth0-phone:enforcment: off\n"))
    refused = fleet.run("preview", *ALL)
    fleet.file("eu-01").write_text(kept)
    assert refused.returncode == 1
    assert "1 of 3 stages cannot be deployed" in refused.stdout
    assert "enforcment" in refused.stdout


def test_interrupted_once_those_at_work_finish(fleet: Stages) -> None:
    changed(fleet, "renamed-once")
    with fleet.started("up", *ALL, "--yes", "--parallel", "1") as process:
        at_the_first_call(fleet, lambda: os.killpg(process.pid, signal.SIGINT))
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "No other stage begins" in said
    assert said.count("not begun") == 2
    assert actions(fleet) == [["renamed-once"], [OURS], [OURS]]

    done = fleet.run("up", *ALL, "--yes", "--resume")
    assert done.returncode == 0, done.stdout
    assert actions(fleet) == [["renamed-once"]] * 3


def test_interrupted_twice_the_engines_save_and_end(fleet: Stages) -> None:
    changed(fleet, "renamed-twice")
    with fleet.started("up", *ALL, "--yes") as process:

        def interrupt() -> None:
            os.killpg(process.pid, signal.SIGINT)
            os.kill(process.pid, signal.SIGTERM)

        at_the_first_call(fleet, interrupt)
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "interrupted" in said
    done = fleet.run("up", *ALL, "--yes", "--resume")
    assert done.returncode == 0, done.stdout
    assert actions(fleet) == [["renamed-twice"]] * 3


@pytest.mark.sweep
def test_killed_alone_its_updates_finish(fleet: Stages) -> None:
    changed(fleet, "killed-alone")
    with fleet.started("up", *ALL, "--yes") as process:
        at_the_first_call(fleet, process.kill)
        process.wait(120)
    done = fleet.run("up", *ALL, "--yes", "--resume")
    assert done.returncode == 0, done.stdout
    assert actions(fleet) == [["killed-alone"]] * 3


def test_killed_with_all_its_engines_resuming_takes_their_locks(fleet: Stages) -> None:
    changed(fleet, "killed-whole")
    with fleet.started("up", *ALL, "--yes") as process:
        family: list[psutil.Process] = []

        def kill() -> None:
            family.extend(psutil.Process(process.pid).children(recursive=True))
            for each in (psutil.Process(process.pid), *family):
                each.kill()

        at_the_first_call(fleet, kill)
        process.wait(120)
    until(lambda: bool(family) and not any(each.is_running() for each in family if is_left(each)))
    locks = list(Path(fleet.folder / "state").rglob("locks/**/*.json"))
    assert locks, "the engines were killed before they had a lock, or after they had given it back"
    done = fleet.run("up", *ALL, "--yes", "--resume")
    assert done.returncode == 0, done.stdout
    assert actions(fleet) == [["killed-whole"]] * 3


def is_left(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def at_the_first_call(fleet: Stages, do: Callable[[], object]) -> None:
    """Once, before the first call that writes has been answered."""
    told: list[int] = []

    def at(number: int, moment: Moment) -> None:
        method, _ = fleet.proxy.calls[number - 1]
        if moment == "before" and method != "GET" and not told:
            told.append(number)
            do()

    fleet.proxy.forget()
    fleet.proxy.at = at
