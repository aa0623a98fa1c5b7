"""The rules' table: complete rows, and tests that exist."""

import ast
from functools import cache
from pathlib import Path

import pytest

from sandbox.actions import rules as actions
from sandbox.context import Switches
from sandbox.login import rules as login
from sandbox.rules import Rule

ROOT = Path(__file__).parents[2]
RULES = (*login.RULES, *actions.RULES)


@cache
def names(path: Path) -> frozenset[str]:
    """The tests of a file: `test_x`, and `TestY::test_x` of a class."""
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found.update(f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef))
    return frozenset(found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule[:60])
def test_every_rule_has_a_source_and_tests_that_exist(rule: Rule) -> None:
    assert rule.area
    assert rule.tests
    for test in rule.tests:
        path, _, name = test.partition("::")
        assert name in names(ROOT / path), test
    if rule.source.startswith("unknown: switch "):
        assert rule.source.removeprefix("unknown: switch ") in Switches.__dataclass_fields__
    else:
        assert rule.source.startswith(("docs/", "RFC ", "OpenID Connect "))


def test_no_rule_is_told_twice() -> None:
    told = [(rule.area, rule.rule) for rule in RULES]
    assert len(set(told)) == len(told)
