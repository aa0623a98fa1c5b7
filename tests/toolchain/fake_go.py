"""A made-up Go: it answers as Go does, builds scripts, not programs, and fails or hangs when told to."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = """#!/bin/sh
here='{here}'
echo "$@" >> "$here/calls"
env > "$here/seen-environment"
case "$1" in
env) cat "$here/env.json" ;;
list)
  echo "go: downloading example.com/one v1.0.0" >&2
  [ -e "$here/fail" ] && {{ cat "$here/fail" >&2; exit 1; }}
  printf 'example.com/one\\t%s\\n' "$here/one"
  printf 'github.com/pulumi/pulumi/sdk/v3/python/toolchain\\t%s\\n' "$here/sdk"
  ;;
build)
  while [ "$1" != "-o" ]; do shift; done
  echo "example.com/package/of/$3" >&2
  if [ -e "$here/hang" ]; then
    : > "$here/hanging"
    while [ -e "$here/hang" ]; do sleep 0.02; done
  fi
  answer=$(cat "$here/answer-${{2##*/}}")
  printf '#!/bin/sh\\necho %s\\n' "$answer" > "$2"
  chmod +x "$2"
  ;;
esac
"""
_TOOLS = ("sh", "cat", "env", "chmod", "sleep", "mkdir", "cp", "true", "touch")


@dataclass(frozen=True)
class FakeGo:
    """`here` holds its script, its answers and what it was asked; `bin` is all of PATH."""

    here: Path
    bin: Path

    @classmethod
    def install(cls, folder: Path, version: str = "go1.99.0") -> "FakeGo":
        here, programs = folder / "go", folder / "bin"
        for each in (here / "sdk/python/cmd", here / "sdk/python/dist", here / "one", programs):
            each.mkdir(parents=True)
        for tool in _TOOLS:
            (programs / tool).symlink_to(shutil.which(tool) or "/missing")
        (here / "sdk/python/cmd/pulumi-language-python-exec").write_text("# executor\n")
        (here / "sdk/python/dist/pulumi-resource-pulumi-python").write_text("# dynamic\n")
        fake = cls(here, programs)
        fake.says(version)
        for program, answer in {"pulumi": "v3.259.0", "pulumi-resource-auth0": "3.53.0"}.items():
            (here / f"answer-{program}").write_text(answer)
        (here / "answer-pulumi-language-python").write_text("0")
        script(programs / "go", _SCRIPT.format(here=here))
        return fake

    def says(self, version: str) -> None:
        facts = {
            "GOVERSION": version,
            "GOOS": "linux",
            "GOARCH": "amd64" if os.uname().machine == "x86_64" else "arm64",
            "GOMODCACHE": str(self.here / "modules"),
            "GOCACHE": str(self.here / "compiled"),
            "GOPROXY": "https://somebody:password@proxy.example,direct",
        }
        (self.here / "env.json").write_text(json.dumps(facts))

    @property
    def environment(self) -> dict[str, str]:
        cache = self.here.parent / "cache"
        return {"PATH": str(self.bin), "XDG_CACHE_HOME": str(cache), "HOME": str(self.here.parent)}

    @property
    def cache(self) -> Path:
        return self.here.parent / "cache" / "auth0-phone" / "toolchain"

    @property
    def builds(self) -> list[str]:
        """The programs that it was asked to build, in order."""
        lines = (self.here / "calls").read_text().splitlines() if (self.here / "calls").exists() else []
        return [line.rsplit("/", 1)[-1] for line in lines if line.startswith("build")]

    def fails_with(self, message: str) -> None:
        (self.here / "fail").write_text(message)

    def recovers(self) -> None:
        (self.here / "fail").unlink()


def script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path
