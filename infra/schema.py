"""The `config:` schema of a Pulumi.yaml: which keys there are, their types, defaults and meanings.

https://www.pulumi.com/docs/iac/concepts/projects/project-file/ ; a dotted key is a path into a nested object.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import StageFileError


class _Core(yaml.SafeLoader):
    """YAML as the Pulumi command reads it: `off`, `NO` and dates are text."""


_Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in {"null", "merge"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    _Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@dataclass(frozen=True)
class Entry:
    """One key of the schema."""

    key: str
    type: str
    description: str
    default: Any
    secret: bool


@dataclass(frozen=True)
class Project:
    name: str
    entries: tuple[Entry, ...]

    def defaults(self) -> dict[str, Any]:
        """The defaults, nested as in a stage file."""
        nested: dict[str, Any] = {}
        for entry in self.entries:
            group, _, leaf = entry.key.rpartition(".")
            (nested.setdefault(group, {}) if group else nested)[leaf] = entry.default
        return nested


def parse_yaml(text: str) -> Any:
    """A YAML document as the Pulumi command reads it. Raises yaml.YAMLError."""
    return _Core(text).get_single_data()


def read_yaml(path: Path) -> dict[str, Any]:
    try:
        loaded = parse_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StageFileError(f"There is no {path}.") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StageFileError(f"{path} cannot be read: {error}") from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise StageFileError(f"{path} must be a mapping of keys to values.")
    return loaded


def load(path: Path) -> Project:
    """The schema of the project file at `path`. Raises StageFileError."""
    document = read_yaml(path)
    try:
        entries = tuple(_entry(key, declared) for key, declared in document.get("config", {}).items())
        return Project(document["name"], entries)
    except (KeyError, TypeError, AttributeError) as error:
        raise StageFileError(f"{path} needs a name and a config: schema of typed keys.") from error


def _entry(key: str, declared: dict[str, Any]) -> Entry:
    kind = declared["type"]
    if kind == "array":
        kind = f"list of {declared['items']['type']}s"
    return Entry(key, kind, declared["description"], declared["default"], key.startswith("secrets."))
