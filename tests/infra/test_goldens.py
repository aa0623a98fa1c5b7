"""The committed rendering, and the command that writes and checks it."""

import shutil
from pathlib import Path

import pytest

from infra.render import ACTION, FORM_STAGE
from infra.render.__main__ import main

ROOT = Path(__file__).resolve().parents[2]
# Real stages of our own: a team removes the examples at the root.
STAGES = ROOT / "tests" / "journey" / "stages"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for file in (ROOT / "Pulumi.yaml", ROOT / "Pulumi.local.yaml", *STAGES.glob("Pulumi.*.yaml")):
        shutil.copy(file, tmp_path / file.name)
    assert main(["--write", "--root", str(tmp_path)]) == 0
    return tmp_path


def test_the_committed_goldens_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "--root", str(ROOT)]) == 0, capsys.readouterr().out
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_the_action_stays_small(project: Path, stage: str) -> None:
    assert len((project / "rendered" / stage / ACTION).read_bytes()) < 20_000


def test_a_check_shows_the_difference_and_changes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = project / "Pulumi.dev.yaml"
    stage.write_text(stage.read_text().replace("resendSeconds: 30", "resendSeconds: 45"))
    before = (project / "rendered/dev" / ACTION).read_bytes()
    assert main(["--check", "--root", str(project)]) == 1
    said = capsys.readouterr()
    assert '-"resendSeconds":30,\n+"resendSeconds":45,' in said.out
    assert "rendered/local" not in said.out
    assert "python -m infra.render --write" in said.err
    assert (project / "rendered/dev" / ACTION).read_bytes() == before


def test_a_check_of_one_stage_looks_at_that_stage_alone(project: Path) -> None:
    (project / "rendered/dev" / FORM_STAGE).write_text("{}")
    assert main(["--check", "--stage", "local", "--root", str(project)]) == 0
    assert main(["--check", "--stage", "dev", "--root", str(project)]) == 1


def test_files_that_are_gone_or_too_many_are_differences(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "rendered/dev" / FORM_STAGE).unlink()
    assert main(["--check", "--root", str(project)]) == 1
    assert f"+++ {project}/rendered/dev/{FORM_STAGE} (rendered now)" in capsys.readouterr().out
    (project / "rendered/local/old.js").write_text("left over\n")
    assert main(["--check", "--stage", "local", "--root", str(project)]) == 1
    assert "-left over" in capsys.readouterr().out
    assert main(["--write", "--root", str(project)]) == 0
    assert not (project / "rendered/local/old.js").exists()
    assert main(["--check", "--root", str(project)]) == 0


def test_line_endings_are_a_difference(project: Path) -> None:
    path = project / "rendered/dev" / FORM_STAGE
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert main(["--check", "--root", str(project)]) == 1


def test_one_stage_can_be_rendered_elsewhere_from_a_copy_of_its_file(project: Path, tmp_path: Path) -> None:
    copy, out = tmp_path / "working.yaml", tmp_path / "out"
    copy.write_text((project / "Pulumi.local.yaml").read_text().replace(":8447", ":9447"))
    assert (
        main(["--stage", "local", "--stage-file", str(copy), "--out", str(out), "--root", str(project)]) == 0
    )
    assert "https://form.localhost:9447" in (out / FORM_STAGE).read_text()
    assert sorted(path.name for path in out.rglob("*.*")) == [
        "phone-verification.js",
        "stage.json",
        "stage.json",
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--stage", "gone"], "There is no"), (["--stage", "dev"], "brand.name: is not set")],
)
def test_what_cannot_be_rendered_is_said_without_a_trace(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    stage = project / "Pulumi.dev.yaml"
    stage.write_text(stage.read_text().replace("name: Acme (dev)", ""))
    assert main([*arguments, "--check", "--root", str(project)]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("arguments", [["--out", "out"], ["--check", "--stage-file", "a.yaml"]])
def test_what_is_about_one_stage_wants_to_know_which(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 2
    assert "take one --stage" in capsys.readouterr().err
