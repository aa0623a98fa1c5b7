"""The versions that belong together, read from where they are pinned."""

import re
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "toolchain"

# A PATH Pulumi must speak to the Python SDK that is installed here; the next major may not.
OLDEST_PULUMI = "3.259.0"
FIRST_REFUSED_PULUMI = "4.0.0"

# The PyPI package asks for exactly this plugin; toolchain/cmd/pulumi-resource-auth0 calls itself the same.
PLUGIN_VERSION = "3.53.0"

_SDK = "github.com/pulumi/pulumi/sdk/v3"
_PROVIDER = "github.com/auth0/terraform-provider-auth0"


@dataclass(frozen=True)
class Pins:
    """What go.mod says: `go` the oldest Go that builds it; `cli` and `provider` versions without the `v`."""

    go: str
    cli: str
    provider: str

    @classmethod
    def of(cls, sources: Path) -> "Pins":
        text = (sources / "go.mod").read_text()
        return cls(
            go=_only(r"^go (\d+\.\d+(?:\.\d+)?)$", text),
            cli=_only(rf"^\s*{_SDK} v(\S+)", text),
            provider=_only(rf"^\s*{_PROVIDER} v(\S+)", text),
        )


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers that compare, of `v3.259.0`, `go1.26.8` or `3.260.0-alpha.1` (no alpha)."""
    found = re.search(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def _only(pattern: str, text: str) -> str:
    found = re.search(pattern, text, flags=re.MULTILINE)
    if found is None:
        raise LookupError(f"go.mod has no line like {pattern}")
    return found.group(1)
