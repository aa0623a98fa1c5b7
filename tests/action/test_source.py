"""What the Action's source may look like, before it runs at all."""

import re
import subprocess
from pathlib import Path

import pytest

from . import made
from .runner import ActionRunner

TEMPLATE = (made.ROOT / "action_src" / "phone_verification.js.j2").read_text()
BUDGET = 16 * 1024


def lint(code: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "action.js"
    file.write_text(code)
    return subprocess.run(["node", "--check", str(file)], capture_output=True, text=True, check=False)


def test_the_only_injection_is_the_stage() -> None:
    assert re.findall(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", TEMPLATE) == ["{{ stage | js }}"]
    assert TEMPLATE.count("\nconst STAGE = {{ stage | js }};\n") == 1
    assert not re.search(r"\{%|\{#|\{\{(?! stage \| js \}\})", TEMPLATE)


@pytest.mark.parametrize("flow", ["form", "action"])
def test_node_accepts_the_rendered_action(flow: str, tmp_path: Path) -> None:
    assert lint(made.code(flow=flow), tmp_path).returncode == 0
    assert lint(made.code(flow=flow) + "\nconst = 1;", tmp_path).returncode != 0


def test_the_source_is_javascript_with_any_constant_in_the_injections_place(tmp_path: Path) -> None:
    assert lint(TEMPLATE.replace("{{ stage | js }}", "{}"), tmp_path).returncode == 0


def test_a_hostile_stage_stays_data(node: ActionRunner) -> None:
    hostile = ["</script>\u2028\u2029'\"`${process.exit()}\\"]
    code = made.code(allowWithoutRedirect=hostile, loginHosts=[made.HOST, "*/ throw 1; /*"])
    assert node.run(code, made.EXECUTE, made.verified()).passed


def test_bytes_stay_within_their_budget() -> None:
    for golden in sorted((made.ROOT / "rendered").glob("*/actions/phone-verification.js")):
        assert len(golden.read_bytes()) <= BUDGET, golden


def test_what_is_for_the_templates_readers_is_not_deployed() -> None:
    assert "//#" in TEMPLATE
    assert "//#" not in made.code()
    assert made.code().startswith("// Has a phone number proven")


def test_t48_nothing_but_node_crypto_is_required(node: ActionRunner) -> None:
    assert re.findall(r"require\([^)]*\)|\bimport\b", TEMPLATE) == ['require("node:crypto")']
    assert not re.search(r"\beval\b|new Function|process\.|globalThis", TEMPLATE)
    assert node.run(made.code(), made.EXECUTE, made.hinted(made.PHONE)).required == ["node:crypto"]


def test_both_handlers_are_native_async_functions(node: ActionRunner) -> None:
    for enforcement in ("off", "observe", "optional", "required"):
        for handler in (made.EXECUTE, made.CONTINUE):
            assert node.run(made.code(enforcement=enforcement), handler, made.verified()).native


def test_one_place_logs_and_only_these_values_reach_it() -> None:
    assert TEMPLATE.count("console.") == 1
    calls = [
        line
        for line in TEMPLATE.splitlines()
        if re.search(r"\b(log|refuse)\(", line) and "console" not in line
    ]
    values = {value for line in calls for value in re.findall(r"\$\{(.*?)\}", line)}
    assert values == {
        "name",  # of a secret
        "http",
        "known",  # an integer, of Twilio's error
        "code",
        "error.deny",
        "error.message",
        "error?.deny ? error.message : error?.name",  # messages only of our own refusals
    }


def test_module_scope_holds_constants_only() -> None:
    outside = [line for line in TEMPLATE.splitlines() if re.match(r"(let|var)\b", line)]
    assert outside == []
    assert "new Map" not in TEMPLATE
    assert "new Set" not in TEMPLATE


def test_twilio_and_secrets_are_named_by_the_contract_alone() -> None:
    literals = set(re.findall(r'"([^"\n]*)"', TEMPLATE))
    agreed = {
        *made.CONTRACT["secrets"].values(),
        *made.DENY.values(),
        *made.CONTRACT["request"]["claims"].values(),
    }
    assert literals & (agreed - {"phone", "flow", "action"}) == set()
