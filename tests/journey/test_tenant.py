"""What the engine does to a tenant that other teams use as well."""

from dataclasses import replace
from pathlib import Path

from tests.journey.stage import FOREIGN, OURS, JourneyStage, copied_checkout


def test_a_second_up_changes_nothing(stage: JourneyStage) -> None:
    assert "15 unchanged" in stage.up()


def test_ours_runs_after_the_foreign_action_that_the_stage_names(stage: JourneyStage) -> None:
    assert stage.bindings() == [FOREIGN, OURS]


def test_the_action_is_deployed_with_its_runtime_and_secrets(stage: JourneyStage) -> None:
    (action,) = (
        each for each in stage.management("GET", "/actions/actions")["actions"] if each["name"] == OURS
    )
    assert action["runtime"] == "node22"
    assert action["all_changes_deployed"] is True
    assert {secret["name"] for secret in action["secrets"]} == {"PHONE_REQUEST_KEY", "PHONE_RESULT_KEY"}
    assert action["code"] == stage.rendered()["actions/phone-verification.js"]


def test_one_changed_line_of_the_action_is_all_that_the_preview_shows(
    stage: JourneyStage, tmp_path: Path
) -> None:
    checkout = copied_checkout(tmp_path)
    template = checkout / "action_src" / "phone_verification.js.j2"
    text = template.read_text()
    assert text.count("const MAX_FAILS = 5;") == 1
    template.write_text(text.replace("const MAX_FAILS = 5;", "const MAX_FAILS = 4;"))
    with stage.stage_file_kept():
        done = replace(stage, root=checkout).ops("preview", *stage.settings)
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
    assert "14 unchanged" in done.stdout


def test_an_unknown_foreign_action_stops_the_preview_with_the_lines_to_paste(
    stage: JourneyStage,
) -> None:
    with stage.stage_file_kept():
        refused = stage.ops("preview", "phone.resendSeconds=5")
    assert refused.returncode == 1
    assert f"'{FOREIGN}'" in refused.stdout + refused.stderr
    assert f'before: ["{FOREIGN}"]' in refused.stdout + refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    assert stage.bindings() == [FOREIGN, OURS]


def test_ten_mistakes_are_told_at_once(stage: JourneyStage) -> None:
    mistakes = {
        "publicBaseUrl": "http://form.localhost",
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
    with stage.stage_file_kept():
        refused = stage.ops("up", *stage.settings, *(f"{key}={value}" for key, value in mistakes.items()))
    assert refused.returncode == 1
    said = refused.stdout + refused.stderr
    assert [key for key in mistakes if key not in said] == []
    assert said.count("edit Pulumi.local.yaml") >= len(mistakes)
    assert "Traceback" not in said
