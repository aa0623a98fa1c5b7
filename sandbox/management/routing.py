"""Operations of the Management API and how a raw path finds one.

Ids travel percent-encoded (`auth0%7Cid`, `https:%2F%2Fhost%2Fapi`), so the path is split before it is
decoded: a `%2F` inside an id stays inside the id.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from starlette.datastructures import QueryParams

from ..context import Sandbox
from .schema import Schema


@dataclass(frozen=True)
class Call:
    """One authorised request: path parameters decoded, the body parsed and checked."""

    sandbox: Sandbox
    params: Mapping[str, str]
    query: QueryParams
    body: Any
    claims: Mapping[str, Any]

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(str(self.claims.get("scope", "")).split())


@dataclass(frozen=True)
class Answer:
    """What a handler gives back; a body of None is an empty one."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Answer | Awaitable[Answer]]


@dataclass(frozen=True)
class Operation:
    """One line of a resource's table.

    Any one of `scopes` admits, with any one of `also` where there are such; of `self_scopes`, a user's own
    token where the path's {id} is that user.
    """

    method: str
    path: str
    handler: Handler
    scopes: tuple[str, ...]
    body: Schema | None = None
    self_scopes: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


class Router:
    """Finds the operation for a method and a raw path."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._by_length: dict[tuple[str, int], list[tuple[list[str], Operation]]] = {}
        for operation in operations:
            segments = operation.path.strip("/").split("/")
            self._by_length.setdefault((operation.method, len(segments)), []).append((segments, operation))
        for candidates in self._by_length.values():
            # Literal segments win over parameters: /branding/themes/default before /branding/themes/{id}.
            candidates.sort(key=lambda candidate: [segment.startswith("{") for segment in candidate[0]])

    def find(self, method: str, raw_path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation and its decoded path parameters; `raw_path` is below /api/v2."""
        given = raw_path.strip("/").split("/")
        for segments, operation in self._by_length.get((method, len(given)), ()):
            params = _match(segments, given)
            if params is not None:
                return operation, params
        return None


def _match(segments: list[str], given: list[str]) -> dict[str, str] | None:
    params: dict[str, str] = {}
    for segment, value in zip(segments, given, strict=True):
        if segment.startswith("{"):
            if not value:
                return None
            params[segment[1:-1]] = unquote(value)
        elif segment != value:
            return None
    return params
