"""The working copy of the stage file, its secrets, dead locks, leaving, and what a failed command says."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from ops.errors import OpsError
from ops.leaving import destroys, refuse_while_bound
from ops.local import LocalState, read_json
from ops.services import LocalSecrets
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
    sms = config["auth0-phone:sms"]
    assert sms["gatewayUrl"] == "https://localhost:9447/sms"
    assert sms["applications"] == [SANDBOX.demo_client]
    assert sms["carrierUrls"] == {"clickatell": f"{SANDBOX.twilio}/carriers/clickatell"}


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


def test_each_secret_of_the_stage_is_set_from_this_machines_own(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: dict[str, str] = {}
    monkeypatch.setattr(Stack, "_run", lambda *_, **__: stack.local.stage_file.write_text("{}"))
    monkeypatch.setattr(Stack, "_set_secrets", lambda _, values: wanted.update(values) or [])
    keys = LocalSecrets.of(stack.local)
    assert stack.prepare(keys) == []
    assert wanted == {
        "requestKey": keys.request_key,
        "resultKey": keys.result_key,
        "smsGatewaySecret": keys.sms_gateway_secret,
        "twilioApiKey": SANDBOX.twilio_account["api_key"],
        "twilioApiSecret": SANDBOX.twilio_account["api_secret"],
        "twilioVerifyService": SANDBOX.twilio_account["verify_service"],
    }


WANTED = {"requestKey": "r" * 43, "resultKey": "s" * 43}


@pytest.fixture
def encrypted(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that Pulumi was told to encrypt; the same value never makes the same text twice."""
    names: list[str] = []
    texts = itertools.count()

    def run(self: Stack, arguments: Sequence[str], *, quiet: bool, stdin: str) -> str:
        assert stdin in WANTED.values()
        assert stdin not in " ".join(arguments)
        names.append(arguments[4].rpartition(".")[2])
        change_by_hand(self, names[-1], {"secure": f"v1:{next(texts)}"})
        return ""

    monkeypatch.setattr(Stack, "_run", run)
    working_copy(stack)
    return names


def change_by_hand(stack: Stack, name: str, held: object) -> None:
    document = yaml.safe_load(stack.local.stage_file.read_text())
    document["config"].setdefault("auth0-phone:secrets", {})[name] = held
    stack.local.stage_file.write_text(yaml.safe_dump(document))


def test_secrets_are_encrypted_once(stack: Stack, encrypted: list[str]) -> None:
    assert stack._set_secrets(WANTED) == []
    assert encrypted == list(WANTED)
    assert stack._set_secrets(WANTED) == []
    assert encrypted == list(WANTED)


@pytest.mark.parametrize("held", [{"secure": "v1:somebody's"}, "in clear text", None])
def test_a_secret_changed_by_hand_is_ours_again_and_named(
    stack: Stack, encrypted: list[str], held: object
) -> None:
    stack._set_secrets(WANTED)
    change_by_hand(stack, "resultKey", held)
    assert stack._set_secrets(WANTED) == ["resultKey"]
    assert encrypted[2:] == ["resultKey"]
    assert stack._set_secrets(WANTED) == []


def test_a_fresh_value_of_ours_was_changed_by_nobody(stack: Stack, encrypted: list[str]) -> None:
    stack._set_secrets({**WANTED, "resultKey": WANTED["requestKey"]})
    assert stack._set_secrets(WANTED) == []
    assert encrypted[2:] == ["resultKey"]


def test_what_is_kept_of_a_secret_is_not_the_secret(stack: Stack, encrypted: list[str]) -> None:
    stack._set_secrets(WANTED)
    noted = stack.local.folder / "secrets-set.json"
    assert set(read_json(noted) or {}) == set(encrypted)
    assert not [value for value in WANTED.values() if value in noted.read_text()]


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
        ("destroy --preview-only", False),
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
