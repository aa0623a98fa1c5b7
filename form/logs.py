"""What the form's log may say."""

from typing import TextIO

from structlog.typing import FilteringBoundLogger

from serving import logs

FIELDS = frozenset(
    {"tx", "number_end", "case", "vendor_code", "skew", "wait", "flow", "outcome", "step", "status"}
)


def json_logger(stream: TextIO | None = None) -> FilteringBoundLogger:
    """The form's logger, to standard output or to the stream."""
    return logs.json_logger(FIELDS, stream)
