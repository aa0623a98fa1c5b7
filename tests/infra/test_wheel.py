"""The rooms as a library, in a program that has an `infra/` of its own."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from infra.hosting import files
from infra.render import FORM_STAGE

ROOT = Path(__file__).resolve().parents[2]
# A team's own program: its own `infra` package comes first, ours is reached by its full name.
PROGRAM = """
import json, sys
import infra
assert infra.OWNER == "another team", infra.__file__
from auth0_phone.infra import PhoneVerification, PhoneVerificationArgs, Secret, Settings, render
from auth0_phone.infra import PhoneProvider, PhoneProviderArgs, SmsConnection, SmsConnectionArgs
from auth0_phone.infra import FormHosting, FormHostingArgs, hosted_files
assert "auth0_phone" in sys.modules["auth0_phone.infra.settings"].__file__
import pulumi, pulumi_auth0 as auth0

class Mocks(pulumi.runtime.Mocks):
    declared = []
    def call(self, args):
        return {}
    def new_resource(self, args):
        self.declared.append(args.typ)
        return args.resource_id or "id", args.inputs

pulumi.runtime.set_mocks(Mocks(), project="theirs", stack="dev")

@pulumi.runtime.test
def program():
    settings = Settings.from_mapping({
        "auth0": {"domain": "acme.eu.auth0.com"},
        "publicBaseUrl": "https://phone.acme.example",
        "verification": {"enforcement": "required"},
        "phone": {"countries": ["GB"]},
        "brand": {"name": "Acme"},
        "hosting": {"kind": "vercel"},
        "sms": {"mode": "provider", "countries": ["GB"], "carriers": ["twilio"]},
        "secrets": {
            "requestKey": Secret("A" * 43),
            "resultKey": Secret("B" * 43),
            "smsGatewaySecret": Secret("C" * 43),
            "twilioApiKey": Secret("SK" + "0" * 32),
            "twilioApiSecret": Secret("D" * 43),
            "twilioVerifyService": Secret("VA" + "0" * 32),
            "environment": {"REDIS_URL": Secret("rediss://redis.acme.example")},
        },
    }, stage="dev")
    provider = auth0.Provider("theirs", domain=settings.auth0.domain)
    rendered = render(settings)
    hosting = FormHosting("hosting", FormHostingArgs(settings, hosted_files(settings, rendered)))
    made = PhoneVerification("phone", PhoneVerificationArgs(settings, rendered, provider, hosting.ready))
    sender = PhoneProvider("sender", PhoneProviderArgs(settings, rendered, provider, hosting.ready))
    SmsConnection("sms", SmsConnectionArgs(settings, provider, [sender.resource]))
    return made.bound

program()
print(json.dumps(sorted(Mocks.declared)))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--no-index", "--target", str(target), str(wheel)], check=True, timeout=120)
    return target


def in_theirs(program: str, installed: Path, folder: Path) -> str:
    """What a program prints when it runs outside this repository, with the wheel installed."""
    (folder / "infra").mkdir(exist_ok=True)
    (folder / "infra" / "__init__.py").write_text('OWNER = "another team"\n')
    (folder / "program.py").write_text(program)
    ran = subprocess.run(
        [sys.executable, "program.py"],
        cwd=folder,
        env={
            "PYTHONPATH": str(installed),
            "PATH": "/usr/bin:/bin",
            "AUTH0_PHONE_BLOBS": str(folder / "blobs"),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_wheel_holds_the_rooms_and_nothing_else(wheel: Path) -> None:
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert {name.split("/")[0] for name in names} == {"auth0_phone"}
    assert {name.split("/")[1] for name in names} == {
        "infra",
        "action_src",
        "form",
        "gateway",
        "serving",
        "asgi.py",
        "requirements",
    }
    assert "auth0_phone/action_src/contract.json" in names
    assert "auth0_phone/action_src/phone_verification.js.j2" in names
    assert "auth0_phone/action_src/phone_provider.js.j2" in names
    assert "auth0_phone/infra/py.typed" in names
    assert "auth0_phone/infra/__main__.py" not in names
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_another_teams_program_uses_the_component(installed: Path, tmp_path: Path) -> None:
    declared = json.loads(in_theirs(PROGRAM, installed, tmp_path))
    assert "auth0:index/action:Action" in declared
    for component in ("FormHosting", "PhoneVerification", "SmsConnection", "PhoneProvider"):
        assert f"auth0-phone:index:{component}" in declared


def test_settings_and_render_come_without_the_providers_package(installed: Path, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from auth0_phone.infra import Settings, SettingsError, render\n"
        "import auth0_phone.infra.render\n"
        "from auth0_phone.infra import render as again\n"
        "assert callable(render) and again is render\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('pulumi', 'pulumi_auth0')])\n"
    )
    assert in_theirs(program, installed, tmp_path) == "[]\n"


def test_the_form_can_be_imported_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    program = "import auth0_phone.form.app as app\nprint(app.__name__)\n"
    assert in_theirs(program, installed, tmp_path) == "auth0_phone.form.app\n"


def test_what_a_host_gets_is_the_same_from_the_wheel_and_from_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    program = (
        "import hashlib, json\n"
        "from auth0_phone.infra.hosting import files\n"
        "found = files({'form/stage.json': '{}'})\n"
        "print(json.dumps({path: hashlib.sha256(body).hexdigest() for path, body in found.items()}))\n"
    )
    ours = {path: hashlib.sha256(body).hexdigest() for path, body in files({FORM_STAGE: "{}"}).items()}
    assert json.loads(in_theirs(program, installed, tmp_path)) == ours


def test_the_service_runs_from_the_wheel_by_one_name(installed: Path, tmp_path: Path) -> None:
    program = "from auth0_phone.asgi import app\nprint(type(app).__module__)\n"
    assert in_theirs(program, installed, tmp_path) == "auth0_phone.serving.app\n"


def test_an_unknown_name_is_an_import_error(installed: Path, tmp_path: Path) -> None:
    program = (
        "try:\n  from auth0_phone.infra import Nothing\nexcept ImportError as error:\n  print(error.name)\n"
    )
    assert in_theirs(program, installed, tmp_path) == "auth0_phone.infra\n"


def test_the_services_extra_is_what_the_service_installs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {
        re.split(r"[\s;=<>]", line)[0]
        for line in (ROOT / "requirements" / "service.in").read_text().splitlines()
        if line and not line.startswith("#")
    }
    declared = [*project["dependencies"], *project["optional-dependencies"]["service"]]
    assert wanted <= {re.split(r"[\s;=<>]", line)[0] for line in declared}
