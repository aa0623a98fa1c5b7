"""Stages from their files alone, and the schema they are laid over."""

from pathlib import Path
from typing import Any

import pytest

from infra import mending, schema, stage_file
from infra.errors import SettingsError, StageFileError
from infra.leaves import leaves
from infra.secret import Secret
from infra.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
# Whichever there are: a team removes the examples, and its own ones hold encrypted secrets.
STAGES = stage_file.stages(ROOT)
PROJECT = """\
name: auth0-phone
config:
  publicBaseUrl: {type: string, description: d, default: ""}
  verification.enforcement: {type: string, description: d, default: "off"}
  verification.percentage: {type: integer, description: d, default: 100}
  secrets.requestKey: {type: string, description: d, default: ""}
  phone.countries: {type: array, items: {type: string}, description: d, default: []}
"""


def loaded(folder: Path, stage: str, project: str = PROJECT) -> dict[str, Any]:
    (folder / "Pulumi.yaml").write_text(project)
    (folder / "Pulumi.dev.yaml").write_text(stage)
    return stage_file.load("dev", folder)


def test_a_stage_is_laid_over_the_defaults(tmp_path: Path) -> None:
    mapping = loaded(tmp_path, "config:\n  auth0-phone:verification: {enforcement: observe}\n")
    assert mapping == {
        "publicBaseUrl": "",
        "verification": {"enforcement": "observe", "percentage": 100},
        "secrets": {"requestKey": ""},
        "phone": {"countries": []},
    }


def test_encrypted_values_become_opaque_secrets(tmp_path: Path) -> None:
    mapping = loaded(
        tmp_path, "encryptionsalt: v1:x\nconfig:\n  auth0-phone:secrets:\n    requestKey: {secure: v1:abc}\n"
    )
    assert isinstance(mapping["secrets"]["requestKey"], Secret)
    assert mapping["secrets"]["requestKey"].is_opaque


def test_a_plain_secret_stays_plain_so_that_it_is_refused(tmp_path: Path) -> None:
    mapping = loaded(tmp_path, "config:\n  auth0-phone:secrets: {requestKey: abc}\n")
    assert mapping["secrets"]["requestKey"] == "abc"


def test_an_encrypted_top_level_key_is_a_secret(tmp_path: Path) -> None:
    assert isinstance(
        loaded(tmp_path, "config:\n  auth0-phone:publicBaseUrl: {secure: v1:x}\n")["publicBaseUrl"], Secret
    )


def test_keys_of_other_providers_are_left_alone_and_bare_keys_are_ours(tmp_path: Path) -> None:
    mapping = loaded(tmp_path, "config:\n  auth0:domain: other\n  publicBaseUrl: https://a.example\n")
    assert mapping["publicBaseUrl"] == "https://a.example"
    assert "domain" not in mapping


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("off", "off"),
        ("no", "no"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("2026-11-01", "2026-11-01"),
        ("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        ("12:30", "12:30"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("100", 100),
        ("010", "010"),
        ("08", "08"),
        ("1.5", 1.5),
        ("'100'", "100"),
        ("~", None),
    ],
)
def test_scalars_are_read_as_the_pulumi_command_reads_them(
    tmp_path: Path, written: str, read: object
) -> None:
    mapping = loaded(tmp_path, f"config:\n  auth0-phone:publicBaseUrl: {written}\n")
    assert mapping["publicBaseUrl"] == read
    assert type(mapping["publicBaseUrl"]) is type(read)


@pytest.mark.parametrize("stage", ["", "# nothing yet\n", "config:\n", "encryptionsalt: v1:x\n"])
def test_a_stage_may_say_nothing(tmp_path: Path, stage: str) -> None:
    assert loaded(tmp_path, stage)["verification"]["percentage"] == 100


@pytest.mark.parametrize(
    ("stage", "says"),
    [
        ("- a\n", "must be a mapping"),
        ("config: [a]\n", "must be a mapping"),
        ("config: {a: b\n", "cannot be read"),
        ("config:\n  a: !!python/object/apply:os.system [true]\n", "cannot be read"),
    ],
)
def test_a_broken_stage_file_says_so(tmp_path: Path, stage: str, says: str) -> None:
    with pytest.raises(StageFileError, match=says):
        loaded(tmp_path, stage)


def test_a_missing_stage_says_so(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    with pytest.raises(StageFileError, match=r"There is no .*Pulumi\.prod\.yaml"):
        stage_file.load("prod", tmp_path)


@pytest.mark.parametrize("project", ["name: x\nconfig: {a: 1}\n", "config: {}\n", "name: x\nconfig: [a]\n"])
def test_a_project_without_a_typed_schema_says_so(tmp_path: Path, project: str) -> None:
    with pytest.raises(StageFileError, match="schema of typed keys"):
        loaded(tmp_path, "", project)


def test_a_copy_of_the_stage_file_can_stand_in(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "copy.yaml").write_text("config:\n  auth0-phone:publicBaseUrl: https://a.example\n")
    mapping = stage_file.load("dev", tmp_path, tmp_path / "copy.yaml")
    assert mapping["publicBaseUrl"] == "https://a.example"


def test_the_schema_and_the_settings_have_the_same_keys_types_and_defaults() -> None:
    declared = {entry.key: (entry.type, entry.default) for entry in schema.load(ROOT / "Pulumi.yaml").entries}
    table = {leaf.key: leaf for leaf in leaves(Settings)}
    assert set(declared) == set(table)
    kinds = {bool: "boolean", int: "integer"}
    for key, leaf in table.items():
        kind = kinds.get(leaf.field.annotation, "string")  # type: ignore[arg-type]
        kind = "list of strings" if leaf.is_list else "object" if leaf.is_table else kind
        default = leaf.field.default
        if leaf.field.is_required() or default in (None, ()):
            default = [] if leaf.is_list else ""
        assert declared[key] == (kind, list(default) if leaf.is_list else default), key


def test_every_key_has_a_description_and_every_leaf_an_example_that_is_valid() -> None:
    assert all(entry.description.endswith(".") for entry in schema.load(ROOT / "Pulumi.yaml").entries)
    for leaf in leaves(Settings):
        if not leaf.is_secret:
            (example,) = leaf.field.examples or [None]
            value = {"true": True}.get(example, example) if isinstance(example, str) else example
            whole = [value] if leaf.holds_lists else value
            name = {"sms.limits": "number", "sms.carrierUrls": "webhook"}.get(leaf.key, "GB")
            assert leaf.parse({name: whole} if leaf.is_table else whole, "prod") is not None, leaf.key


@pytest.mark.parametrize("stage", STAGES)
def test_the_committed_stages_are_valid_and_hold_no_secret(stage: str) -> None:
    mapping = stage_file.load(stage, ROOT)
    assert Settings.from_mapping(mapping, stage=stage, require_secrets=False).stage == stage
    assert in_clear_text(mapping["secrets"]) == []


def in_clear_text(secrets: dict[str, Any]) -> list[str]:
    """The keys of secrets that are neither encrypted nor empty."""
    inner = [name for group in secrets.values() if isinstance(group, dict) for name in in_clear_text(group)]
    return inner + [name for name, value in secrets.items() if isinstance(value, str) and value]


def test_a_secret_in_clear_text_would_be_seen() -> None:
    seen = in_clear_text({"a": Secret("x"), "b": "", "environment": {"C": "x", "D": Secret("x")}, "e": "x"})
    assert seen == ["C", "e"]


def test_the_stages_are_found(tmp_path: Path) -> None:
    for name in ("Pulumi.yaml", "Pulumi.eu-01.yaml", "Pulumi.dev.yaml", "Pulumi.local.yaml", "other.yaml"):
        (tmp_path / name).touch()
    assert stage_file.stages(tmp_path) == ["dev", "eu-01", "local"]
    assert "local" in STAGES


def test_the_stage_file_is_the_same_to_a_reader_of_yaml_1_1() -> None:
    """Other tools read it, too; a bare `off` would be false to them."""
    import yaml

    for stage in STAGES:
        path = ROOT / f"Pulumi.{stage}.yaml"
        assert yaml.safe_load(path.read_text()) == schema.read_yaml(path)


def test_the_local_stage_is_mended_in_its_file_with_a_line_that_can_stand_there() -> None:
    for leaf in leaves(Settings):
        if leaf.is_secret or leaf.is_table:
            continue
        line = mending.setting(leaf.key, leaf.example, "local")
        path, value = line.removeprefix("edit Pulumi.local.yaml: ").split(": ", 1)
        read = schema.parse_yaml(value)
        assert path == leaf.key
        assert leaf.parse([read] if leaf.is_list else read, "local") is not None, leaf.key


def test_no_mend_of_the_local_stage_writes_to_its_working_copy() -> None:
    mapping = stage_file.load("local", ROOT) | {
        "brand": {"name": "", "color": "blue", "font": "serif"},
        "phone.channel": "sms",
        "verification": "form",
        "secrets": {"requestKey": "in clear text"},
    }
    with pytest.raises(SettingsError) as refused:
        Settings.from_mapping(mapping, stage="local")
    mends = {problem.key: problem.mend for problem in refused.value.problems}
    assert mends["brand.color"] == 'edit Pulumi.local.yaml: brand.color: "#0b5fff"'
    assert mends["brand.font"] == "edit Pulumi.local.yaml: remove brand.font"
    assert mends["phone.channel"] == "edit Pulumi.local.yaml: remove phone.channel"
    assert "`make up` makes" in mends["secrets.requestKey"]
    assert not [mend for mend in mends.values() if "pulumi config" in mend]
