"""What the engine does to a tenant that other teams use as well."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journey.stage import BASE, FOREIGN, ROOT, JourneyStage

OURS = "auth0-phone verification"


@pytest.fixture
def own_stage(tmp_path: Path) -> Iterator[JourneyStage]:
    """A stage for one test that takes it apart."""
    it = JourneyStage(tmp_path / "local")
    yield it
    it.ops("down")


def test_a_second_up_changes_nothing(stage: JourneyStage) -> None:
    assert "6 unchanged" in stage.up(*BASE)


def test_ours_runs_after_the_foreign_action_that_the_stage_names(stage: JourneyStage) -> None:
    assert stage.bindings() == [FOREIGN, OURS]


def test_the_action_is_deployed_with_its_runtime_and_secrets(stage: JourneyStage) -> None:
    (action,) = (
        each for each in stage.management("GET", "/actions/actions")["actions"] if each["name"] == OURS
    )
    assert action["runtime"] == "node22"
    assert action["all_changes_deployed"] is True
    assert {secret["name"] for secret in action["secrets"]} == {"PHONE_REQUEST_KEY", "PHONE_RESULT_KEY"}
    assert action["code"] == (stage.folder / "rendered" / "actions" / "phone-verification.js").read_text()


def test_one_changed_line_of_the_action_is_all_that_the_preview_shows(
    stage: JourneyStage, tmp_path: Path
) -> None:
    checkout = copied(tmp_path)
    template = checkout / "action_src" / "phone_verification.js.j2"
    text = template.read_text()
    assert text.count("const MAX_FAILS = 5;") == 1
    template.write_text(text.replace("const MAX_FAILS = 5;", "const MAX_FAILS = 4;"))
    done = JourneyStage(stage.folder, checkout, stage.port).ops("preview", *BASE)
    assert done.returncode == 0, done.stdout + done.stderr
    changed = [
        line.strip()
        for line in done.stdout.splitlines()
        if line.strip().startswith(("+ ", "- ")) and "const" in line
    ]
    assert [line[2:].lstrip().partition(" //")[0] for line in changed] == [
        "const MAX_FAILS = 5;",
        "const MAX_FAILS = 4;",
    ]
    assert "~ 1 to update" in done.stdout
    assert "5 unchanged" in done.stdout


def copied(folder: Path) -> Path:
    """The checkout's sources in another folder."""
    checkout = folder / "checkout"
    ignored = shutil.ignore_patterns(".git", ".venv", ".local", "__pycache__", "tests", "*_cache")
    shutil.copytree(ROOT, checkout, ignore=ignored)
    (checkout / ".venv").symlink_to(ROOT / ".venv")
    return checkout


def test_an_unknown_foreign_action_stops_the_preview_with_the_lines_to_paste(
    stage: JourneyStage,
) -> None:
    refused = stage.ops("preview", "phone.resendSeconds=5")
    assert refused.returncode == 1
    assert f"'{FOREIGN}'" in refused.stdout + refused.stderr
    assert f'before: ["{FOREIGN}"]' in refused.stdout + refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    assert stage.bindings() == [FOREIGN, OURS]


def test_ten_mistakes_are_told_at_once(stage: JourneyStage) -> None:
    mistakes = {
        "publicBaseUrl": "http://phone.acme.example",
        "verification.enforcement": "requird",
        "verification.percentage": "101",
        "verification.startsAt": "tomorrow",
        "phone.countries": "[UK]",
        "phone.codeLength": "3",
        "brand.color": "blue",
        "consent.termsUrl": "javascript:alert(1)",
        "verification.conections": "[sms]",
        "twilio.verifyUrl": "https://user@localhost",
    }
    refused = stage.ops("up", *BASE, *(f"{key}={value}" for key, value in mistakes.items()))
    assert refused.returncode == 1
    said = refused.stdout + refused.stderr
    assert [key for key in mistakes if key not in said] == []
    assert said.count("pulumi config") >= len(mistakes)
    assert "Traceback" not in said
    stage.up(*BASE)


def snapshot(stage: JourneyStage) -> dict[str, Any]:
    """The tenant less what every visit changes."""
    names = ("/actions/actions", "/clients", "/connections", "/resource-servers", "/client-grants")
    found = {name: stage.management("GET", name) for name in names}
    return {**found, "bindings": stage.bindings()}


def test_leaving_in_two_steps_leaves_the_tenant_as_it_was(own_stage: JourneyStage) -> None:
    own_stage.begin_with_a_foreign_action()
    before = snapshot(own_stage)
    own_stage.up(*BASE)
    assert own_stage.bindings() == [FOREIGN, OURS]

    own_stage.up(*BASE, "verification.enforcement=off")
    assert own_stage.bindings() == [FOREIGN]
    gone = own_stage.pulumi("destroy", "--yes")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert snapshot(own_stage) == before


LIFE = (
    ("up", "--yes", "--skip-preview"),
    ("config", "set", "--path", "verification.enforcement", "off"),
    ("up", "--yes", "--skip-preview"),
    ("destroy", "--yes"),
)


def test_the_scopes_that_the_documentation_lists_are_enough_and_all_needed(own_stage: JourneyStage) -> None:
    table = (ROOT / "docs" / "scopes.md").read_text().splitlines()
    listed = [line.split("`")[1] for line in table if line.startswith("| `")]
    assert own_stage.ops("preview").returncode == 0
    client = own_stage.ready["auth0"]["client_id"]
    (grant,) = own_stage.management("GET", f"/client-grants?client_id={client}")
    all_powerful = {"Authorization": f"Bearer {own_stage.token()}"}

    def grants(scopes: list[str]) -> None:
        path = f"/api/v2/client-grants/{grant['id']}"
        own_stage.call("PATCH", path, headers=all_powerful, json={"scope": scopes}).raise_for_status()

    def lives_with(scopes: list[str]) -> bool:
        """Whether a whole life of the stack passes with these scopes alone."""
        grants(scopes)
        passed = all(own_stage.pulumi(*step).returncode == 0 for step in LIFE)
        grants(grant["scope"])
        own_stage.pulumi("config", "set", "--path", "verification.enforcement", "required")
        assert own_stage.pulumi("destroy", "--yes").returncode == 0
        return passed

    assert len(listed) >= 3
    assert lives_with(listed)
    for missing in listed:
        assert not lives_with([scope for scope in listed if scope != missing]), f"{missing} is not needed"
