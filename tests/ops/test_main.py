"""The command line's own end: every refusal is three sentences, whatever stands in them."""

import sys
from pathlib import Path

import pytest

from infra.errors import RenderError
from ops import __main__ as entry
from ops import toolchain
from ops.__main__ import main
from ops.errors import OpsError

from .samples import ROOT


def ended(monkeypatch: pytest.MonkeyPatch, *words: str) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["auth0-phone", *words])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code


@pytest.mark.parametrize(
    "words",
    [
        ("on", "dev", "up"),
        ("enable", "dev"),
        ("pause", "dev", "--reason", "x"),
        ("host-env", "dev", "--out", "dev.env"),
    ],
)
@pytest.mark.parametrize("file", ["Pulumi.yaml", "Pulumi.dev.yaml"])
@pytest.mark.parametrize("text", ["a: [", "- a list\n"])
def test_a_file_that_is_no_yaml_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    file: str,
    text: str,
) -> None:
    for path in (ROOT / "Pulumi.yaml", ROOT / "tests/journey/stages/Pulumi.dev.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / file).write_text(text)
    (tmp_path / "infra").symlink_to(ROOT / "infra")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(toolchain, "ensure", lambda _: pytest.fail("looked for Pulumi first"))
    assert ended(monkeypatch, *words) == 1
    said = capsys.readouterr().err
    assert said.startswith("✗ ")
    assert str(tmp_path / file) in said


def test_a_text_that_cannot_be_rendered_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise RenderError("brand.name holds [/b]")

    monkeypatch.setattr(entry, "app", fail)
    assert ended(monkeypatch) == 1
    assert "brand.name holds [/b]" in capsys.readouterr().err


def test_a_name_is_not_taken_for_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ended(monkeypatch, "host-env", "dev", "--out", "x[/b]/y") == 1
    assert "✗ x[/b]/y is no place for a file" in capsys.readouterr().err
    OpsError("[red]", "[/b]", "[i]").show()
    assert capsys.readouterr().err == "✗ [red]\n  [/b]\n  [i].\n"
