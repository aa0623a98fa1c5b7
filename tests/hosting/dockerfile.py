"""Reads a Dockerfile and a .dockerignore, as far as ours go: https://docs.docker.com/reference/dockerfile/"""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "hosting" / "Dockerfile"
IGNORED = ROOT / ".dockerignore"


@dataclass
class Stage:
    """One FROM and what follows it: instructions in order, their words with the stage's ARGs filled in."""

    name: str
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, keyword: str) -> list[str]:
        return [text for word, text in self.instructions if word == keyword]


def read(text: str, **arguments: str) -> dict[str, Stage]:
    """The stages by name, in their order; `arguments` as `--build-arg`."""
    stages: dict[str, Stage] = {}
    known: dict[str, str] = {}
    outside: dict[str, str] = {}
    current: Stage | None = None
    for line in logical_lines(text):
        keyword, _, rest = line.partition(" ")
        rest = rest.strip()
        if keyword == "ARG":
            name, _, default = rest.partition("=")
            known[name] = arguments.get(name, default)
            if current is None:
                outside[name] = known[name]
        elif keyword == "FROM":
            base, _, name = filled(rest, outside).partition(" AS ")
            current = stages[name] = Stage(name, base)
            known = {}
        else:
            assert current is not None, f"{keyword} before FROM"
            current.instructions.append((keyword, rest if keyword == "RUN" else filled(rest, known)))
    return stages


def logical_lines(text: str) -> list[str]:
    """Without comments; continued lines as one."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [line for line in "\n".join(lines).replace("\\\n", " ").splitlines() if line.strip()]


def filled(text: str, arguments: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: arguments[found.group(1)], text)


def words(text: str) -> list[str]:
    """An instruction in exec form; AssertionError for one that wants a shell."""
    assert text.startswith("["), f"not in exec form: {text}"
    return [str(word) for word in json.loads(text)]


def pairs(text: str) -> dict[str, str]:
    """What ENV or LABEL says."""
    return dict(word.split("=", 1) for word in shlex.split(text))


@dataclass
class Context:
    """What the builder gets to see of a folder: https://docs.docker.com/build/concepts/context/#syntax"""

    root: Path
    rules: list[tuple[bool, re.Pattern[str]]]

    @classmethod
    def of(cls, root: Path, ignored: str) -> "Context":
        lines = [line.strip() for line in ignored.splitlines() if line.strip() and line[0] != "#"]
        return cls(root, [(line.startswith("!"), pattern(line.removeprefix("!"))) for line in lines])

    def has(self, path: str) -> bool:
        """The last rule that matches a path or a folder above it decides."""
        parts = path.split("/")
        above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        kept = True
        for keeps, rule in self.rules:
            if any(rule.fullmatch(each) for each in above):
                kept = keeps
        return kept

    def files(self, below: str) -> list[str]:
        """The files that COPY takes for a source, relative to the root."""
        source = self.root / below
        found = [source] if source.is_file() else sorted(each for each in source.rglob("*") if each.is_file())
        return [path for each in found if self.has(path := each.relative_to(self.root).as_posix())]


def pattern(rule: str) -> re.Pattern[str]:
    tokens = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    split = re.split(r"(\*\*/|\*\*|\*|\?)", rule.strip("/"))
    return re.compile("".join(tokens.get(part) or re.escape(part) for part in split))
