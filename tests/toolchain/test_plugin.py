"""The Auth0 plugin is kept, copied, downloaded or built, in this order."""

from pathlib import Path

import pytest
from rich.console import Console

from ops.errors import OpsError
from ops.toolchain import Toolchain, ensure, install_plugin, store
from ops.toolchain.build import PLUGIN, program
from tests.toolchain.fake_go import FakeGo, script

PLACE = "plugins/resource-auth0-v3.53.0"

# Does as `pulumi plugin install` does: `--file` copies; without it downloads, unless told to fail.
INSTALLER = """#!/bin/sh
here='{here}'
echo "$@" >> "$here/installs"
place="$PULUMI_HOME/plugins/resource-auth0-v3.53.0"
case "$*" in
*--file*)
  [ -e "$here/refuse-file" ] && {{ echo "error: no space left" >&2; exit 1; }}
  mkdir -p "$place"
  while [ "$1" != "--file" ]; do shift; done
  cp "$2" "$place/pulumi-resource-auth0" ;;
*)
  [ -e "$here/refuse" ] && {{ echo "noise" >&2; echo "error: dial tcp: no such host" >&2; exit 1; }}
  mkdir -p "$place"
  printf '#!/bin/sh\\necho downloaded\\n' > "$place/pulumi-resource-auth0"
  chmod +x "$place/pulumi-resource-auth0" ;;
esac
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def tools(go: FakeGo) -> Toolchain:
    """A Pulumi on PATH, whose plugin must come from elsewhere."""
    path = script(go.bin / "pulumi", INSTALLER.format(here=go.here))
    return Toolchain(path, go.bin, None, "3.259.0", "path")


def installs(go: FakeGo) -> list[str]:
    file = go.here / "installs"
    return file.read_text().splitlines() if file.exists() else []


def content(home: Path) -> str:
    return (home / PLACE / "pulumi-resource-auth0").read_text()


def built(go: FakeGo, tools: Toolchain) -> Toolchain:
    """The same installer, in the role of a CLI that was built with its plugin."""
    plugin = ensure_plugin(go)
    return Toolchain(tools.pulumi, tools.bin_dir, plugin, "3.259.0", "cache")


def ensure_plugin(go: FakeGo) -> Path:
    return program(store.obtain(Console(quiet=True), (PLUGIN,), "test").folder, PLUGIN)


def test_it_is_downloaded_at_exactly_our_pin(
    go: FakeGo, tools: Toolchain, home: Path, console: Console
) -> None:
    install_plugin(tools, home, console)
    assert installs(go) == ["plugin install resource auth0 v3.53.0 --non-interactive"]
    assert "downloaded" in content(home)
    assert go.builds == []
    assert "Downloading the Auth0 plugin 3.53.0" in console.export_text()


def test_nothing_happens_when_it_is_there(go: FakeGo, tools: Toolchain, home: Path, console: Console) -> None:
    install_plugin(tools, home, console)
    console.export_text(clear=True)
    install_plugin(tools, home, console)
    assert len(installs(go)) == 1
    assert console.export_text() == ""


def test_a_download_that_fails_becomes_a_build(
    go: FakeGo, tools: Toolchain, home: Path, console: Console
) -> None:
    (go.here / "refuse").touch()
    install_plugin(tools, home, console)
    assert go.builds == [PLUGIN]
    assert "3.53.0" in content(home)
    assert "can't be downloaded (dial tcp: no such host)" in console.export_text()


def test_one_that_was_built_before_is_not_downloaded(
    go: FakeGo, tools: Toolchain, home: Path, console: Console
) -> None:
    ensure_plugin(go)
    install_plugin(tools, home, console)
    assert [line for line in installs(go) if "--file" not in line] == []


def test_with_neither_network_nor_go_both_are_named(
    go: FakeGo, tools: Toolchain, home: Path, console: Console
) -> None:
    (go.here / "refuse").touch()
    (go.bin / "go").unlink()
    with pytest.raises(OpsError, match=r"can't be downloaded \(dial tcp.*no go on PATH"):
        install_plugin(tools, home, console)


def test_a_built_toolchain_brings_its_own(go: FakeGo, tools: Toolchain, home: Path) -> None:
    install_plugin(built(go, tools), home)
    install_plugin(built(go, tools), home)
    assert len(installs(go)) == 1
    assert "--reinstall --file" in installs(go)[0]


def test_another_build_replaces_it(go: FakeGo, tools: Toolchain, home: Path) -> None:
    install_plugin(built(go, tools), home)
    go.says("go1.99.1")
    install_plugin(built(go, tools), home)
    assert len(installs(go)) == 2


def test_one_that_was_unpacked_half_is_installed_again(go: FakeGo, tools: Toolchain, home: Path) -> None:
    install_plugin(tools, home)
    (home / f"{PLACE}.partial").touch()
    install_plugin(tools, home)
    assert len(installs(go)) == 2


def test_a_copy_that_fails_is_told(go: FakeGo, tools: Toolchain, home: Path) -> None:
    (go.here / "refuse-file").touch()
    with pytest.raises(OpsError, match="no space left") as told:
        install_plugin(built(go, tools), home)
    assert str(home) in told.value.what


def test_a_pulumi_that_is_gone_is_told(go: FakeGo, tools: Toolchain, home: Path) -> None:
    made = built(go, tools)
    made.pulumi.unlink()
    with pytest.raises(OpsError, match="No such file"):
        install_plugin(made, home)


def test_the_real_thing_lands_where_the_engine_looks(toolchain: Toolchain, plugin_home: Path) -> None:
    assert (plugin_home / PLACE / "pulumi-resource-auth0").stat().st_size > 10**6
    assert ensure(Console(quiet=True)).version == toolchain.version
