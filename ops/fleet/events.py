"""What an engine tells while it works: the step it is at, what it changed, and its first error."""

import difflib
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pulumi.automation import EngineEvent
from pulumi.automation.events import StepEventMetadata

# github.com/pulumi/pulumi, sdk/go/common/diag/colors: how the engine marks colours in its messages.
_COLOURS = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")
# What it puts before a sentence of ours.
_PREFIX = re.compile(r'^(error: *)?(before hook "[^"]*" failed: *)?')
_LINE_LENGTH = 300
# To the engine these change nothing in the tenant.
_STILL = frozenset({"same", "read", "refresh", "discard"})
_WORDS = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
    "create-replacement": "replaced",
    "same": "unchanged",
}


@dataclass
class Watch:
    """Fed with every event of one engine.

    `names` are words that a stage says differently from all others, each with what stands for it when changes
    are compared, such as its tenant's domain.
    """

    names: Mapping[str, str]
    error: str = ""
    changes: dict[str, int] = field(default_factory=dict)
    _prints: list[str] = field(default_factory=list)

    def see(self, event: EngineEvent) -> str | None:
        """The step that begins with this event, in a few words; None when none does."""
        if event.diagnostic_event and event.diagnostic_event.severity == "error" and not self.error:
            self.error = one_line(event.diagnostic_event.message)
        if event.summary_event:
            self.changes = tallied(event.summary_event.resource_changes or {})
        if event.resource_pre_event is None:
            return None
        step = event.resource_pre_event.metadata
        operation = _plain(step.op)
        if operation in _STILL:
            return None
        name = step.urn.rpartition("::")[2]
        self._prints.append(self._print(step, operation, name))
        return f"{operation} {step.type.rpartition(':')[2]} {name}"

    @property
    def fingerprint(self) -> str:
        """Equal for two stages that change the same properties of the same resources in the same way."""
        return hashlib.sha256("\n".join(sorted(self._prints)).encode()).hexdigest()

    def _print(self, step: StepEventMetadata, operation: str, name: str) -> str:
        old, new = ((state.inputs if state else None) or {} for state in (step.old, step.new))
        lines = sorted(
            f"{key}: {line}" for key in {*old, *new} for line in _changed(old.get(key), new.get(key))
        )
        text = json.dumps([operation, step.type, name, lines])
        for own, common in self.names.items():
            text = text.replace(own, common)
        return text


def one_line(message: str) -> str:
    """The first line of a message that says something, without colours; a colon's with what follows it."""
    lines = [line.strip() for line in _COLOURS.sub("", message).splitlines() if line.strip()]
    found = next(iter(lines), "")
    if found.endswith(":"):
        found = " ".join(lines[:2])
    return _PREFIX.sub("", found)[:_LINE_LENGTH]


def tallied(changes: Mapping[Any, int]) -> dict[str, int]:
    """The engine's counts of operations, by our words for them."""
    counted: Counter[str] = Counter()
    for operation, count in changes.items():
        counted[_WORDS.get(_plain(operation), "")] += count
    return {word: counted[word] for word in dict.fromkeys(_WORDS.values()) if counted[word]}


def _changed(old: Any, new: Any) -> Iterator[str]:
    """The lines by which a property differs, each with its sign."""
    # Two headers come first, and a line with numbers before each hunk.
    for line in islice(difflib.unified_diff(_lines(old), _lines(new), n=0, lineterm=""), 2, None):
        if not line.startswith("@@"):
            yield line


def _lines(value: Any) -> Sequence[str]:
    if value is None:
        return ()
    return value.splitlines() if isinstance(value, str) else (json.dumps(value, sort_keys=True),)


def _plain(operation: Any) -> str:
    return str(getattr(operation, "value", operation))
