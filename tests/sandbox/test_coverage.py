"""COVERAGE.md: every operation, every rule and every unknown is in it, and what it names exists."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from sandbox.context import Switches
from sandbox.coverage import __main__ as command
from sandbox.coverage import figures, page
from sandbox.coverage.misses import EXPLAINED
from sandbox.coverage.rules import rules, switch_of
from sandbox.management.operations import OPERATIONS
from sandbox.rules import Rule
from sandbox.unknowns import STEERING, UNKNOWNS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def text() -> str:
    return page.text()


def test_every_operation_is_in_it_with_its_scopes(text: str) -> None:
    rows = {row.split(" | ")[0]: row for row in text.splitlines() if row.startswith("| `")}
    for operation in OPERATIONS:
        row = rows[f"| `{page.key(operation)}`"]
        assert all(f"`{scope}`" in row for scope in operation.scopes)


def test_a_switch_is_an_unknown_or_steers_and_never_both() -> None:
    asked = {unknown.switch for unknown in UNKNOWNS} | {
        found for rule in rules() if (found := switch_of(rule))
    }
    assert asked & STEERING == set()
    assert asked | STEERING == {field.name for field in fields(Switches)}


def test_the_default_of_a_switch_is_one_of_its_answers() -> None:
    for unknown in UNKNOWNS:
        default = getattr(Switches(), unknown.switch)
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        assert shown in unknown.answers, unknown.switch


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule.area}: {rule.rule}"[:60])
def test_the_tests_that_a_rule_names_exist(rule: Rule) -> None:
    assert rule.tests
    for name in rule.tests:
        file, *parts = name.partition("[")[0].split("::")
        text = (ROOT / file).read_text()
        for part in parts:
            declared = rf"^\s*(class|def|async def) {part}\b"
            assert re.search(declared, text, re.MULTILINE), name


def test_every_recording_that_misses_is_explained(text: str) -> None:
    missed = figures.recordings().missed
    assert [name for name in missed if name not in EXPLAINED] == []
    assert [name for name in EXPLAINED if name not in missed] == []


def test_what_clients_called_is_what_the_sandbox_has() -> None:
    known = {page.key(operation) for operation in OPERATIONS}
    called = figures.clients().operations
    assert called
    assert {operation for operations in called.values() for operation in operations} <= known


def test_a_page_that_is_not_current_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "COVERAGE.md"
    assert command.main(["--check"], file) == 1
    assert "python -m sandbox.coverage --write" in capsys.readouterr().err
    assert command.main(["--write"], file) == 0
    assert command.main(["--check"], file) == 0
    file.write_text(file.read_text() + "more")
    assert command.main(["--check"], file) == 1
