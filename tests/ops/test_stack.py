"""The working copy of the stage file, dead locks, leaving, and what a failed command says."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from ops import stage_secrets
from ops.errors import OpsError
from ops.leaving import destroys, refuse_while_bound
from ops.local import LocalState
from ops.services import LocalSecrets
from ops.stack import Stack, place
from ops.toolchain import Toolchain
from tests.form.waiting import until
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
    stack._write_stage_file(LocalSecrets.of(stack.local))
    loaded: dict[str, Any] = yaml.safe_load(stack.local.stage_file.read_text())
    return loaded


def test_the_engine_sees_the_local_accounts_and_nobody_elses(stack: Stack) -> None:
    assert "AUTH0_DOMAIN" not in stack.env
    assert "PULUMI_ACCESS_TOKEN" not in stack.env
    assert stack.env["AUTH0_CLIENT_SECRET"] == SANDBOX.client_secret
    assert stack.env["VERCEL_TOKEN"] == SANDBOX.vercel_token
    assert stack.env["AUTH0_PHONE_BLOBS"] == str(stack.local.folder / "blobs")
    assert stack.env["PATH"].split(os.pathsep)[-1] == str(Path(sys.executable).parent)
    assert stack.env["PULUMI_BACKEND_URL"].startswith("file://")
    assert SANDBOX.client_secret not in repr(stack).replace(repr(SANDBOX), "")


def test_the_working_copy_points_at_this_machine(stack: Stack) -> None:
    config = working_copy(stack)["config"]
    assert config["auth0-phone:auth0"]["domain"] == SANDBOX.domain
    assert config["auth0-phone:twilio"]["verifyUrl"] == SANDBOX.twilio
    assert config["auth0-phone:hosting"] == {"kind": "vercel", "apiUrl": SANDBOX.vercel_api}
    assert config["auth0-phone:publicBaseUrl"] == "https://form.localhost:9447"
    assert config["auth0-phone:verification"]["flow"] == "action"
    sms = config["auth0-phone:sms"]
    assert sms["gatewayUrl"] == "https://localhost:9447/sms"
    assert sms["applications"] == [SANDBOX.demo_client]
    assert sms["carrierUrls"] == {"clickatell": f"{SANDBOX.twilio}/carriers/clickatell"}


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


def scripted(stack: Stack, script: str) -> Stack:
    """The stack with a shell script for Pulumi."""
    stack.toolchain.pulumi.write_text(f"#!/bin/sh\n{script}\n")
    stack.toolchain.pulumi.chmod(0o700)
    return stack


def test_a_failure_shows_pulumis_errors_without_colours(stack: Stack) -> None:
    said = "echo noise; echo '\x1b[31merror: \x1b[0mthe stack is currently locked' >&2; exit 255"
    with pytest.raises(OpsError) as failure:
        scripted(stack, said).exported()
    assert (failure.value.what, failure.value.why) == (
        "`pulumi stack` failed",
        "the stack is currently locked",
    )
    assert "make reset" in failure.value.mend


@pytest.mark.parametrize("asked", [Stack.up, lambda stack: stack.pulumi(["up"])])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_lets_pulumi_finish_its_step(
    stack: Stack, tmp_path: Path, asked: Callable[[Stack], object], number: signal.Signals
) -> None:
    saving = f"sleep 0.5; echo saved >> {tmp_path}/told; exit 0"
    script = f"trap '{saving}' INT; touch {tmp_path}/on; while :; do sleep 0.05; done"

    def interrupt() -> None:
        until((tmp_path / "on").exists)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        asked(scripted(stack, script))
    thread.join()
    assert (tmp_path / "told").read_text() == "saved\n"


def test_a_command_of_a_persons_keeps_its_code(stack: Stack) -> None:
    assert scripted(stack, "exit 7").pulumi(["preview"]) == 7


def test_each_secret_of_the_stage_is_this_machines_own(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted: dict[str, str] = {}
    monkeypatch.setattr(stage_secrets, "fill", lambda *given: wanted.update(given[3]) or ["resultKey"])
    keys = LocalSecrets.of(stack.local)
    assert stack._write_stage_file(keys) == ["resultKey"]
    assert wanted == {
        "requestKey": keys.request_key,
        "resultKey": keys.result_key,
        "smsGatewaySecret": keys.sms_gateway_secret,
        "twilioApiKey": SANDBOX.twilio_account["api_key"],
        "twilioApiSecret": SANDBOX.twilio_account["api_secret"],
        "twilioVerifyService": SANDBOX.twilio_account["verify_service"],
        "environment.CLICKATELL_API_KEY": "clickatell-key",
    }


def test_the_working_copy_holds_no_secret_in_clear_text(stack: Stack) -> None:
    secrets = working_copy(stack)["config"]["auth0-phone:secrets"]
    assert set(secrets["environment"]) == {"CLICKATELL_API_KEY"}
    text, keys = stack.local.stage_file.read_text(), LocalSecrets.of(stack.local)
    for value in (*asdict(keys).values(), "clickatell-key"):
        assert value not in text


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("auth0.domain", "acme.eu.auth0.com", "auth0.domain"),
        ("auth0.domain", "localhost.acme.example:8443", "auth0.domain"),
        ("auth0", {"domain": "acme.eu.auth0.com"}, "auth0.domain"),
        ("auth0.loginHosts", ["localhost:8443", "login.acme.example"], "auth0.loginHosts"),
        ("publicBaseUrl", "https://phone.acme.example", "publicBaseUrl"),
        ("publicBaseUrl", "https://localhost@phone.acme.example", "publicBaseUrl"),
        ("twilio.verifyUrl", "https://verify.twilio.com", "twilio.verifyUrl"),
        ("twilio.verifyUrl", "https://10.0.0.1:8444", "twilio.verifyUrl"),
        ("sms.gatewayUrl", "https://phone.acme.example/sms", "sms.gatewayUrl"),
        ("sms", {"mode": "gateway", "gatewayUrl": "https://acme.example/sms"}, "sms.gatewayUrl"),
        ("sms.carrierUrls", {"clickatell": "https://platform.clickatell.com"}, "sms.carrierUrls"),
        ("sms.carrierUrls.webhook", "https://hooks.acme.example", "sms.carrierUrls"),
        ("hosting.apiUrl", "https://api.vercel.com", "hosting.apiUrl"),
    ],
)
def test_no_setting_of_a_run_leads_off_this_machine(stack: Stack, path: str, value: object, key: str) -> None:
    before = stack.local.stage_file.exists()
    with pytest.raises(OpsError) as refused:
        working_copy(replace(stack, changes={path: value}))
    assert refused.value.what.startswith(f"{key} ")
    assert stack.local.stage_file.exists() == before


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("auth0.domain", "localhost:1"),
        ("auth0.domain", None),
        ("publicBaseUrl", "https://FORM.localhost:1"),
        ("publicBaseUrl", "https://["),
        ("twilio.verifyUrl", "https://127.0.0.1:8444"),
        ("brand.name", "acme.example"),
        ("sms.gatewayUrl", "https://localhost:1/sms"),
        ("sms.gatewayUrl", 5),
        ("sms.carrierUrls", {"webhook": "https://hooks.localhost:1", "log": None}),
        ("sms.from", "acme.example"),
        ("sms", None),
    ],
)
def test_what_stays_here_or_is_no_address_is_left_to_the_settings(
    stack: Stack, path: str, value: object
) -> None:
    assert working_copy(replace(stack, changes={path: value}))["config"]


@pytest.mark.parametrize(
    ("words", "deletes"),
    [
        ("destroy --yes", True),
        ("down", True),
        ("--color never destroy", True),
        ("--color=never destroy", True),
        ("-v 3 --logflow dn", True),
        ("-v3 dn", True),
        ("--yes down destroy", True),
        ("destroy --preview-only=false", True),
        ("destroy --preview-only=true", False),
        ("destroy --preview-only", False),
        ("up --message destroy", False),
        ("preview --target down", False),
        ("stack tag set down x", False),
        ("--color never config rm down", False),
        ("--color", False),
        ("config set brand.name down", False),
        ("up --yes", False),
        ("", False),
    ],
)
def test_a_destroy_is_known_by_all_its_names(words: str, deletes: bool) -> None:
    assert destroys(words.split()) is deletes


def test_a_destroy_waits_until_the_action_is_unbound() -> None:
    action = {"type": "auth0:index/action:Action"}
    bound = {"type": "auth0:index/triggerAction:TriggerAction", "inputs": {"trigger": "post-login"}}
    provider = {**bound, "inputs": {"trigger": "custom-phone-provider"}}
    refuse_while_bound({})
    refuse_while_bound({"deployment": {"resources": [action, provider]}})
    with pytest.raises(OpsError) as refused:
        refuse_while_bound({"deployment": {"resources": [action, bound]}})
    assert "verification.enforcement=off" in refused.value.mend
