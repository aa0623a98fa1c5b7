"""Ids in paths that are refused for their form, before anything is looked up."""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from ..errors import Auth0Error
from .routing import Answer, Call, Operation


def checked(
    operations: Iterable[Operation], pattern: str, malformed: Callable[[str], Auth0Error]
) -> tuple[Operation, ...]:
    """The same operations; where the path has an {id}, one that does not match is answered `malformed`."""
    return tuple(
        _checked(operation, re.compile(pattern), malformed) if "{id}" in operation.path else operation
        for operation in operations
    )


def _checked(
    operation: Operation, pattern: re.Pattern[str], malformed: Callable[[str], Auth0Error]
) -> Operation:
    def handler(call: Call) -> Answer | Awaitable[Answer]:
        if not pattern.fullmatch(call.params["id"]):
            raise malformed(call.params["id"])
        return operation.handler(call)

    return replace(operation, handler=handler)
