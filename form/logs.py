"""One JSON line for each event. Only the fields listed here are written: no number, code, token or cookie."""

import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

FIELDS = frozenset(
    {"event", "level", "time", "tx", "number_end", "case", "reason", "vendor_code", "skew", "wait", "flow"}
    | {"outcome", "step", "status", "error", "where", "host", "port", "on"}
)


def json_logger(stream: TextIO | None = None) -> FilteringBoundLogger:
    """A logger to standard output, or to the stream."""
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stdout),
        processors=[
            only_known_fields,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    )
    return logger


def only_known_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop what isn't on the list, and say so: a new field is a decision, not an accident."""
    known = {name: value for name, value in event.items() if name in FIELDS}
    return known if len(known) == len(event) else {**known, "reason": "unlisted fields dropped"}


def where(error: BaseException) -> str:
    """File and line that raised: enough to find a fault, without messages that may quote a person's data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace else "?"
