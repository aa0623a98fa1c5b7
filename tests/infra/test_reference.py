"""The configuration's page."""

import shutil
from pathlib import Path

import pytest

from infra import schema
from infra.reference import main, page

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path / "Pulumi.yaml")
    return tmp_path


def test_the_committed_page_is_current() -> None:
    assert main(["--check", "--root", str(ROOT)]) == 0


def test_every_key_has_its_row() -> None:
    project = schema.load(ROOT / "Pulumi.yaml")
    text = page(project)
    for entry in project.entries:
        assert text.count(f"\n| `{entry.key}` |") == 1


def test_what_must_be_set_is_marked() -> None:
    rows = {
        line.split("`")[1]: line
        for line in page(schema.load(ROOT / "Pulumi.yaml")).splitlines()
        if "| `" in line
    }
    required = {key for key, row in rows.items() if "**required**" in row}
    assert required == {
        "auth0.domain",
        "publicBaseUrl",
        "phone.countries",
        "brand.name",
        "secrets.requestKey",
        "secrets.resultKey",
    }
    assert "`form` \\| `action`" in rows["verification.flow"]


def test_a_check_notices_a_change_and_writing_settles_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check", "--root", str(project)]) == 1
    assert "python -m infra.reference --write" in capsys.readouterr().err
    assert main(["--write", "--root", str(project)]) == 0
    assert main(["--check", "--root", str(project)]) == 0
    page_file = project / "docs" / "configuration.md"
    page_file.write_text(page_file.read_text() + "\n")
    assert main(["--check", "--root", str(project)]) == 1


def test_a_missing_schema_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "--root", str(tmp_path)]) == 2
    assert "There is no" in capsys.readouterr().err
