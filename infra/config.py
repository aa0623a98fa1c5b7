"""A stage from the engine: its configuration, read once into the mapping that `Settings` judges."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pulumi

from .leaves import leaves
from .secret import Secret
from .settings import Settings

_SECRETS = "secrets"


def read(project: str) -> dict[str, Any]:
    """The stage's whole configuration under `project`'s name; secret values as `Secret`."""
    # get_config_env lists every key, so that unknown ones are found; known ones have other ways, too, such as
    # inline programs of the Automation API.
    prefix = f"{project}:"
    given = {key.removeprefix(prefix) for key in pulumi.runtime.get_config_env() if key.startswith(prefix)}
    return {name: _value(f"{prefix}{name}") for name in sorted(given | set(_known_names()))}


def _known_names() -> Iterable[str]:
    return {leaf.key.partition(".")[0] for leaf in leaves(Settings)}


def _value(key: str) -> Any:
    """One top-level key. The engine hands over objects as JSON and scalars as text."""
    text = pulumi.runtime.get_config(key)
    if text is None:
        return None
    value = _decoded(str(text))
    if not pulumi.runtime.is_config_secret(key):
        return value
    if key.endswith(f":{_SECRETS}") and isinstance(value, dict):
        return _sealed(value)
    # One encrypted leaf makes its whole group secret; which one it was, the engine does not say.
    return _wrapped(value)


def _sealed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The group of secrets, with each value in it as one, also below the further variables of the host."""
    return {
        name: _sealed(inner) if isinstance(inner, Mapping) else _wrapped(inner)
        for name, inner in values.items()
    }


def _decoded(text: str) -> Any:
    if text[:1] in "{[" or text in ("true", "false"):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text


def _wrapped(value: object) -> object:
    return Secret(value if isinstance(value, str) else json.dumps(value)) if value not in ("", None) else None
