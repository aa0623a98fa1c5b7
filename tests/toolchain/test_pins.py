"""The versions that belong together say the same everywhere."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from ops.toolchain.pins import OLDEST_PULUMI, PLUGIN_VERSION, SOURCES, Pins, numbers

ROOT = Path(__file__).resolve().parents[2]


def test_the_plugin_is_the_one_that_the_installed_package_asks_for() -> None:
    assert version("pulumi_auth0") == PLUGIN_VERSION


def test_the_plugin_that_we_build_calls_itself_so() -> None:
    main = (SOURCES / "cmd" / "pulumi-resource-auth0" / "main.go").read_text()
    assert re.findall(r'version = "([\d.]+)"', main) == [PLUGIN_VERSION]


def test_the_cli_that_we_build_is_the_installed_sdk_and_good_enough_for_ourselves() -> None:
    pins = Pins.of(SOURCES)
    assert pins.cli == version("pulumi")
    assert numbers(pins.cli) >= numbers(OLDEST_PULUMI)


def test_the_two_halves_of_pulumi_have_one_version() -> None:
    text = (SOURCES / "go.mod").read_text()
    both = {re.search(rf"github.com/pulumi/pulumi/{half}/v3 v(\S+)", text) for half in ("pkg", "sdk")}
    assert {found.group(1) for found in both if found} == {Pins.of(SOURCES).cli}


def test_every_pin_is_read_from_go_mod(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text(
        "module x\n\ngo 1.30.2\n\nrequire (\n"
        "\tgithub.com/auth0/terraform-provider-auth0 v9.8.7\n"
        "\tgithub.com/pulumi/pulumi/sdk/v3 v3.300.0\n)\n"
    )
    assert Pins.of(tmp_path) == Pins(go="1.30.2", cli="3.300.0", provider="9.8.7")


def test_a_pin_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module x\n\ngo 1.30.2\n")
    with pytest.raises(LookupError, match="pulumi/sdk"):
        Pins.of(tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v3.259.0", (3, 259, 0)),
        ("go1.26.8", (1, 26, 8)),
        ("go1.27", (1, 27)),
        ("go1.27rc1", (1, 27)),
        ("3.260.0-alpha.1", (3, 260, 0)),
        ("devel +abc", ()),
        ("", ()),
    ],
)
def test_versions_compare_as_numbers(text: str, expected: tuple[int, ...]) -> None:
    assert numbers(text) == expected
