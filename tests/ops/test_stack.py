"""The working copy of the stage file, dead locks, and what a failed Pulumi command says."""

import json
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from ops.local import LocalState
from ops.stack import Stack, place, pulumi_failure
from ops.toolchain import Toolchain
from tests.ops.samples import SANDBOX

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    local = LocalState.at(ROOT, tmp_path / "state")
    local.prepare()
    monkeypatch.setenv("AUTH0_DOMAIN", "production.eu.auth0.com")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "somebody's")
    tools = Toolchain(
        pulumi=tmp_path / "pulumi", bin_dir=tmp_path, plugin=None, version="3.259.0", source="path"
    )
    return Stack.of(local, tools, SANDBOX, "https://form.localhost:9447", {"verification.flow": "action"})


def working_copy(stack: Stack) -> dict[str, Any]:
    stack._write_stage_file()
    loaded: dict[str, Any] = yaml.safe_load(stack.local.stage_file.read_text())
    return loaded


def test_the_engine_sees_the_local_accounts_and_nobody_elses(stack: Stack) -> None:
    assert "AUTH0_DOMAIN" not in stack.env
    assert "PULUMI_ACCESS_TOKEN" not in stack.env
    assert stack.env["AUTH0_CLIENT_SECRET"] == SANDBOX.client_secret
    assert stack.env["PULUMI_BACKEND_URL"].startswith("file://")
    assert SANDBOX.client_secret not in repr(stack).replace(repr(SANDBOX), "")


def test_the_working_copy_points_at_this_machine(stack: Stack) -> None:
    config = working_copy(stack)["config"]
    assert config["auth0-phone:auth0"]["domain"] == SANDBOX.domain
    assert config["auth0-phone:twilio"]["verifyUrl"] == SANDBOX.twilio
    assert config["auth0-phone:publicBaseUrl"] == "https://form.localhost:9447"
    assert config["auth0-phone:verification"]["flow"] == "action"


def test_secrets_and_salt_survive_a_new_working_copy(stack: Stack) -> None:
    first = working_copy(stack)
    first["config"]["auth0-phone:secrets"] = {"requestKey": {"secure": "v1:cipher"}}
    first["encryptionsalt"] = "v1:salt"
    stack.local.stage_file.write_text(yaml.safe_dump(first))
    again = working_copy(stack)
    assert again["config"]["auth0-phone:secrets"] == {"requestKey": {"secure": "v1:cipher"}}
    assert again["encryptionsalt"] == "v1:salt"


def test_the_checkouts_stage_file_is_never_written(stack: Stack) -> None:
    before = (ROOT / "Pulumi.local.yaml").read_bytes()
    working_copy(stack)
    assert (ROOT / "Pulumi.local.yaml").read_bytes() == before


def test_place_makes_the_objects_on_the_way() -> None:
    config: dict[str, Any] = {}
    place(config, "a.b.c", 1)
    place(config, "a.b.d", [2])
    place(config, "top", "x")
    assert config == {"auth0-phone:a": {"b": {"c": 1, "d": [2]}}, "auth0-phone:top": "x"}


def test_a_dead_engines_lock_goes_and_a_living_ones_stays(stack: Stack) -> None:
    locks = stack.local.backend / ".pulumi" / "locks" / "organization" / "auth0-phone" / "local"
    locks.mkdir(parents=True)
    dead, living = locks / "dead.json", locks / "living.json"
    dead.write_text(json.dumps({"pid": 2**22 + 1}))
    living.write_text(json.dumps({"pid": psutil.Process().pid}))
    stack._forget_dead_locks()
    assert not dead.exists()
    assert living.exists()


def test_a_failure_shows_pulumis_errors_without_colours() -> None:
    said = "noise\n\x1b[31merror: \x1b[0mthe stack is currently locked\nmore noise\n"
    failure = pulumi_failure("up", said, 255)
    assert failure.why == "the stack is currently locked"
    assert "make reset" in failure.mend
