"""The reader of GitHub's expressions, by the examples of GitHub's own page and ours."""

from typing import Any

import pytest

from tests.ci.expressions import Context

VALUES = {
    "vars": {"NAME": "prod", "EMPTY": ""},
    "github": {"event": {"pull_request": {"number": 7}}, "repository": "Acme/Phone"},
    "needs": {"stage": {"result": "skipped"}},
}


def context(well: bool = True) -> Context:
    functions = {"success": lambda: well, "cancelled": lambda: False, "always": lambda: True}
    return Context(VALUES, functions)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("vars.NAME || 'dev'", "prod"),
        ("vars.MISSING || 'dev'", "dev"),
        ("vars.EMPTY || 'dev'", "dev"),
        ("vars.MISSING", None),
        ("github.event.pull_request.number", 7),
        ("github.event.nothing.at.all", None),
        ("github.repository == 'acme/phone'", True),
        ("github.repository != 'acme/phone'", False),
        ("!cancelled() && needs.stage.result != 'skipped'", False),
        ("(vars.MISSING || vars.NAME) == 'prod'", True),
        ("'it''s'", "it's"),
        ("vars.MISSING != ''", False),
        ("true && 0 || 'last'", "last"),
    ],
)
def test_an_expression(text: str, value: Any) -> None:
    assert context().evaluate(text) == value


def test_text_is_filled() -> None:
    assert context().fill({"a": ["${{ vars.NAME }}-preview", "${{ true }}"]}) == {"a": ["prod-preview", True]}
    assert context().fill("is ${{ vars.NAME == 'prod' }}, ${{ vars.MISSING }}.") == "is true, ."


@pytest.mark.parametrize(
    ("condition", "well", "runs"),
    [
        (None, True, True),
        (None, False, False),
        ("${{ vars.NAME == 'prod' }}", False, False),
        ("${{ !cancelled() }}", False, True),
        ("${{ always() && vars.NAME == 'dev' }}", False, False),
    ],
)
def test_a_condition_without_a_status_wants_success(condition: str | None, well: bool, runs: bool) -> None:
    assert context(well).holds(condition) is runs


@pytest.mark.parametrize("text", ["vars.NAME prod", "nonsense.NAME", "vars.NAME = 'x'", "fromJSON('[]')"])
def test_what_it_cannot_read_it_refuses(text: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        context().evaluate(text)
