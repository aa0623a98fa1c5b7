"""Rules of the house that a machine can read."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str) -> list[Path]:
    """The files of the project: what git tracks, and what it would."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_every_locked_requirement_has_a_hash_and_no_address() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text()
        pins = re.findall(r"^[A-Za-z0-9_.-]+==", text, flags=re.MULTILINE)
        assert pins, f"{lock.name} is empty"
        assert len(re.findall(r"--hash=sha256:", text)) >= len(pins)
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)


def test_the_service_installs_nothing_that_the_deployer_does_not_know() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / name).read_text()
        return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", text, flags=re.MULTILINE))

    service, deploy, dev = pins("service.txt"), pins("deploy.txt"), pins("dev.txt")
    assert service.items() <= deploy.items()
    assert deploy.items() <= dev.items()


def test_pulumi_parts_are_pinned_together() -> None:
    go_mod = (ROOT / "toolchain" / "go.mod").read_text()
    deploy = (ROOT / "requirements" / "deploy.txt").read_text()
    cli = re.search(r"github.com/pulumi/pulumi/sdk/v3 v([\d.]+)", go_mod)
    assert cli is not None
    assert f"\npulumi=={cli.group(1)} " in deploy


@pytest.mark.parametrize(
    "pattern", [r"verify\s*=\s*False", r"ssl\s*=\s*False", r"check_hostname\s*=\s*False"]
)
def test_no_code_of_ours_switches_tls_verification_off(pattern: str) -> None:
    ours = [file for file in tracked("*.py") if file.relative_to(ROOT).parts[0] != "tests"]
    assert [str(file.relative_to(ROOT)) for file in ours if re.search(pattern, file.read_text())] == []


def test_no_test_is_skipped_and_none_sleeps() -> None:
    # asyncio.sleep(0) only lets others have their turn.
    rule = re.compile(
        r"pytest\.(mark\.(skip|skipif|xfail)|skip|importorskip)\b"
        r"|\btime\.sleep\(|\b(asyncio|anyio)\.sleep\((?!0\))|\bwait_for_timeout\("
    )
    ours = [file for file in tracked("tests/*.py") if file != Path(__file__)]
    assert [str(file.relative_to(ROOT)) for file in ours if rule.search(file.read_text())] == []


def test_modules_stay_small() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in tracked("*.py", "*.js", "*.mjs", "*.go")
        if file.relative_to(ROOT).parts[0] != "tests" and (lines := len(file.read_text().splitlines())) > 450
    }
    assert long == {}
