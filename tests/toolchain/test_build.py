"""A build is whole or absent, made once, and told while it is made."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from ops.errors import OpsError
from ops.toolchain import store
from ops.toolchain.build import HOST, PLUGIN, PULUMI, complete, program
from tests.toolchain.fake_go import FakeGo

ROOT = Path(__file__).resolve().parents[2]


def obtain(console: Console, parts: tuple[str, ...] = store.WHOLE) -> store.Build:
    return store.obtain(console, parts, "There is no pulumi on PATH")


def await_that(fact: Callable[[], bool], process: "subprocess.Popen[str] | None" = None) -> None:
    deadline = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < deadline
        if process is not None:
            assert process.poll() is None, process.communicate()
        threading.Event().wait(0.01)


def left_over(go: FakeGo) -> list[str]:
    return sorted(each.name for each in go.cache.iterdir() if each.name not in ("lock", "build.log"))


def test_everything_is_where_it_belongs(go: FakeGo, console: Console) -> None:
    made = obtain(console)
    assert made.fresh
    assert complete(made.folder, store.WHOLE)
    assert sorted(each.name for each in (made.folder / "bin").iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    ]
    assert [each.name for each in (made.folder / "plugin").iterdir()] == ["pulumi-resource-auth0"]
    assert all(os.access(each, os.X_OK) for each in (made.folder / "bin").iterdir())


def test_the_second_time_nothing_is_built(go: FakeGo, console: Console) -> None:
    first, second = obtain(console), obtain(console)
    assert (first.folder, second.fresh) == (second.folder, False)
    assert go.builds == list(store.WHOLE)


def test_another_go_builds_anew(go: FakeGo, console: Console) -> None:
    first = obtain(console)
    go.says("go1.99.1")
    assert obtain(console).folder != first.folder


def test_an_absent_go_is_content_with_what_another_built(go: FakeGo, console: Console) -> None:
    first = obtain(console)
    (go.bin / "go").unlink()
    assert obtain(console) == store.Build(first.folder, fresh=False)


def test_flags_pin_and_stamp(go: FakeGo, console: Console) -> None:
    obtain(console)
    calls = (go.here / "calls").read_text()
    assert calls.count("-trimpath") == 3
    assert "version.Version=v3.259.0" in calls
    assert "internal/config.version=1.57.0" in calls


def test_a_person_sees_what_it_costs_and_where_it_is(go: FakeGo, console: Console) -> None:
    obtain(console)
    text = console.export_text()
    for part in (
        "There is no pulumi on PATH",
        "1.6 GB",
        "2.0 GB",
        "250 MB",
        str(go.here / "modules"),
        "2 cores",
    ):
        assert part in text
    for phase in ("Looking for modules", "Building pulumi (1 of 3", "Building pulumi-resource-auth0 (3 of 3"):
        assert phase in text
    assert "Built pulumi, pulumi-language-python, pulumi-resource-auth0 in 0:0" in text


def test_warm_caches_of_go_are_not_counted(go: FakeGo, console: Console) -> None:
    (go.here / "modules/github.com/pulumi/pulumi/pkg/v3@v3.259.0").mkdir(parents=True)
    (go.here / "compiled/00").mkdir(parents=True)
    for number in range(20):
        (go.here / f"compiled/00/{number}").touch()
    obtain(console)
    text = console.export_text()
    assert "1.6 GB" not in text
    assert "500 MB" in text
    assert "seconds" in text


def test_the_plugin_alone_can_be_built(go: FakeGo, console: Console) -> None:
    made = obtain(console, (PLUGIN,))
    assert go.builds == [PLUGIN]
    assert program(made.folder, PLUGIN).exists()
    assert not program(made.folder, PULUMI).exists()
    assert obtain(console, (PLUGIN,)) == store.Build(made.folder, fresh=False)


def test_a_build_that_lost_a_program_is_made_again(go: FakeGo, console: Console) -> None:
    made = obtain(console)
    program(made.folder, HOST).unlink()
    assert obtain(console).fresh
    assert complete(made.folder, store.WHOLE)


def test_a_failure_leaves_nothing_and_the_next_try_succeeds(go: FakeGo, console: Console) -> None:
    go.fails_with("dial tcp 192.0.2.1:443: i/o timeout\n")
    with pytest.raises(OpsError, match="can't be downloaded"):
        obtain(console)
    assert left_over(go) == []
    go.recovers()
    assert obtain(console).fresh


@pytest.mark.parametrize("part", [PULUMI, PLUGIN])
def test_a_program_that_gives_the_wrong_answer_is_not_kept(go: FakeGo, console: Console, part: str) -> None:
    (go.here / f"answer-{part}").write_text("v0.0.1")
    with pytest.raises(OpsError, match=rf"The {part} that was built does not run.*v0\.0\.1"):
        obtain(console)
    assert left_over(go) == []


def test_a_disk_that_is_too_small_is_told_before_anything_is_done(
    go: FakeGo, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: _Usage(10**9))
    with pytest.raises(OpsError, match=r"Only 1\.0 GB are free") as told:
        obtain(console)
    assert "3.9 GB" in told.value.why
    assert "GOMODCACHE" in told.value.mend
    assert go.builds == []


class _Usage:
    def __init__(self, free: int) -> None:
        self.free = free


def test_neither_pulumi_nor_go_names_both_ways_on(go: FakeGo, console: Console) -> None:
    (go.bin / "go").unlink()
    with pytest.raises(OpsError) as told:
        obtain(console)
    assert told.value.why == "There is no pulumi on PATH; there is no go on PATH."
    assert "Install Pulumi 3.259.0 or newer, below 4.0.0" in told.value.mend
    assert "or Go 1.26.6 or newer" in told.value.mend


def test_an_old_go_is_named(go: FakeGo, console: Console) -> None:
    go.says("go1.21.0")
    with pytest.raises(OpsError, match=r"is go1\.21\.0, and 1\.26\.6 or newer is needed"):
        obtain(console)


def test_without_the_sources_only_pulumi_helps(
    go: FakeGo, console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SOURCES", tmp_path / "not here")
    with pytest.raises(OpsError) as told:
        obtain(console)
    assert "Install Pulumi" in told.value.mend
    assert "Go" not in told.value.mend


def command_line(go: FakeGo) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "ops.toolchain"],
        cwd=ROOT,
        env=go.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_command_prints_the_folder_alone_on_stdout(go: FakeGo) -> None:
    process = command_line(go)
    out, err = process.communicate(timeout=30)
    assert Path(out.strip()).name == "bin"
    assert out.count("\n") == 1
    assert "Building pulumi" in err


def test_the_command_tells_a_failure_without_a_trace(go: FakeGo) -> None:
    go.fails_with("dial tcp 192.0.2.1:443: i/o timeout\n")
    process = command_line(go)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert "The Go modules can't be downloaded" in err
    assert "Traceback" not in err


def test_a_kill_in_the_middle_leaves_nothing_half_done(go: FakeGo) -> None:
    (go.here / "hang").touch()
    process = command_line(go)
    await_that((go.here / "hanging").exists, process)
    process.kill()
    process.communicate(timeout=10)
    assert [name for name in left_over(go) if not name.endswith(".building")] == []
    (go.here / "hang").unlink()
    after = command_line(go)
    out, err = after.communicate(timeout=30)
    assert after.returncode == 0, err
    assert left_over(go) == [Path(out.strip()).parent.name]


def test_ctrl_c_cleans_up_at_once(go: FakeGo) -> None:
    (go.here / "hang").touch()
    process = command_line(go)
    await_that((go.here / "hanging").exists, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    (go.here / "hang").unlink()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert left_over(go) == []


def test_two_at_once_build_once(go: FakeGo) -> None:
    (go.here / "hang").touch()
    first = command_line(go)
    await_that((go.here / "hanging").exists, first)
    second = command_line(go)
    await_that(lambda: (go.here / "calls").read_text().count("env -json") == 2, second)
    (go.here / "hang").unlink()
    answers = [process.communicate(timeout=30) for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], answers
    assert answers[0][0] == answers[1][0]
    assert go.builds == list(store.WHOLE)
