"""Property values as they travel between engine and provider, and as Python has them.

Marks of secrets and of values that are not known yet are the protocol's:
https://github.com/pulumi/pulumi/blob/master/sdk/proto/pulumi/provider.proto
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

_MARK = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (the protocol's mark of a secret, no secret)
# One for each type of what isn't known: bool, number, string, list, asset, archive, map.
_UNKNOWNS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        rpc.UNKNOWN,
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


class Unknown(Enum):
    """A value that only exists once something else has been deployed."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True)
class Secret:
    """A value that the engine encrypts and shows as [secret]."""

    value: Any = field(repr=False)


def read(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A message's properties; secrets as `Secret`, what isn't known as `UNKNOWN`, whole numbers as int."""
    return {name: _value(value) for name, value in struct.fields.items()}


def write(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The same, the other way."""
    return struct_pb2.Struct(fields={name: _packed(value) for name, value in properties.items()})


def without_secrets(value: Any) -> Any:
    """A value as it is, with no mark that it, or what is in it, is secret."""
    if isinstance(value, Secret):
        return without_secrets(value.value)
    if isinstance(value, Mapping):
        return {name: without_secrets(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(each) for each in value]
    return value


def is_known(value: Any) -> bool:
    """Whether all of a value is known, what is in it too."""
    bare = without_secrets(value)
    if isinstance(bare, dict | list):
        return all(is_known(each) for each in (bare.values() if isinstance(bare, dict) else bare))
    return bare is not UNKNOWN


def _value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _MARK in fields and fields[_MARK].string_value == _SECRET:
            return Secret(_value(fields["value"]))
        return read(value.struct_value)
    if kind == "list_value":
        return [_value(each) for each in value.list_value.values]
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
    if kind == "number_value":
        return int(value.number_value) if value.number_value.is_integer() else value.number_value
    return value.bool_value if kind == "bool_value" else None


def _packed(value: Any) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, Secret):
        return struct_pb2.Value(struct_value=write({_MARK: _SECRET, "value": value.value}))
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=write(value))
    if isinstance(value, list | tuple):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_packed(each) for each in value]))
    if value is UNKNOWN or isinstance(value, str):
        return struct_pb2.Value(string_value=rpc.UNKNOWN if value is UNKNOWN else value)
    raise TypeError(f"{type(value).__name__} does not travel between engine and provider")
