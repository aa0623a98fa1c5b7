"""Which Pulumi is taken, and what its commands run with."""

import os
from pathlib import Path

import pytest
from rich.console import Console

from ops.toolchain import Toolchain, ensure, environment
from tests.toolchain.fake_go import FakeGo, script


def pulumi_on_path(go: FakeGo, version: str) -> Path:
    script(go.bin / "pulumi-language-python", "#!/bin/sh\n")
    return script(go.bin / "pulumi", f"#!/bin/sh\necho {version}\n")


def test_the_persons_own_is_used_as_it_is(go: FakeGo, console: Console) -> None:
    path = pulumi_on_path(go, "v3.272.0")
    assert ensure(console) == Toolchain(path, go.bin, None, "3.272.0", "path")
    assert go.builds == []
    assert console.export_text() == ""


def test_one_that_does_not_fit_is_told_and_passed_over(go: FakeGo, console: Console) -> None:
    path = pulumi_on_path(go, "v3.100.0")
    made = ensure(console)
    assert made.source == "built"
    assert made.pulumi != path
    assert f"{path} is 3.100.0" in console.export_text()


def test_one_that_does_not_fit_is_not_told_once_there_is_a_build(go: FakeGo, console: Console) -> None:
    pulumi_on_path(go, "v3.100.0")
    ensure(Console(quiet=True))
    assert ensure(console).source == "cache"
    assert console.export_text() == ""


def test_a_build_of_ours_has_its_plugin_and_version(go: FakeGo, console: Console) -> None:
    first, second = ensure(console), ensure(console)
    assert (first.source, second.source) == ("built", "cache")
    assert first.version == "3.259.0"
    assert first.plugin is not None
    assert first.plugin.exists()
    assert first.bin_dir == first.pulumi.parent
    assert first.plugin.parent != first.bin_dir


def test_commands_download_nothing_and_find_the_host_first(
    go: FakeGo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/one:/two")
    tools = Toolchain(tmp_path / "bin" / "pulumi", tmp_path / "bin", None, "3.259.0", "path")
    assert environment(tools, tmp_path / "home") == {
        "PATH": os.pathsep.join([str(tmp_path / "bin"), "/one", "/two"]),
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
    }
