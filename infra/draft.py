"""A stage's values while they are judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .leaves import Leaf


@dataclass(frozen=True)
class Draft:
    """A stage's valid values by dotted key, before they are judged together; `given` counts bad ones, too."""

    stage: str
    table: Mapping[str, Leaf]
    values: Mapping[str, Any]
    given: frozenset[str]
    require_secrets: bool

    def get(self, key: str) -> Any:
        """The value, else its default; None for what is required and missing."""
        if key in self.values:
            return self.values[key]
        field = self.table[key].field
        return None if field.is_required() else field.default
