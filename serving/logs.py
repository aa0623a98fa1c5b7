"""One JSON line for each event, of listed fields alone: no number, code or token."""

import json
import sys
from collections.abc import Set
from datetime import UTC, datetime
from typing import TextIO

import structlog
from pydantic_core import PydanticSerializationError, to_json
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

# What every service may write beside its own: the event, the server's, and where a fault lies.
COMMON = frozenset({"event", "level", "time", "reason", "error", "where", "host", "port", "on"})


def json_logger(fields: Set[str] = frozenset(), stream: TextIO | None = None) -> FilteringBoundLogger:
    """A logger of these fields and the common ones, to standard output or to the stream."""
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stdout),
        processors=[only(COMMON | fields), line],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    ).bind()  # now: what comes unbound binds itself anew for each line
    return logger


def only(fields: Set[str]) -> Processor:
    """Drop what isn't on the list, and say so: a new field is a decision, not an accident."""

    def processor(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        if event.keys() <= fields:
            return event
        known = {name: value for name, value in event.items() if name in fields}
        return {**known, "reason": "unlisted fields dropped"}

    return processor


def line(_logger: WrappedLogger, method: str, event: EventDict) -> str:
    """The event as JSON, with its level and the time in UTC. One step, since every request pays for it."""
    event["level"] = method
    event["time"] = datetime.now(UTC).isoformat()
    try:
        text = to_json(event, fallback=repr)
        # Whatever the stream's encoding is, it has ASCII.
        return text.decode() if text.isascii() else json.dumps(event, default=repr)
    except PydanticSerializationError:  # half a character
        return json.dumps(event, default=repr)


def where(error: BaseException) -> str:
    """File and line that raised: enough to find a fault, without messages that may quote a person's data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace else "?"
