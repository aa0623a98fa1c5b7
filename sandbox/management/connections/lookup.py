"""The connection a path names."""

from collections.abc import Collection

from ...errors import Auth0Error, not_found, refusal
from ...store import Doc
from ..documents import find
from ..routing import Call

KIND = "connections"


def missing() -> Auth0Error:
    return not_found("The connection does not exist", "inexistent_connection")


def connection_of(call: Call, strategies: Collection[str], refused: str) -> Doc:
    """The connection, if its strategy is one of these: Auth0Error 404, or 400 with the words of `refused`."""
    connection = find(call, KIND, missing())
    if connection["strategy"] not in strategies:
        raise refusal(400, refused, "operation_not_supported")
    return connection
