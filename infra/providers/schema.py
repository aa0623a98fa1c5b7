"""The package's schema, by which the engine names and imports its resources.

https://www.pulumi.com/docs/iac/extending-pulumi/schema/
"""

import json
from collections.abc import Mapping
from typing import Any

from . import checks
from .checks import Check
from .kinds import Kind

_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "object", "additionalProperties": _TEXT}
# What is no text, by what checks it, or by its name.
_INPUTS: dict[Check, dict[str, Any]] = {
    checks.files: _TEXTS,
    checks.variables: {**_TEXTS, "secret": True},
    checks.keep: {"type": "integer"},
}
_OUTPUTS = {"versions": _TEXTS}


def text(version: str, kinds: Mapping[str, Kind]) -> str:
    """The schema as JSON; `kinds` by their types."""
    settings = {"apiUrl": _TEXT, "team": _TEXT}
    resources = {}
    for name, kind in kinds.items():
        inputs = {each: _INPUTS.get(check, _TEXT) for each, check in kind.inputs.items()}
        properties = {**inputs, **{each: _OUTPUTS.get(each, _TEXT) for each in kind.computed}}
        resources[name] = {
            "inputProperties": inputs,
            "requiredInputs": sorted(inputs),
            "properties": properties,
            "required": sorted(properties),
        }
    return json.dumps(
        {
            "name": "auth0-phone",
            "version": version,
            "config": {"variables": settings},
            "provider": {"inputProperties": settings},
            "resources": resources,
        }
    )
