"""Which stages make a fleet, whose credentials each gets, and what stops it before anything begins."""

from pathlib import Path

import pytest

from infra import stage_file
from ops.errors import OpsError
from ops.fleet import choice, credentials

from .samples import ROOT

KEYS = "".join(
    f"    {key}:\n      secure: v1:opaque\n"
    for key in ("requestKey", "resultKey", "twilioApiKey", "twilioApiSecret", "twilioVerifyService")
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_bytes((ROOT / "Pulumi.yaml").read_bytes())
    (tmp_path / "Pulumi.local.yaml").write_bytes((ROOT / "Pulumi.local.yaml").read_bytes())
    return tmp_path


def stage(root: Path, name: str, tenant: str = "", more: str = "") -> None:
    text = (ROOT / "tests/journey/stages/Pulumi.dev.yaml").read_text()
    text = text.replace("acme-dev.eu.auth0.com", tenant or f"{name.lower()}.eu.auth0.com")
    (root / f"Pulumi.{name}.yaml").write_text(f"{text}  auth0-phone:secrets:\n{KEYS}{more}")


def known(*names: str) -> dict[str, str]:
    pairs = [(f"AUTH0_CLIENT_ID{credentials.suffix(name)}", f"id of {name}") for name in names]
    pairs += [(f"AUTH0_CLIENT_SECRET{credentials.suffix(name)}", f"secret of {name}") for name in names]
    return dict(pairs)


def test_patterns_choose_in_order_and_never_the_local_stage(root: Path) -> None:
    for name in ("us-1", "eu-2", "eu-1"):
        stage(root, name)
    assert choice.matching(root, ["eu-*"]) == ["eu-1", "eu-2"]
    assert choice.matching(root, ["us-1", "eu-2"]) == ["eu-2", "us-1"]
    assert choice.matching(root, ["*"]) == ["eu-1", "eu-2", "us-1"]
    assert choice.matching(root, ["eu-[12]", "eu-1"]) == ["eu-1", "eu-2"]


@pytest.mark.parametrize("pattern", ["asia-*", "local", "EU-*"])
def test_a_pattern_without_a_stage_says_which_there_are(root: Path, pattern: str) -> None:
    stage(root, "eu-1")
    with pytest.raises(OpsError) as error:
        choice.matching(root, ["eu-1", pattern])
    assert error.value.what == f"No stage is called {pattern}"
    assert error.value.why.endswith("eu-1.")
    assert "local" not in error.value.why


def test_each_member_has_its_own_credentials_and_nobody_elses(root: Path) -> None:
    stage(root, "eu-1")
    stage(root, "eu-2")
    everything = {
        **known("eu-1", "eu-2"),
        "AUTH0_CLIENT_SECRET": "somebody's",
        "AUTH0_DOMAIN": "another.eu.auth0.com",
        "AUTH0_PHONE_BLOBS": "/blobs",
        "PATH": "/bin",
        "PULUMI_BACKEND_URL": "s3://state",
        "PULUMI_CONFIG_PASSPHRASE": "shared",
        "PULUMI_CONFIG_PASSPHRASE_FILE__EU_2": "/its/own",
    }
    first, second = choice.members(root, ["eu-1", "eu-2"], everything)
    common = {"AUTH0_PHONE_BLOBS": "/blobs", "PATH": "/bin", "PULUMI_BACKEND_URL": "s3://state"}
    assert first.env == {
        **common,
        "PULUMI_CONFIG_PASSPHRASE": "shared",
        "AUTH0_CLIENT_ID": "id of eu-1",
        "AUTH0_CLIENT_SECRET": "secret of eu-1",
    }
    assert second.env == {
        **common,
        "PULUMI_CONFIG_PASSPHRASE_FILE": "/its/own",
        "AUTH0_CLIENT_ID": "id of eu-2",
        "AUTH0_CLIENT_SECRET": "secret of eu-2",
    }
    assert "secret of eu-1" not in repr(first)


def test_all_that_any_stage_lacks_is_told_at_once(root: Path) -> None:
    stage(root, "eu-1")
    stage(root, "eu-2", "eu-1.eu.auth0.com")
    stage(root, "eu-3")
    stage(root, "eu_3")
    stage(root, "eu-4", more="  auth0-phone:enforcment: off\n")
    stage(root, "eu-5")
    file = root / "Pulumi.eu-5.yaml"
    file.write_text("encryptionsalt: v1:abc\n" + file.read_text())
    (root / "Pulumi.eu-6.yaml").write_text("config: [\n")
    stage(root, "eu-7")
    file = root / "Pulumi.eu-7.yaml"
    file.write_text(
        file.read_text().replace("kind: external", "kind: vercel")
        + "    environment:\n      REDIS_URL:\n        secure: v1:opaque\n"
    )
    names = [name for name in stage_file.stages(root) if name != "local"]
    with pytest.raises(OpsError) as error:
        choice.members(root, names, known("eu-2", "eu-3", "eu-4", "eu-5", "eu-6", "eu-7"))
    said = error.value.why
    assert error.value.what == "7 of 8 stages cannot be deployed"
    for line in (
        "eu-1: AUTH0_CLIENT_ID__EU_1 and AUTH0_CLIENT_SECRET__EU_1 are not set",
        "eu-2: its tenant eu-1.eu.auth0.com is eu-1's",
        "eu_3: its variables would be eu-3's, too: both end in __EU_3",
        "eu-5: PULUMI_CONFIG_PASSPHRASE is not set, nor PULUMI_CONFIG_PASSPHRASE__EU_5, its own",
        "eu-7: VERCEL_TOKEN is not set, nor VERCEL_TOKEN__EU_7, its own",
    ):
        assert f"- {line}" in said
    assert "enforcment" in said
    assert "Pulumi.eu-6.yaml" in said
    assert "secret of" not in said
    assert "Nothing was begun" in said


@pytest.mark.parametrize(
    "own",
    [
        ("AUTH0_API_TOKEN",),
        ("AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET"),
        ("AUTH0_CLIENT_ID", "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY"),
    ],
)
def test_each_way_in_is_enough_and_half_of_it_is_not(root: Path, own: tuple[str, ...]) -> None:
    everything = {f"{name}__EU_1": "x" for name in own}
    file = root / "Pulumi.local.yaml"
    env = credentials.environment("eu-1", everything)
    assert env == dict.fromkeys(own, "x")
    assert credentials.missing("eu-1", env, file) is None
    assert credentials.missing("eu-1", {**env, own[-1]: ""}, file)
