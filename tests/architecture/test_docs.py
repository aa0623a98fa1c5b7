"""Documentation that a machine can check: links, named files, commands."""

import re
from pathlib import Path

import pytest

from .test_house_rules import ROOT, tracked

PAGES = tracked("*.md")


def names(page: Path) -> list[str]:
    """Test files that the page names; a bare name lies beside the one before it."""
    folder, found = "", []
    for name in re.findall(r"`((?:tests/\w+/)?test_\w+\.py)`", page.read_text()):
        folder = name.rpartition("/")[0] or folder
        found.append(f"{folder}/{name.rpartition('/')[2]}")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_table_of_tests_names_every_test_file_and_no_other() -> None:
    there = {str(file.relative_to(ROOT)) for file in tracked("tests/*.py") if file.name.startswith("test_")}
    assert set(names(ROOT / "docs" / "tests.md")) == there


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    wanted = set(re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text()))
    assert wanted
    assert wanted <= targets


def test_every_environment_variable_of_the_form_is_explained() -> None:
    contract = (ROOT / "action_src" / "contract.json").read_text()
    wanted = set(re.findall(r'"([A-Z][A-Z_]+)"', contract.partition('"environment"')[2].partition("}")[0]))
    assert wanted
    explained = (ROOT / "docs" / "hosting.md").read_text()
    assert {name for name in wanted if name not in explained and not name.endswith("_PREVIOUS")} == set()
