"""What holds for every workflow, and for the jobs that are given something."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from ops.ci_lint import lint, main, program, workflows

ROOT = Path(__file__).resolve().parents[2]
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
FILES = {file.stem: file for file in workflows()}
# The commit of each tag, as the action's repository has it. Another one is a decision to be made again.
PINS = {
    "actions/cache": ("27d5ce7f107fe9357f9df03efb73ab90386fccae", "v5.0.5"),
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/setup-go": ("b7ad1dad31e06c5925ef5d2fc7ad053ef454303e", "v7.0.0"),
    "actions/setup-node": ("820762786026740c76f36085b0efc47a31fe5020", "v7.0.0"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "aws-actions/configure-aws-credentials": ("e6de054238d6b7531b4efff3b6587d9aade6a06c", "v6.2.3"),
}
WRITES = {"preview": {"comment": "pull-requests"}, "drift": {"issue": "issues"}}


def document(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(FILES[name].read_text())
    return found


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name in FILES:
        for job, content in document(name)["jobs"].items():
            yield name, job, content


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    else:
        yield str(value)


def names(content: Any, context: str) -> set[str]:
    """What a part of a workflow names of a context, such as `secrets`."""
    return set(re.findall(rf"\b{context}\.(\w+)", "\n".join(texts(content))))


JOBS = [pytest.param(*each, id="/".join(each[:2])) for each in jobs()]


def test_the_four_are_there() -> None:
    assert sorted(FILES) == ["check", "deploy", "drift", "preview"]


def test_actionlint_finds_nothing() -> None:
    found = lint(list(FILES.values()), Console(stderr=True))
    assert (found.returncode, found.stdout) == (0, "")


@pytest.mark.parametrize(
    ("was", "is_now", "said"),
    [
        ("needs: first", "needs: frist", 'needs job "frist" which does not exist'),
        ("github.sha", "github.shaa", 'property "shaa" is not defined'),
        ("cancel-in-progress: false", "cancel-in-progres: false", 'unexpected key "cancel-in-progres"'),
        ("timeout-minutes: 45", "timeout-minutes: long", "but found plain text"),
        ("vars.AWS_ROLE_ARN != ''", "vars.AWS_ROLE_ARN != '", "got unexpected EOF"),
    ],
)
def test_actionlint_finds_what_is_wrong(tmp_path: Path, was: str, is_now: str, said: str) -> None:
    text = FILES["deploy"].read_text().replace("$GITHUB_SHA, run", "${{ github.sha }}, run")
    assert was in text
    (tmp_path / "deploy.yml").write_text(text.replace(was, is_now, 1))
    found = lint([tmp_path / "deploy.yml"], Console(stderr=True))
    assert found.returncode == 1
    assert said in found.stdout


def test_the_command_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main() == 0
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main() == 1
    assert "actionlint is built with Go, and there is no go on PATH" in capsys.readouterr().err


def test_a_kept_linter_is_not_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = program(Console(stderr=True))
    was = kept.stat().st_mtime_ns
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program(Console(stderr=True)) == kept
    assert kept.stat().st_mtime_ns == was


@pytest.mark.parametrize("name", FILES)
def test_a_workflow_may_do_nothing_unless_a_job_says_so(name: str) -> None:
    assert document(name)["permissions"] == {}


@pytest.mark.parametrize("name", FILES)
def test_no_workflow_runs_a_strangers_code_with_our_rights(name: str) -> None:
    assert not set(document(name)[True]) & {"pull_request_target", "workflow_run", "issue_comment"}


@pytest.mark.parametrize(("name", "job", "content"), JOBS)
def test_a_job_may_read_code_and_little_else(name: str, job: str, content: dict[str, Any]) -> None:
    allowed = {"contents": "read"}
    if written := WRITES.get(name, {}).get(job):
        allowed[written] = "write"
    if names(content, "vars") & {"AWS_ROLE_ARN"}:
        allowed["id-token"] = "write"
    assert content["permissions"] == allowed
    assert 0 < content["timeout-minutes"] <= 60


@pytest.mark.parametrize(("name", "job", "content"), JOBS)
def test_a_job_has_secrets_or_may_write_never_both(name: str, job: str, content: dict[str, Any]) -> None:
    """And it has secrets by an environment, whose rules say who gets them."""
    secret = bool(names(content, "secrets"))
    assert secret == ("environment" in content)
    assert not (secret and WRITES.get(name, {}).get(job))
    # What others wrote sees none: secrets are given to single steps that run our own commands.
    for step in content["steps"]:
        assert not names(step, "secrets") or set(step) <= {"name", "id", "env", "run"}
    assert not names(content.get("env", {}), "secrets")


def test_who_checks_a_strangers_code_has_nothing_to_lose() -> None:
    assert "secrets" not in FILES["check"].read_text().replace("no secrets", "")
    assert all("environment" not in job for job in document("check")["jobs"].values())


def test_a_preview_is_for_branches_of_this_repository() -> None:
    preview = document("preview")["jobs"]
    same = "${{ github.event.pull_request.head.repo.full_name == github.repository }}"
    assert preview["stage"]["if"] == same
    (checkout,) = (s for s in preview["comment"]["steps"] if "checkout" in s.get("uses", ""))
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"


def test_only_a_deployment_gets_what_may_write_to_a_tenant() -> None:
    """Previews and the look for drift work in environments of their own, which ask nobody."""
    for name, job, content in jobs():
        environment = content.get("environment")
        if environment is not None:
            writes = (name, job) in (("deploy", "first"), ("deploy", "last"))
            assert environment.endswith("-preview") != writes


def test_a_stack_is_deployed_by_one_job_at_a_time_which_nothing_cancels() -> None:
    deploy = document("deploy")
    assert "concurrency" not in deploy, "dev would wait for the approval of prod"
    for job, default in (("first", "dev"), ("last", "prod")):
        content = deploy["jobs"][job]
        stage = content["environment"]
        assert stage.endswith(f"|| '{default}' }}}}")
        assert content["env"]["STAGE"] == stage
        assert content["concurrency"] == {"group": f"stack-{stage}", "cancel-in-progress": False}
    assert set(deploy["jobs"]["last"]["needs"]) == {"first", "review"}
    assert deploy["jobs"]["first"]["steps"] == deploy["jobs"]["last"]["steps"]


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job, content in jobs():
        yield from ((f"{name}/{job}", step) for step in content["steps"])
    for file in ACTIONS:
        parts = yaml.safe_load(file.read_text())["runs"]["steps"]
        yield from ((file.parent.name, step) for step in parts)


def test_nothing_is_pasted_into_a_script() -> None:
    assert [where for where, step in steps() if "${{" in step.get("run", "")] == []


def test_a_checkout_leaves_no_credentials_behind() -> None:
    found = [step for _, step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert len(found) >= 6
    assert all(step["with"]["persist-credentials"] is False for step in found)


@pytest.mark.parametrize("file", [*FILES.values(), *ACTIONS], ids=lambda file: str(file.relative_to(ROOT)))
def test_others_actions_are_pinned_and_say_their_version(file: Path) -> None:
    used = re.findall(r"uses: (\S+?)(?:@(\S+) # (\S+))?$", file.read_text(), flags=re.MULTILINE)
    assert used or file.stem == "action"
    for action, commit, version in used:
        if not action.startswith("./"):
            assert (commit, version) == PINS[action]


def test_every_variable_and_every_secret_is_explained() -> None:
    page = (ROOT / "docs" / "ci.md").read_text()
    for context in ("vars", "secrets"):
        wanted = set().union(*(names(document(name), context) for name in FILES))
        assert wanted
        assert {name for name in wanted if f"`{name}`" not in page} == set()
