"""`make up` as people meet it: again, after a kill, after a loss, with something in the way."""

import json
import os
import re
import shutil
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.journey.stage import OURS, JourneyStage, copied_checkout

SERVICES = ("sandbox",)
UNCHANGED = "15 unchanged"
REAL = {
    "AUTH0_DOMAIN": "production.eu.auth0.com",
    "AUTH0_CLIENT_ID": "production",
    "AUTH0_CLIENT_SECRET": "production-secret",
    "PULUMI_BACKEND_URL": "https://api.pulumi.com",
    "TWILIO_API_SECRET": "production-secret",
    "CLICKATELL_API_KEY": "production-secret",
    "VERCEL_TOKEN": "production-secret",
    "SMS_GATEWAY_SECRET": "production-secret-of-thirty-two-bytes",
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JourneyStage]:
    """A stage of another country, from a checkout of its own that nobody else writes to."""
    folder = tmp_path_factory.mktemp("laptop")
    it = JourneyStage(folder / "local", ("phone.countries=[DE]",), copied_checkout(folder))
    yield it
    it.ops("down")


@pytest.fixture
def laptop(own: JourneyStage) -> JourneyStage:
    """The stage, up and with nothing to deploy, whatever the test before did to it."""
    if own.deployed is None or not all(runs(pid(own, service)) for service in SERVICES):
        own.up()
    return own


def pid(stage: JourneyStage, service: str) -> int:
    """The process of a service; 0 when it was stopped."""
    note = stage.folder / "run" / f"{service}.json"
    return int(json.loads(note.read_text())["pid"]) if note.exists() else 0


def runs(process: int) -> bool:
    try:
        return process > 0 and psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def sources(checkout: Path) -> dict[str, tuple[int, int]]:
    """Every file with its size and time, less the interpreter's own."""
    files = (path for path in checkout.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


@dataclass(frozen=True)
class Second:
    """A second `up`, beside the credentials of real accounts and after a secret was changed by hand.

    What it said, and what was there around it.
    """

    said: str
    processes: tuple[list[int], list[int]]
    files: tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]


@pytest.fixture(scope="module")
def second(own: JourneyStage) -> Second:
    def processes() -> list[int]:
        return [pid(own, service) for service in SERVICES]

    files = sources(own.root)
    own.up()
    started = processes()
    by_hand = own.pulumi("config", "set", "--secret", "--path", "secrets.resultKey", input="A1b2C3d4" * 6)
    assert by_hand.returncode == 0, by_hand.stderr
    return Second(own.up(env=REAL), (started, processes()), (files, sources(own.root)))


def test_up_tells_where_to_go(laptop: JourneyStage, second: Second) -> None:
    for address in (laptop.app, laptop.handset, laptop.form):
        assert address in second.said


def test_inherited_credentials_of_real_accounts_reach_nothing(second: Second) -> None:
    assert UNCHANGED in second.said


def test_a_secret_changed_by_hand_is_put_back_before_anything_is_deployed(second: Second) -> None:
    assert "the local stage's own again: resultKey" in second.said
    assert UNCHANGED in second.said


def test_services_that_run_are_kept(second: Second) -> None:
    before, after = second.processes
    assert before == after


def test_up_leaves_the_checkout_as_it_was(laptop: JourneyStage, second: Second) -> None:
    before, after = second.files
    assert after == before
    assert "encryptionsalt" not in (laptop.root / "Pulumi.local.yaml").read_text()


def test_a_changed_source_of_the_form_is_deployed_again_and_nothing_else(laptop: JourneyStage) -> None:
    before = laptop.build()
    with (laptop.root / "form" / "texts.py").open("a") as source:
        source.write("\n# A word more.\n")
    said = laptop.up()
    assert laptop.build() != before
    assert re.search(
        r"auth0-phone:index:VercelDeployment hosting-deployment\W+(replaced|created replacement)", said
    )
    assert "14 unchanged" in said
    assert UNCHANGED in laptop.up()


def test_another_countrys_stage_is_proven_with_a_number_of_that_country_and_leaves_nobody_behind(
    laptop: JourneyStage, second: Second
) -> None:
    assert "Smoke login" in second.said
    (message, *_) = laptop.control("GET", "/outbox")["messages"]
    assert message["to"].startswith("+49")
    assert laptop.management("GET", "/users") == []


def test_after_a_power_cut_everything_comes_back_with_its_tenant(laptop: JourneyStage) -> None:
    """The sandbox is killed, with what is deployed there, and a dead engine's lock is left behind."""
    bound = laptop.bindings()
    locks = laptop.folder / "state" / ".pulumi" / "locks" / "organization" / "auth0-phone" / "local"
    locks.mkdir(parents=True, exist_ok=True)
    dead = {"pid": 2**22 + 1, "username": "ada", "hostname": "laptop"}
    (locks / "0.json").write_text(json.dumps(dead))
    for service in SERVICES:
        os.kill(pid(laptop, service), signal.SIGKILL)
    assert UNCHANGED in laptop.up()
    assert laptop.bindings() == bound == [OURS]
    assert all(runs(pid(laptop, service)) for service in SERVICES)


def test_down_stops_everything_and_leaves_no_process(laptop: JourneyStage) -> None:
    family = [pid(laptop, service) for service in SERVICES]
    family += [child.pid for child in psutil.Process(family[0]).children(recursive=True)]
    assert "Stopped sandbox." in laptop.ops("down").stdout
    assert [each for each in family if runs(each)] == []


@pytest.mark.usefixtures("second")
def test_a_lost_tenant_is_built_anew(own: JourneyStage) -> None:
    own.ops("down")
    for file in (own.folder / "sandbox").rglob("*.sqlite3*"):
        file.unlink()
    own.up()
    assert own.bindings() == [OURS]


def test_what_is_deleted_under_a_running_stage_is_built_anew(laptop: JourneyStage) -> None:
    """The sandbox's data, the working copy of the stage file."""
    shutil.rmtree(laptop.folder / "sandbox")
    (laptop.folder / "stack" / "Pulumi.local.yaml").unlink()
    laptop.up()
    assert laptop.bindings() == [OURS]
    assert "secure" in (laptop.folder / "stack" / "Pulumi.local.yaml").read_text()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("phone.codeLength=8", "codes of 6 digits"),
        ("phone.countries.x=1", "is no setting"),
        ("a=[", "no YAML"),
        ("nothing", "PATH=VALUE"),
    ],
)
def test_a_setting_that_cannot_be_is_one_clear_error(laptop: JourneyStage, setting: str, said: str) -> None:
    refused = laptop.ops("up", setting)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr


def test_a_folder_of_somebody_elses_is_neither_used_nor_deleted(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "work.txt").write_text("years of it")
    stage = JourneyStage(precious)
    for command in ("reset", "up"):
        refused = stage.ops(command)
        assert refused.returncode == 1, refused.stdout
        assert str(precious) in refused.stderr
    assert (precious / "work.txt").read_text() == "years of it"


def test_services_whose_folder_was_deleted_are_named(tmp_path: Path) -> None:
    stage = JourneyStage(tmp_path / "local")
    elsewhere = stage.ops("up", "publicBaseUrl=https://phone.acme.example")
    assert "publicBaseUrl leaves this machine" in elsewhere.stderr
    orphan = psutil.Process(pid(stage, "sandbox"))
    shutil.rmtree(stage.folder)
    refused = stage.ops("up")
    assert refused.returncode == 1
    assert f"kill {orphan.pid}" in refused.stderr
    orphan.terminate()
    assert psutil.wait_procs([orphan], timeout=30)[0] == [orphan]


def test_without_node_it_says_so_at_once(tmp_path: Path) -> None:
    refused = JourneyStage(tmp_path / "local").ops("up", env={"PATH": str(tmp_path)})
    assert refused.returncode == 1
    assert "no node on the PATH" in refused.stderr


def test_a_port_in_use_is_one_clear_error(tmp_path: Path) -> None:
    stage = JourneyStage(tmp_path / "local")
    with socket.create_server(("127.0.0.1", stage.port + 1)):
        refused = stage.ops("up")
    assert refused.returncode == 1
    assert f"Port {stage.port + 1} is in use" in refused.stderr
    assert f"kill {os.getpid()}" in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    assert stage.ops("down").stdout.strip() == "Nothing was running."
