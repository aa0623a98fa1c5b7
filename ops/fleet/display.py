"""What a person sees of a fleet: a moving table, or without a terminal a line a stage; and one summary."""

import time
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from .running import Fleet, Result

_SIGNS = {"done": "[green]✓[/]", "failed": "[red]✗[/]", "interrupted": "[yellow]![/]", "waiting": "·"}
# What was done, and what would be.
_KINDS = {"created": "to create", "updated": "to update", "replaced": "to replace", "deleted": "to delete"}
_SAY = "  Ctrl-C: no other stage begins, those at work finish. Again: their engines finish their step."
_SAID = "  No other stage begins. Ctrl-C again: the engines finish their step and save their state."


class Display:
    """Shows a fleet while it runs; `told` and `show` are what a Fleet calls."""

    def __init__(self, console: Console, total: int, operation: str) -> None:
        self.console, self.total, self.operation = console, total, operation
        self.began: dict[str, float] = {}
        self.live = Live(console=console, refresh_per_second=4, transient=True, auto_refresh=False)
        self.counted = 0
        self.is_warned = False

    def __enter__(self) -> "Display":
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.console.is_terminal:
            self.live.stop()

    def told(self, result: Result) -> None:
        """A line when a stage has ended."""
        self.counted += 1
        what = result.why or changed(result, planned=self.operation == "preview")
        self.console.print(
            f"{_SIGNS[result.outcome]} {escape(result.stage)}  {result.seconds:.1f} s  {escape(what)}"
            f"  [dim]({self.counted} of {self.total})[/]",
            highlight=False,
        )

    def show(self, fleet: Fleet) -> None:
        """The table of those at work; where there is no terminal, nothing but the first interruption."""
        if fleet.interruptions and not self.is_warned:
            self.is_warned = True
            self.console.print(_SAID, highlight=False)
        if not self.console.is_terminal:
            return
        now = time.monotonic()
        table = Table(box=None, show_header=False, caption=_SAID if fleet.interruptions else _SAY)
        for stage, step in fleet.steps.items():
            table.add_row(stage, f"{now - self.began.setdefault(stage, now):.0f} s", step)
        failed = sum(result.outcome == "failed" for result in fleet.results.values())
        table.title = f"{self.counted} of {self.total}, {len(fleet.steps)} at work, {failed} failed"
        self.live.update(table, refresh=True)


def changed(result: Result, planned: bool = False) -> str:
    """The changes in words: `2 created, 1 updated`, and before that `2 to create, 1 to update`."""
    counts = {kind: result.changes[kind] for kind in _KINDS if result.changes.get(kind)}
    words = [f"{count} {_KINDS[kind] if planned else kind}" for kind, count in counts.items()]
    return ", ".join(words) or "no changes"


def preview_table(results: Sequence[Result]) -> Table:
    """A row a stage: counts, and whether another one's change is the same."""
    table = Table("stage", "create", "update", "replace", "delete", "change", box=None)
    first: dict[str, str] = {}
    for result in results:
        if result.outcome != "done":
            table.add_row(result.stage, *[""] * 4, f"{_SIGNS[result.outcome]} {escape(_why(result))}")
            continue
        counts = [str(result.changes.get(kind) or "") for kind in _KINDS]
        twin = first.setdefault(result.fingerprint, result.stage)
        alike = f"as {twin}" if twin != result.stage else "its own"
        table.add_row(result.stage, *counts, alike if any(counts) else "none")
    return table


def up_table(results: Sequence[Result]) -> Table:
    """A row a stage: outcome, changes, seconds, and where Pulumi Cloud shows it."""
    table = Table("stage", "outcome", "changes", "seconds", "link", box=None)
    for result in results:
        sign = _SIGNS.get(result.outcome, "·")
        seconds = f"{result.seconds:.1f}" if result.seconds else ""
        what = _why(result) if result.outcome != "done" else changed(result)
        table.add_row(result.stage, f"{sign} {result.outcome}", escape(what), seconds, escape(result.link))
    return table


def _why(result: Result) -> str:
    return result.why or {"waiting": "not begun", "before": "done before"}.get(result.outcome, "")
