"""A file of answers: read, judged, and of another stage only what stages have alike."""

from pathlib import Path

import pytest
import yaml
from rich.console import Console

from infra import schema
from ops.errors import OpsError
from ops.stages import answers, asking
from ops.toolchain import Toolchain, ensure
from tests.ops.stage_new import OPTIONS, NewStage

STAGES = Path(__file__).resolve().parents[1] / "journey" / "stages"


def test_answers_come_nested_or_dotted_and_never_with_secrets(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(
        "auth0: {domain: a.example}\nbrand.name: Acme\nauth0-phone:phone: {countries: [NO]}\nbackend: file:///x\n"
    )
    assert answers.from_file(file, "dev").answers == {
        "auth0.domain": "a.example",
        "brand.name": "Acme",
        "phone.countries": ["NO"],
        "backend": "file:///x",
    }
    for text in ("secrets: {requestKey: x}\n", "secrets.twilioApiKey: x\n"):
        file.write_text(text)
        with pytest.raises(OpsError, match="holds no secrets"):
            answers.from_file(file, "dev")
    file.write_text("brand: [\n")
    with pytest.raises(OpsError, match="cannot be used"):
        answers.from_file(file, "dev")
    with pytest.raises(OpsError, match=r"There is no .*none\.yaml"):
        answers.from_file(tmp_path / "none.yaml", "dev")


def test_a_stages_file_answers_but_for_its_secrets_and_its_enforcement(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(
        "encryptionsalt: v1:x\nconfig:\n  auth0-phone:verification: {enforcement: required, flow: form}\n"
        "  auth0-phone:secrets: {requestKey: {secure: v1:x}}\n  auth0:debug: true\n"
        "  auth0-phone:protect: 'true'\n"
    )
    assert answers.from_file(file, "dev").answers == {"verification.flow": "form", "protect": True}
    for stage in ("dev", "prod"):
        example = answers.from_file(STAGES / f"Pulumi.{stage}.yaml", stage).answers
        assert asking.complete("else", example, None, True)["verification.enforcement"] == "off"


OWN = {
    "auth0.domain": "acme-dev.eu.auth0.com",
    "auth0.loginHosts": ["login-dev.acme.example"],
    "publicBaseUrl": "https://phone-dev.acme.example",
    "claimNamespace": "https://acme.example/dev/",
    "hosting.project": "phone-dev",
    "sms.applications": ["x7Yc2Fq"],
    "sms.audience": "a",
    "sms.gatewayUrl": "https://sms-dev.acme.example",
    "verification.applications": ["x7Yc2Fq"],
    "verification.organizations": ["org_1"],
}
ALIKE = {"brand.name": "Acme", "hosting.kind": "vercel", "sms.mode": "gateway"}


@pytest.mark.parametrize(
    ("called", "domain", "whole"),
    [
        ("Pulumi.dev.yaml", None, True),
        ("Pulumi.prod.yaml", None, False),
        ("Pulumi.prod-eu.yaml", "acme-dev.eu.auth0.com", False),
        ("lost.yaml", None, True),
        ("lost.yaml", "acme-dev.eu.auth0.com", True),
        ("lost.yaml", "acme.eu.auth0.com", False),
        ("Pulumi.dev.yaml", "acme.eu.auth0.com", False),
    ],
)
def test_another_stages_tenant_host_and_applications_are_left_out_and_named(
    tmp_path: Path, called: str, domain: str | None, whole: bool
) -> None:
    file = tmp_path / called
    nested = answers.settings_of(OWN | ALIKE)
    file.write_text(yaml.safe_dump({"config": {f"auth0-phone:{name}": nested[name] for name in nested}}))
    found = answers.from_file(file, "dev", domain)
    assert found.answers == (OWN | ALIKE if whole else ALIKE)
    assert set(found.left_out) == (set() if whole else OWN.keys())


@pytest.fixture
def toolchain() -> Toolchain:
    return ensure(Console(stderr=True))


def test_what_is_left_out_is_told_and_asked_for(tmp_path: Path, toolchain: Toolchain) -> None:
    """`stage new` as a process, with an example of the project for its answers."""
    new = NewStage.at(tmp_path, toolchain, tmp_path / "home")
    example = str(STAGES / "Pulumi.dev.yaml")
    ran = new.run("stage", "new", "mine", "--yes", "--answers", example, "--backend", new.backend)
    assert ran.returncode == 1
    assert "Left out, since each has its own: auth0.domain, publicBaseUrl." in ran.stdout
    assert "--domain" in ran.stdout
    assert new.traces() == []
    named = new.arguments(answers=example, countries=None, brand=None)
    ran = new.run(*named)
    assert ran.returncode == 0, ran.stdout
    assert "Left out" not in ran.stdout
    written = schema.read_yaml(new.file())["config"]
    assert written["auth0-phone:auth0"]["domain"] == OPTIONS["--domain"]
    assert written["auth0-phone:brand"]["name"] == "Acme (dev)"
