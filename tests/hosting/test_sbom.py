"""The bill of materials: current, valid, complete, and the same each time."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from hosting import sbom

WRITTEN = sbom.WRITTEN.read_text()
BILL: dict[str, Any] = json.loads(WRITTEN)


def test_it_is_current_and_made_the_same_each_time() -> None:
    assert sbom.main(["--check"]) == 0, "run: make sbom"


def test_an_old_one_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sbom, "WRITTEN", tmp_path / "sbom.json")
    assert sbom.main(["--check"]) == 1
    assert sbom.main(["--write"]) == 0
    assert sbom.main(["--check"]) == 0
    changed = sbom.WRITTEN.read_text().replace("redis", "rodis")
    sbom.WRITTEN.write_text(changed)
    capsys.readouterr()
    assert sbom.main(["--check"]) == 1
    assert "make sbom" in capsys.readouterr().err


def test_it_is_valid() -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(WRITTEN) is None
    assert (
        JsonStrictValidator(SchemaVersion.V1_6).validate_str(WRITTEN.replace('"library"', '"book"'))
        is not None
    )


def test_it_has_what_the_service_installs_and_nothing_else() -> None:
    pins = dict(re.findall(r"^(\S+)==(\S+) \\$", sbom.LOCK.read_text(), flags=re.MULTILINE))
    listed = {each["purl"] for each in BILL["components"]}
    assert listed == {f"pkg:pypi/{name}@{version}" for name, version in pins.items()}
    assert [each["name"] for each in BILL["components"] if not each.get("licenses")] == []


def test_it_says_what_needs_what() -> None:
    needs = {each["ref"].partition("==")[0]: each["dependsOn"] for each in BILL["dependencies"]}
    assert any(need.startswith("cryptography==") for need in needs["joserfc"])
    assert {need for some in needs.values() for need in some} <= {
        each["bom-ref"] for each in BILL["components"]
    }


def test_what_is_not_installed_as_locked_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "service.txt"
    lock.write_text("redis==0.0.1 \\\n    --hash=sha256:00\n")
    monkeypatch.setattr(sbom, "LOCK", lock)
    assert sbom.main(["--check"]) == 1
    assert "Not installed as locked: redis" in capsys.readouterr().err
