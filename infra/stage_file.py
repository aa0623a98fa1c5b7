"""A stage from its files alone: no engine, no passphrase. Enough to render and to check, not to deploy."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import schema
from .errors import StageFileError
from .secret import Secret


def load(stage: str, root: Path, stage_file: Path | None = None) -> dict[str, Any]:
    """The nested mapping of a stage: the defaults of `root`/Pulumi.yaml, overlaid with the stage's file.

    Encrypted values become opaque secrets. Raises StageFileError.
    """
    project = schema.load(root / "Pulumi.yaml")
    path = stage_file or root / f"Pulumi.{stage}.yaml"
    config = schema.read_yaml(path).get("config") or {}
    if not isinstance(config, Mapping):
        raise StageFileError(f"{path}: config: must be a mapping of keys to values.")
    mapping = project.defaults()
    types = {entry.key: entry.type for entry in project.entries}
    for name, value in config.items():
        namespace, colon, key = str(name).partition(":")
        if colon and namespace != project.name:
            continue  # another provider's configuration
        _overlay(mapping, key or namespace, _typed(_sealed(value), types.get(key or namespace)))
    return mapping


def stages(root: Path) -> list[str]:
    """The stages that have a file."""
    return sorted(path.name.split(".")[1] for path in root.glob("Pulumi.*.yaml"))


def _overlay(mapping: dict[str, Any], key: str, value: Any) -> None:
    if isinstance(mapping.get(key), dict) and isinstance(value, dict):
        mapping[key] = mapping[key] | value
    else:
        mapping[key] = value


def _typed(value: Any, kind: str | None) -> Any:
    """A scalar as the schema types it: `pulumi config set` writes `true` and `5` at the top level as text."""
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind == "integer" and isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value):
        return int(value)
    return value


def _sealed(value: Any) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"secure"}:
            return Secret.opaque()
        return {key: _sealed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_sealed(inner) for inner in value]
    return value
