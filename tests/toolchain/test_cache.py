"""The cache: where it is, what a build is named by, who may write, what is thrown away."""

import os
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console

from ops.errors import OpsError
from ops.toolchain import cache


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    (folder / "cmd" / "one").mkdir(parents=True)
    for name in ("go.mod", "go.sum", "cmd/one/main.go"):
        (folder / name).write_text(name)
    return folder


@pytest.mark.parametrize(
    ("named", "expected"),
    [("/elsewhere", "/elsewhere"), ("", "/home/ann/.cache"), ("relative", "/home/ann/.cache")],
)
def test_the_folder_follows_the_xdg_specification(
    monkeypatch: pytest.MonkeyPatch, named: str, expected: str
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    assert cache.folder() == Path(expected) / "auth0-phone" / "toolchain"


def test_the_digest_is_of_what_is_built(sources: Path) -> None:
    first = cache.digest(sources)
    assert first == cache.digest(sources)
    (sources / "README.md").write_text("words")
    (sources / "cmd" / "one" / "main_test.go").write_text("package main")
    assert cache.digest(sources) == first


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "cmd/one/main.go", "cmd/one/more.go"])
def test_every_source_counts(sources: Path, name: str) -> None:
    first = cache.digest(sources)
    (sources / name).write_text("changed")
    assert cache.digest(sources) != first


def test_a_moved_file_counts(sources: Path) -> None:
    first = cache.digest(sources)
    (sources / "cmd" / "one" / "main.go").rename(sources / "cmd" / "one" / "start.go")
    assert cache.digest(sources) != first


def a_build(home: Path, name: str, days: float) -> Path:
    build = home / name
    (build / "bin").mkdir(parents=True)
    cache.touch(build)
    used = time.time() - days * 24 * 3600
    os.utime(build / "last-used", (used, used))
    return build


def test_only_what_nobody_used_for_30_days_is_pruned(tmp_path: Path) -> None:
    fresh, old, kept = a_build(tmp_path, "a", 29), a_build(tmp_path, "b", 31), a_build(tmp_path, "c", 99)
    assert cache.prune(tmp_path, keep=kept) == [old]
    assert (fresh.exists(), old.exists(), kept.exists()) == (True, False, True)


def test_use_makes_a_build_young_again(tmp_path: Path) -> None:
    build = a_build(tmp_path, "a", 31)
    cache.touch(build)
    assert cache.prune(tmp_path, keep=tmp_path / "another") == []


def test_what_is_no_build_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "somebody's").mkdir()
    assert cache.prune(tmp_path, keep=tmp_path / "c") == []
    assert (tmp_path / "somebody's").exists()


def test_the_second_waits_for_the_first_and_says_so(tmp_path: Path, console: Console) -> None:
    order: list[str] = []
    inside, leave = threading.Event(), threading.Event()

    def first() -> None:
        with cache.exclusive(tmp_path, Console(quiet=True)):
            inside.set()
            leave.wait(10)
            order.append("first")

    def second() -> None:
        with cache.exclusive(tmp_path, console):
            order.append("second")

    threads = [threading.Thread(target=work) for work in (first, second)]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    deadline = time.monotonic() + 10
    while "waiting" not in console.export_text(clear=False) and time.monotonic() < deadline:
        threads[1].join(0.01)
    leave.set()
    for thread in threads:
        thread.join(10)
    assert order == ["first", "second"]
    assert "Another process is building the toolchain" in console.export_text()


def test_a_folder_that_cannot_be_made_is_told_with_the_way_out(console: Console) -> None:
    with pytest.raises(OpsError) as told, cache.exclusive(Path("/proc/nowhere"), console):
        pass
    assert "/proc/nowhere" in told.value.what
    assert "XDG_CACHE_HOME" in told.value.mend


def test_a_disk_that_fills_up_meanwhile_is_told_as_that(tmp_path: Path, console: Console) -> None:
    with pytest.raises(OpsError, match="The disk is full"), cache.exclusive(tmp_path, console):
        raise OSError(28, "No space left on device", "somewhere")


def test_an_error_of_our_own_passes_unchanged(tmp_path: Path, console: Console) -> None:
    with pytest.raises(OpsError, match="mine"), cache.exclusive(tmp_path, console):
        raise OpsError("mine", "why", "mend")
