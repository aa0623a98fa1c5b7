"""A Pulumi on PATH is used when it fits, and told apart when it does not."""

import os
from pathlib import Path

import pytest

from ops.toolchain import found
from tests.toolchain.fake_go import FakeGo, script


def install(go: FakeGo, version: str, *, host: bool = True, padding: int = 0) -> Path:
    if host:
        script(go.bin / "pulumi-language-python", "#!/bin/sh\n")
    text = f"#!/bin/sh\necho asked >> {go.here}/asked\necho {version}\nexit\n"
    return script(go.bin / "pulumi", text + "#" * padding)


def asked(go: FakeGo) -> int:
    return len((go.here / "asked").read_text().splitlines())


@pytest.mark.parametrize("version", ["v3.259.0", "v3.272.0", "3.999.9"])
def test_one_that_fits_has_no_complaint(go: FakeGo, version: str) -> None:
    path = install(go, version)
    seen = found.find()
    assert seen is not None
    assert (seen.path, seen.version, seen.complaint) == (path, version.removeprefix("v"), None)


@pytest.mark.parametrize("version", ["v3.258.9", "v2.400.0", "v4.0.0", "v10.0.0"])
def test_one_of_another_time_is_refused_with_both_limits(go: FakeGo, version: str) -> None:
    install(go, version)
    seen = found.find()
    assert seen is not None
    assert seen.complaint is not None
    for part in (str(go.bin / "pulumi"), version.removeprefix("v"), "3.259.0", "4.0.0"):
        assert part in seen.complaint


def test_one_without_its_python_host_is_refused(go: FakeGo) -> None:
    install(go, "v3.260.0", host=False)
    seen = found.find()
    assert seen is not None
    assert "pulumi-language-python" in (seen.complaint or "")


def test_the_host_may_lie_beside_what_a_link_on_path_points_to(go: FakeGo, tmp_path: Path) -> None:
    real = tmp_path / "opt"
    real.mkdir()
    script(real / "pulumi", "#!/bin/sh\necho v3.260.0\n")
    script(real / "pulumi-language-python", "#!/bin/sh\n")
    (go.bin / "pulumi").symlink_to(real / "pulumi")
    seen = found.find()
    assert seen is not None
    assert seen.complaint is None


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\necho\n", "not a program"])
def test_one_that_does_not_answer_is_refused(go: FakeGo, text: str) -> None:
    script(go.bin / "pulumi", text)
    seen = found.find()
    assert seen is not None
    assert "does not tell its version" in (seen.complaint or "")


def test_there_may_be_none(go: FakeGo) -> None:
    assert found.find() is None


def test_a_big_binary_is_asked_once(go: FakeGo) -> None:
    install(go, "v3.260.0", padding=11 * 2**20)
    assert [found.find(), found.find(), found.find()].count(None) == 0
    assert asked(go) == 1


def test_an_upgraded_binary_is_asked_again(go: FakeGo) -> None:
    install(go, "v3.260.0", padding=11 * 2**20)
    found.find()
    path = install(go, "v3.261.0", padding=11 * 2**20)
    os.utime(path, ns=(1, 1))
    seen = found.find()
    assert seen is not None
    assert seen.version == "3.261.0"


def test_a_version_managers_shim_is_asked_every_time(go: FakeGo) -> None:
    install(go, "v3.260.0")
    found.find()
    found.find()
    assert asked(go) == 2


def test_a_broken_memory_is_no_obstacle(go: FakeGo) -> None:
    go.cache.mkdir(parents=True)
    (go.cache / "found.json").write_text('["cut sho')
    install(go, "v3.260.0", padding=11 * 2**20)
    seen = found.find()
    assert seen is not None
    assert seen.version == "3.260.0"


def test_a_cache_that_cannot_be_written_is_no_obstacle(go: FakeGo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    install(go, "v3.260.0", padding=11 * 2**20)
    seen = found.find()
    assert seen is not None
    assert seen.complaint is None
