"""What a person sees of a build: a moving line on a terminal, a line now and then in a log."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_SECONDS_BETWEEN_LINES = 15
_WIDEST_NAME = 60


class BuildProgress:
    """Tells the current phase and what it is at; `tick` is called whenever there is nothing new to tell."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Progress(
            SpinnerColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._live.add_task("")
        self._started = self._told = time.monotonic()
        self._text = ""

    def __enter__(self) -> "BuildProgress":
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    @property
    def elapsed(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        return f"{minutes}:{seconds:02d}"

    def phase(self, text: str) -> None:
        """A new phase is always told."""
        self.at(text)
        self._tell()

    def at(self, text: str, name: str = "") -> None:
        """Where the phase is, and the module or package it is at."""
        self._text = f"{text}: {_short(name)}" if name else text
        self._live.update(self._task, description=self._text)
        self.tick()

    def tick(self) -> None:
        if time.monotonic() - self._told >= _SECONDS_BETWEEN_LINES:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        if not self._console.is_terminal:
            self._console.print(f"  {self.elapsed}  {self._text}", highlight=False, markup=False)


def _short(name: str) -> str:
    return name if len(name) <= _WIDEST_NAME else f"…{name[-_WIDEST_NAME:]}"
