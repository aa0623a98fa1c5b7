"""The leaves of the settings as a table: dotted key, type, default, example."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic.fields import FieldInfo

from .secret import Secret

Model = TypeVar("Model", bound=BaseModel)

_STRICT = ConfigDict(strict=True, arbitrary_types_allowed=True, hide_input_in_errors=True)


@dataclass(frozen=True)
class Leaf:
    """One key: `auth0.loginHosts` outside, `("auth0", "login_hosts")` inside."""

    key: str
    path: tuple[str, ...]
    field: FieldInfo

    @property
    def is_secret(self) -> bool:
        return Secret in _types(self.field.annotation)

    @property
    def is_list(self) -> bool:
        return get_origin(self.field.annotation) is tuple

    @property
    def is_table(self) -> bool:
        return get_origin(self.field.annotation) is dict

    @property
    def holds_lists(self) -> bool:
        """Whether one of its items is set by its position."""
        return self.is_list or (self.is_table and tuple in _origins(get_args(self.field.annotation)[1]))

    @property
    def example(self) -> str:
        return str((self.field.examples or [""])[0])

    @property
    def choices(self) -> tuple[str, ...]:
        """What an item may be, when only certain texts will do."""
        inner = get_args(self.field.annotation)
        kind = inner[1] if self.is_table else inner[0] if self.is_list else self.field.annotation
        return tuple(dict.fromkeys(choice for choice in _literals(kind)))

    def parse(self, value: object, stage: str) -> Any:
        """The value in its canonical form. Raises pydantic's ValidationError."""
        adapter: TypeAdapter[Any] = TypeAdapter(self.field.rebuild_annotation(), config=_STRICT)
        return adapter.validate_python(value, context={"stage": stage})


def _origins(annotation: Any) -> set[Any]:
    return {get_origin(annotation), *(get_origin(part) for part in get_args(annotation))}


def _literals(annotation: Any) -> Iterator[str]:
    for part in get_args(annotation):
        if isinstance(part, str):
            yield part
        else:
            yield from _literals(part)


def _types(annotation: Any) -> set[Any]:
    inner = get_args(annotation)
    if isinstance(annotation, UnionType) or hasattr(annotation, "__metadata__") or inner:
        return {kind for part in inner for kind in _types(part)}
    return {annotation}


def leaves(model: type[BaseModel], outer: tuple[str, ...] = (), prefix: str = "") -> Iterator[Leaf]:
    """Every leaf below a model, in the order of its declaration."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from leaves(field.annotation, (*outer, name), f"{key}.")
        elif key != "stage":
            yield Leaf(key, (*outer, name), field)


def assemble(model: type[Model], values: Mapping[tuple[str, ...], object]) -> Model:
    """Build the frozen model from values that were parsed leaf by leaf."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            inner = {path[1:]: value for path, value in values.items() if path[0] == name}
            fields[name] = assemble(field.annotation, inner)
        elif (name,) in values:
            fields[name] = values[(name,)]
    return model.model_construct(**fields)
