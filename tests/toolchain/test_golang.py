"""Which Go is taken, and what it is run with."""

import pytest

from ops.toolchain import golang
from tests.toolchain.fake_go import FakeGo, script


def test_it_is_described(go: FakeGo) -> None:
    found = golang.find("1.26.6")
    assert found.version == "go1.99.0"
    assert found.platform.startswith("linux-")
    assert found.modules == go.here / "modules"


@pytest.mark.parametrize(("version", "fits"), [("go1.26.5", False), ("go1.26.6", True), ("go1.27", True)])
def test_it_must_be_new_enough(go: FakeGo, version: str, fits: bool) -> None:
    go.says(version)
    if fits:
        assert golang.find("1.26.6").version == version
    else:
        with pytest.raises(golang.NoGoError, match=r"go is go1\.26\.5, and 1\.26\.6 or newer is needed"):
            golang.find("1.26.6")


def test_there_may_be_none(go: FakeGo) -> None:
    (go.bin / "go").unlink()
    with pytest.raises(golang.NoGoError, match="no go on PATH"):
        golang.find("1.26.6")


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 2\n", "#!/bin/sh\necho what\n", "no program"])
def test_one_that_does_not_answer_is_none(go: FakeGo, text: str) -> None:
    script(go.bin / "go", text)
    with pytest.raises(golang.NoGoError, match="does not tell its version"):
        golang.find("1.26.6")


def test_no_password_of_the_proxy_is_kept(go: FakeGo) -> None:
    assert golang.find("1.26.6").proxy == "https://proxy.example,direct"


def test_the_persons_own_settings_do_not_change_what_is_built(
    go: FakeGo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "GOOS": "plan9",
        "GOFLAGS": "-mod=mod",
        "GOWORK": "/w",
        "GOTOOLCHAIN": "auto",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GOPROXY", "https://kept.example")
    golang.find("1.26.6")
    seen = (go.here / "seen-environment").read_text().splitlines()
    assert "GOFLAGS=-mod=readonly -buildvcs=false" in seen
    assert "GOTOOLCHAIN=local" in seen
    assert "GOWORK=off" in seen
    assert "GOPROXY=https://kept.example" in seen
    assert not [line for line in seen if line.startswith("GOOS=")]
