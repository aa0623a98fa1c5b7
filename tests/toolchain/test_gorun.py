"""Go is run line by line, and never left behind."""

from pathlib import Path

import psutil
import pytest

from ops.errors import OpsError
from ops.toolchain import golang
from ops.toolchain.gorun import GoRunner
from tests.toolchain.fake_go import FakeGo, script


def runner(go: FakeGo, silences: list[int] | None = None) -> GoRunner:
    silences = [] if silences is None else silences
    return GoRunner(golang.find("1.0"), go.here, go.here / "log", lambda: silences.append(1))


def becomes(go: FakeGo, text: str) -> None:
    script(go.bin / "go", f"#!/bin/sh\n{text}\n")


def test_messages_are_told_and_logged_and_the_result_returned(go: FakeGo) -> None:
    run, told = runner(go), list[str]()
    becomes(go, "echo one >&2; echo result; echo two >&2; printf three >&2")
    assert run.run(["list"], told.append) == "result\n"
    assert told == ["one", "two", "three"]
    assert run.log.read_text() == "one\ntwo\nthree\n"


def test_bytes_that_are_no_text_do_no_harm(go: FakeGo) -> None:
    run, told = runner(go), list[str]()
    becomes(go, r"printf 'a\377b\n' >&2")
    run.run(["list"], told.append)
    assert told == ["a\ufffdb"]


def test_a_silent_go_is_noticed(go: FakeGo) -> None:
    silences: list[int] = []
    run = runner(go, silences)
    becomes(go, "sleep 1.2")
    run.run(["list"], lambda line: None)
    assert silences


def test_a_failure_is_explained_by_its_own_lines(go: FakeGo) -> None:
    run = runner(go)
    becomes(go, "echo 'main.go:1: no' >&2; exit 1")
    with pytest.raises(OpsError, match=r"main\.go:1: no"):
        run.run(["build"], lambda line: None)


def test_go_ends_when_we_do(go: FakeGo, tmp_path: Path) -> None:
    run = runner(go)
    becomes(go, f"echo $$ > {tmp_path}/pid; echo begun >&2; exec sleep 60")

    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.run(["build"], interrupt)
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))
