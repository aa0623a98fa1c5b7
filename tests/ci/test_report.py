"""What CI publishes: nothing that is secret, and nothing that breaks out of its frame."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ops.ci_comment
import ops.ci_report
from ops.ci_comment import LIMIT, markdown
from ops.ci_report import clean, of_environment, of_stage
from ops.errors import OpsError
from ops.real import RealStage

FRAGMENTS = st.lists(st.sampled_from(["`", "```", "````", "\n", "x", " ", "-"]), max_size=20).map("".join)
KEY = 'k9/Zx+7&"quoted"=\'8w'


@pytest.mark.parametrize(
    "shown",
    [
        KEY,
        json.dumps(KEY)[1:-1],
        quote(KEY, safe=""),
        base64.b64encode(KEY.encode()).decode(),
        f"\x1b[32m{KEY}\x1b[0m",
    ],
)
def test_a_secret_is_named_and_nothing_of_it_is_said(shown: str) -> None:
    with pytest.raises(OpsError) as refused:
        clean(f"error: request to x?key={shown} failed", {"AUTH0_CLIENT_SECRET": KEY})
    told = f"{refused.value.what} {refused.value.why} {refused.value.mend}"
    assert "AUTH0_CLIENT_SECRET" in told
    assert KEY not in told
    assert shown not in told


def test_a_line_of_a_private_key_is_a_secret() -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END PRIVATE KEY-----\n"
    with pytest.raises(OpsError):
        clean("at MIIEvQIBADANBgkqhkiG9w0", {"KEY": pem})
    assert clean("-----BEGIN PRIVATE KEY-----", {"KEY": pem})


def test_ordinary_output_survives() -> None:
    text = "    ~ auth0:index/action:Action: (update) 🔒\n        secrets: [secret]\n"
    assert clean(f"\x1b[1m{text}\x1b[0m", {"A": KEY, "SHORT": "1", "EMPTY": ""}) == text


def test_secrets_are_found_by_name_and_in_the_stage() -> None:
    environment = {
        "AUTH0_CLIENT_SECRET": "a",
        "PULUMI_CONFIG_PASSPHRASE": "b",
        "VERCEL_TOKEN": "c",
        "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY": "d",
        "AUTH0_CLIENT_ID": "public",
        "PULUMI_CONFIG_PASSPHRASE_FILE": "/a/path",
    }
    assert sorted(of_environment(environment).values()) == ["a", "b", "c", "d"]
    held = {"resultKey": "r", "environment": {"REDIS_URL": "rediss://x"}}
    config = {"auth0-phone:secrets": {"objectValue": held}, "auth0-phone:brand": {"objectValue": {"n": "A"}}}
    assert of_stage(json.dumps(config)) == {
        "secrets.resultKey": "r",
        "secrets.environment.REDIS_URL": "rediss://x",
    }
    assert of_stage("{}") == {}


@given(st.dictionaries(st.sampled_from(["dev", "prod", "eu"]), FRAGMENTS, min_size=1))
def test_no_report_ends_its_frame(reports: dict[str, str]) -> None:
    text = markdown("Preview", reports)
    lines = text.splitlines()
    fences = [line for line in lines if line.endswith("diff") and line.startswith("```")]
    assert len(fences) == len(reports)
    at = 0
    for fence, report in zip(fences, reports.values(), strict=True):
        opened = lines.index(fence, at)
        run = fence.removesuffix("diff")
        ends = (
            n for n, line in enumerate(lines) if n > opened and line.startswith(run) and set(line) == {"`"}
        )
        at = next(ends)
        assert "\n".join(lines[opened + 1 : at]) == report.strip("\n")


@given(st.integers(1, 4), st.integers(0, 200_000))
def test_it_is_never_longer_than_github_takes(stages: int, length: int) -> None:
    reports = {f"stage-{n}": "x" * length + "\nResources: ~ 1 to update" for n in range(stages)}
    text = markdown("Preview", reports)
    assert len(text) < LIMIT + 1000 < 65_536
    assert text.count("Resources: ~ 1 to update") == stages
    assert ("characters are left out" in text) == (length + 25 > LIMIT // stages)


class Stage:
    """A stage whose configuration holds one secret."""

    def __init__(self, value: str) -> None:
        self._value = value

    def asked(self, *arguments: str) -> str:
        assert arguments == ("config", "--show-secrets", "--json")
        return json.dumps({"auth0-phone:secrets": {"objectValue": {"resultKey": self._value}}})


@pytest.mark.parametrize("leaks", [False, True])
def test_a_log_becomes_a_report_or_nothing(
    leaks: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(RealStage, "at", lambda *_: Stage("a-key-of-the-stage"))
    log, out = tmp_path / "preview.log", tmp_path / "reports" / "dev.txt"
    log.write_text(f"+ 1 to create{' a-key-of-the-stage' if leaks else ''}")
    code = ops.ci_report.main(["dev", str(log), str(out)])
    said = capsys.readouterr()
    assert "a-key-of-the-stage" not in said.out + said.err
    assert out.exists() is not leaks
    assert code == leaks
    if leaks:
        assert "The output shows secrets.resultKey" in said.err
    else:
        assert said.out == "+ 1 to create\n"
        assert ops.ci_comment.main(["Preview", str(out.parent)]) == 0
        assert "### dev" in capsys.readouterr().out


def test_a_run_without_a_report_says_so() -> None:
    assert "Nothing was reported." in markdown("Preview", {})
