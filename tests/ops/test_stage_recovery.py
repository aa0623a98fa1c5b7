"""docs/bootstrap.md, "When the passphrase or the key is lost", step by step."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from ops.toolchain import Toolchain, ensure, install_plugin
from tests.journey.named_tenant import answering
from tests.journey.sandbox_tenant import SandboxTenant
from tests.ops.stage_new import OPTIONS, PASSPHRASE, NewStage

OURS = "auth0-phone verification"
KEYS = ("requestKey", "resultKey")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def toolchain() -> Toolchain:
    return ensure(Console(stderr=True))


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[SandboxTenant]:
    folder = tmp_path / "tenant"
    folder.mkdir()
    it = SandboxTenant(folder)
    it.start()
    yield it
    it.stop()


@pytest.fixture
def new(toolchain: Toolchain, tmp_path: Path, tenant: SandboxTenant) -> Iterator[NewStage]:
    install_plugin(toolchain, tmp_path / "home")
    made = NewStage.at(tmp_path, toolchain, tmp_path / "home")
    auth0 = tenant.ready["auth0"]
    with answering({OPTIONS["--domain"]: tenant.port}, tmp_path) as proxy:
        made.env |= proxy.environment()
        made.env |= {"AUTH0_CLIENT_ID": auth0["client_id"], "AUTH0_CLIENT_SECRET": auth0["client_secret"]}
        yield made


def done(new: NewStage, *words: str) -> str:
    ran = new.pulumi(*words)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@pytest.mark.sweep
def test_a_stage_whose_passphrase_is_lost_is_made_anew_over_its_own_action(
    new: NewStage, tenant: SandboxTenant
) -> None:
    assert new.run(*new.arguments(protect="no")).returncode == 0
    done(new, "config", "set", "--path", "verification.enforcement", "observe", "--stack", "mine")
    done(new, "up", "--yes", "--skip-preview", "--stack", "mine")
    assert tenant.bindings() == [OURS]
    before = tenant.actions()
    keys = new.secrets()

    new.env["PULUMI_CONFIG_PASSPHRASE"] = "another one, since the first is lost"
    lost = new.pulumi("preview", "--stack", "mine")
    assert lost.returncode != 0
    assert "incorrect passphrase" in lost.stdout

    kept = new.checkout.parent / "lost.yaml"
    new.file().rename(kept)
    done(new, "stack", "export", "--stack", "mine", "--file", "../lost.json")
    done(new, "stack", "rm", "mine", "--force", "--yes", "--preserve-config")
    assert tenant.actions() == before

    made = new.run(
        *new.arguments(answers="../lost.yaml", domain=None, address=None, countries=None, brand=None)
    )
    assert made.returncode == 0, made.stdout
    assert {new.secrets()[name] for name in KEYS}.isdisjoint(keys[name] for name in KEYS)
    assert new.run("stage", "salvage", "../lost.json", "--out", "../kept.json").returncode == 0
    done(new, "stack", "import", "--stack", "mine", "--file", "../kept.json")
    assert "secrets" in done(new, "preview", "--diff", "--stack", "mine")
    done(new, "up", "--yes", "--skip-preview", "--stack", "mine")
    assert tenant.actions() == before
    assert tenant.bindings() == []
    done(new, "preview", "--stack", "mine", "--expect-no-changes")
    assert PASSPHRASE not in made.stdout


@pytest.mark.sweep
def test_a_team_leaves_by_the_lines_of_the_page(new: NewStage, tenant: SandboxTenant) -> None:
    """docs/bootstrap.md, "How to leave", from a protected stage that asks people."""
    new.env["PULUMI_BACKEND_URL"] = new.backend
    assert new.run(*new.arguments(protect="yes")).returncode == 0
    done(new, "config", "set", "--path", "verification.enforcement", "observe", "--stack", "mine")
    done(new, "up", "--yes", "--skip-preview", "--stack", "mine")
    assert tenant.bindings() == [OURS]
    page = (ROOT / "docs" / "bootstrap.md").read_text().partition("## How to leave")[2]
    (block,) = re.findall(r"```sh\n(.*?)```", page, re.S)
    pause, *others = (shlex.split(line.replace("dev", "mine"), comments=True) for line in block.splitlines())

    refused = new.run("on", "mine", "destroy", "--yes")
    assert refused.returncode == 1, refused.stdout
    assert pause[:3] == ["auth0-phone", "pause", "mine"]
    paused = new.run(*pause[1:], "--yes")
    assert paused.returncode == 0, paused.stdout
    assert tenant.bindings() == []
    for program, *words in others:
        ran = new.pulumi(*words) if program == "pulumi" else new.run(*words)
        assert ran.returncode == 0, ran.stdout
    assert tenant.actions() == {}
    assert new.traces() == []


def test_the_page_says_what_was_tried_here() -> None:
    page = (ROOT / "docs" / "bootstrap.md").read_text()
    for words in (
        "stack export --stack dev --file",
        "stack rm dev --force --yes --preserve-config",
        "--answers ../lost.yaml",
        "stage salvage ../lost.json --out ../kept.json",
        "stack import --stack dev --file ../kept.json",
    ):
        assert words in page
