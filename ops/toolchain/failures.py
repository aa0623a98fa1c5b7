"""What Go says when it fails, as what, why and what mends it."""

import re
from collections.abc import Sequence
from pathlib import Path

from ..errors import OpsError
from .cache import disk_full
from .golang import Go

_NETWORK = re.compile(
    r"dial tcp|no such host|connection (refused|reset)|i/o timeout|TLS handshake|x509|proxyconnect"
    r"|network is unreachable|unexpected EOF|disabled by GOPROXY|Forbidden|Bad Gateway|Service Unavailable"
    r"|not available",
    re.IGNORECASE,
)


def explain(go: Go, lines: Sequence[str], log: Path) -> OpsError:
    """The error for a Go command that printed `lines` last; `log` holds everything it said."""
    text = "\n".join(lines)
    if "no space left on device" in text:
        return disk_full(log.parent)
    if "SECURITY ERROR" in text or "checksum mismatch" in text:
        return OpsError(
            "A Go module is not the one that go.sum pins",
            _line(lines, r"checksum mismatch|SECURITY ERROR"),
            f"Don't build it: ask whoever runs your module proxy ({go.proxy}); the whole story is in {log}",
        )
    if "signal: killed" in text:
        return OpsError(
            "The compiler was killed",
            "Most likely memory ran out; a build of several packages at once takes 2 GB and more.",
            "Free memory, or build one package at a time: GOMAXPROCS=1 make up",
        )
    if _NETWORK.search(text):
        return OpsError(
            "The Go modules can't be downloaded",
            _line(lines, _NETWORK.pattern),
            f"Check the network and GOPROXY ({go.proxy}), then run the command again: "
            "what has been downloaded is kept",
        )
    return OpsError(
        "Go could not build the toolchain",
        lines[-1] if lines else "It said nothing.",
        f"Read {log}, then run the command again",
    )


def _line(lines: Sequence[str], pattern: str) -> str:
    """The first line that says it: what follows repeats it for every package above."""
    telling = re.compile(pattern, re.IGNORECASE)
    return next((line.strip() for line in lines if telling.search(line)), lines[-1])
