"""What Go says becomes what, why and a way on."""

from pathlib import Path

import pytest

from ops.toolchain import golang
from ops.toolchain.failures import explain
from tests.toolchain.fake_go import FakeGo

LOG = Path("/cache/build.log")

NETWORK = [
    'github.com/a/b@v1.0.0: Get "https://proxy.example/a.zip": dial tcp: lookup proxy.example: no such host',
    "github.com/a/b@v1.0.0: reading https://proxy.example/b.zip: 403 Forbidden",
    "server response: This module version is not available.",
    "module lookup disabled by GOPROXY=off",
    "net/http: TLS handshake timeout",
    "tls: failed to verify certificate: x509: certificate signed by unknown authority",
]


@pytest.mark.parametrize("line", NETWORK)
def test_a_network_failure_names_the_proxy_and_what_it_said(go: FakeGo, line: str) -> None:
    error = explain(golang.find("1.0"), ["go: downloading x", line, "and more"], LOG)
    assert error.what == "The Go modules can't be downloaded"
    assert error.why == line
    assert "https://proxy.example,direct" in error.mend
    assert "password" not in f"{error.what} {error.why} {error.mend}"


def test_a_full_disk(go: FakeGo) -> None:
    error = explain(golang.find("1.0"), ["write /x/y: no space left on device"], LOG)
    assert error.what == "The disk is full"


@pytest.mark.parametrize("line", ["verifying x@v1: checksum mismatch", "SECURITY ERROR"])
def test_a_module_that_was_tampered_with_is_not_called_a_network_failure(go: FakeGo, line: str) -> None:
    error = explain(golang.find("1.0"), ["reading https://proxy.example: 403 Forbidden", line], LOG)
    assert "not the one that go.sum pins" in error.what
    assert line in error.why


def test_a_compiler_that_was_killed(go: FakeGo) -> None:
    error = explain(golang.find("1.0"), ["example.com/big: compile: signal: killed"], LOG)
    assert "memory" in error.why
    assert "GOMAXPROCS=1" in error.mend


@pytest.mark.parametrize(
    ("lines", "why"),
    [(["# pkg", "main.go:3: syntax error"], "main.go:3: syntax error"), ([], "It said nothing.")],
)
def test_anything_else_points_to_the_log(go: FakeGo, lines: list[str], why: str) -> None:
    error = explain(golang.find("1.0"), lines, LOG)
    assert error.why == why
    assert str(LOG) in error.mend
