"""`make up` as people meet it: again, after a kill, after a loss, with something in the way."""

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.journey.stage import ROOT, JourneyStage


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JourneyStage]:
    it = JourneyStage(tmp_path_factory.mktemp("laptop") / "local")
    it.up()
    yield it
    it.ops("down")


def pid(stage: JourneyStage, service: str) -> int:
    return int(json.loads((stage.folder / "run" / f"{service}.json").read_text())["pid"])


def test_up_tells_where_to_go(laptop: JourneyStage) -> None:
    said = laptop.up()
    for address in (laptop.app, laptop.handset, laptop.form):
        assert address in said
    assert "Smoke login" in said


def test_the_smoke_login_leaves_nobody_behind(laptop: JourneyStage) -> None:
    laptop.up()
    assert laptop.management("GET", "/users") == []


def test_up_leaves_the_checkout_as_it_was(laptop: JourneyStage) -> None:
    def status() -> str:
        listed = ["git", "status", "--porcelain"]
        return subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    before = status()
    laptop.up()
    assert status() == before
    assert "encryptionsalt" not in (ROOT / "Pulumi.local.yaml").read_text()


def test_a_killed_sandbox_comes_back_with_its_tenant(laptop: JourneyStage) -> None:
    bound = laptop.bindings()
    os.kill(pid(laptop, "sandbox"), signal.SIGKILL)
    assert "6 unchanged" in laptop.up()
    assert laptop.bindings() == bound


def test_a_killed_form_comes_back(laptop: JourneyStage) -> None:
    os.kill(pid(laptop, "form"), signal.SIGKILL)
    assert "6 unchanged" in laptop.up()


def test_services_that_run_are_kept(laptop: JourneyStage) -> None:
    before = pid(laptop, "sandbox"), pid(laptop, "form")
    laptop.up()
    assert (pid(laptop, "sandbox"), pid(laptop, "form")) == before


def test_a_lost_tenant_is_built_anew(laptop: JourneyStage) -> None:
    laptop.ops("down")
    for file in (laptop.folder / "sandbox").rglob("*.sqlite3*"):
        file.unlink()
    laptop.up()
    assert laptop.bindings() == ["auth0-phone verification"]


def test_a_data_directory_deleted_under_a_running_sandbox_is_built_anew(laptop: JourneyStage) -> None:
    laptop.up()
    shutil.rmtree(laptop.folder / "sandbox")
    laptop.up()
    assert laptop.bindings() == ["auth0-phone verification"]


def test_another_countrys_stage_is_proven_with_a_number_of_that_country(laptop: JourneyStage) -> None:
    assert "Smoke login" in laptop.up("phone.countries=[DE]")
    laptop.up()


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


def test_without_node_it_says_so_at_once(laptop: JourneyStage) -> None:
    refused = laptop.ops("up", env={"PATH": "/usr/sbin"})
    assert refused.returncode == 1
    assert "no node on the PATH" in refused.stderr


def test_a_dead_engines_lock_is_no_obstacle(laptop: JourneyStage) -> None:
    locks = laptop.folder / "state" / ".pulumi" / "locks" / "organization" / "auth0-phone" / "local"
    locks.mkdir(parents=True, exist_ok=True)
    (locks / "0.json").write_text(json.dumps({"pid": 2**22 + 1, "username": "ada", "hostname": "laptop"}))
    assert "6 unchanged" in laptop.up()


def test_a_stage_file_that_was_deleted_is_written_again(laptop: JourneyStage) -> None:
    (laptop.folder / "stack" / "Pulumi.local.yaml").unlink()
    laptop.up()
    assert "secure" in (laptop.folder / "stack" / "Pulumi.local.yaml").read_text()


def test_a_port_in_use_is_one_clear_error(tmp_path: Path) -> None:
    stage = JourneyStage(tmp_path / "local")
    with socket.create_server(("127.0.0.1", stage.port + 1)):
        refused = stage.ops("up")
    assert refused.returncode == 1
    assert str(stage.port + 1) in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    assert stage.ops("down").stdout.strip() == "Nothing was running."


def test_a_forms_port_in_use_is_one_clear_error(tmp_path: Path) -> None:
    stage = JourneyStage(tmp_path / "local")
    with socket.create_server(("127.0.0.1", stage.port + 4)):
        refused = stage.ops("up")
    stage.ops("down")
    assert refused.returncode == 1
    assert str(stage.port + 4) in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr


def test_inherited_credentials_of_real_accounts_reach_nothing(laptop: JourneyStage) -> None:
    real = {
        "AUTH0_DOMAIN": "production.eu.auth0.com",
        "AUTH0_CLIENT_ID": "production",
        "AUTH0_CLIENT_SECRET": "production-secret",
        "PULUMI_BACKEND_URL": "https://api.pulumi.com",
        "TWILIO_API_SECRET": "production-secret",
    }
    assert "6 unchanged" in laptop.up(env=real)


def test_down_stops_everything_and_leaves_no_process(laptop: JourneyStage) -> None:
    laptop.up()
    family = [pid(laptop, "sandbox"), pid(laptop, "form")]
    family += [child.pid for child in psutil.Process(family[0]).children(recursive=True)]
    assert "Stopped form and sandbox." in laptop.ops("down").stdout
    assert [each for each in family if psutil.pid_exists(each)] == []
    assert "6 unchanged" in laptop.up()


def test_reset_forgets_the_stage(tmp_path: Path) -> None:
    stage = JourneyStage(tmp_path / "local")
    assert stage.ops("preview").returncode == 0
    assert "starts afresh" in stage.ops("reset").stdout.replace("\n", " ")
    assert not stage.folder.exists()
