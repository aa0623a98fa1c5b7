"""What the gateway's log may say. A number is there as a keyed digest and its last two digits."""

from typing import TextIO

from structlog.typing import FilteringBoundLogger

from serving import logs

FIELDS = frozenset(
    {"request", "number", "number_end", "country", "carrier", "outcome", "code", "ms", "status", "answer"}
    | {"tries", "replay", "ambiguous", "limit", "reference"}
)


def json_logger(stream: TextIO | None = None) -> FilteringBoundLogger:
    """The gateway's logger, to standard output or to the stream."""
    return logs.json_logger(FIELDS, stream)
