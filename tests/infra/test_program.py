"""The program that `pulumi up` runs, as the engine starts it: from its own folder, as a script."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KEYS = ("A" * 43, "B" * 43)
# What the language host does, with an engine that records.
HOST = """
import json, os, runpy, sys
sys.path.insert(0, os.environ["TESTS_ROOT"])
import pulumi
from tests.infra.engine import Engine
sys.path.remove(os.environ["TESTS_ROOT"])
pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
transforms = []
pulumi.runtime.register_resource_transform = transforms.append
pulumi.ResourceHook = lambda *args: None
pulumi.ResourceHookBinding = lambda **bound: None
os.chdir("infra")
code, engine = 0, Engine(stack=os.environ["STAGE"])
try:
    engine.run(lambda: runpy.run_path(os.getcwd(), run_name="__main__") and None)
except SystemExit as exit:
    code = exit.code
print(json.dumps({
    "code": code,
    "log": engine.log,
    "types": [resource.type for resource in engine.declared],
    "outputs": engine.outputs.get("phone-verification"),
    "exports": sorted(getattr(pulumi.runtime.get_root_resource(), "outputs", {})),
    "transforms": [transform.__name__ for transform in transforms],
    "path": sys.path[0],
}))
"""


def run(stage: str, config: dict[str, Any]) -> dict[str, Any]:
    texts = {
        f"auth0-phone:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in config.items()
    }
    ran = subprocess.run(
        [sys.executable, "-c", HOST],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "TESTS_ROOT": str(ROOT),
            "STAGE": stage,
            "PULUMI_CONFIG": json.dumps(texts),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(["auth0-phone:secrets"]),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    answered: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answered


def stage(**changes: Any) -> dict[str, Any]:
    return {
        "auth0": {"domain": "acme.eu.auth0.com"},
        "publicBaseUrl": "https://phone.acme.example",
        "verification": {"enforcement": "required"},
        "phone": {"countries": ["GB"]},
        "brand": {"name": "Acme"},
        "secrets": {"requestKey": KEYS[0], "resultKey": KEYS[1]},
        **changes,
    }


def test_a_stage_is_declared_and_exported() -> None:
    ran = run("prod", stage())
    assert ran["code"] == 0
    assert ran["exports"] == [
        "action_id",
        "action_version",
        "bound",
        "contract",
        "environment_names",
        "form_bundle",
        "form_url",
        "tenant",
    ]
    assert ran["outputs"]["tenant"] == "acme.eu.auth0.com"
    assert ran["outputs"]["bound"] is True
    assert sorted(["environment_names", *ran["outputs"]]) == ran["exports"]
    assert {"pulumi:providers:auth0", "auth0-phone:index:PhoneVerification"} <= set(ran["types"])
    assert sorted(ran["transforms"]) == ["no_namesake", "protect"]


def test_own_sms_is_declared_and_exported_as_its_mode_says() -> None:
    sms = {"mode": "gateway", "countries": ["GB"], "carriers": ["clickatell"]}
    secrets = {"requestKey": KEYS[0], "resultKey": KEYS[1], "smsGatewaySecret": "s" * 43}
    ran = run("prod", stage(sms=sms, secrets=secrets))
    assert ran["code"] == 0, ran["log"]
    assert {"sms_connection_id", "sms_connection_name", "sms_gateway_url", "gateway_bundle"} <= set(
        ran["exports"]
    )
    assert "auth0:index/connection:Connection" in ran["types"]


def test_an_unprotected_stage_is_not_protected_and_the_folder_shadows_nothing() -> None:
    ran = run("dev", stage(protect="false"))
    assert ran["transforms"] == ["no_namesake"]
    assert ran["path"] != str(ROOT / "infra")


def test_a_stage_that_cannot_be_used_is_told_once_and_nothing_is_declared() -> None:
    ran = run("prod", stage(brand={}, phone={"countries": ["UK"]}, protect="false"))
    assert ran["code"] == 32
    assert ran["types"] == []
    assert len(ran["log"]) == 1
    assert ran["log"][0].startswith("Stage 'prod' cannot be used: 3 problems in Pulumi.prod.yaml.")


def test_the_program_stays_a_screen() -> None:
    assert len((ROOT / "infra" / "__main__.py").read_text().splitlines()) <= 40
