"""Values that every request makes several of."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(kind: type[T]) -> type[T]:
    """A dataclass that nobody changes. The type checker sees to it: what `frozen` does at run time makes a
    value of five fields cost seven times as much."""
    return dataclass(slots=True)(kind)
