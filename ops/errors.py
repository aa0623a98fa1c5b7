"""The one error that commands raise on purpose: what happened, why, and what mends it."""

from rich.console import Console
from rich.markup import escape


class OpsError(Exception):
    """A refusal or failure that a person is told about in three sentences; it never shows a stack trace.

    `what` and `why` are sentences; `mend` is what to do next, with the command to type where there is one.
    """

    def __init__(self, what: str, why: str, mend: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why
        self.mend = mend

    def show(self) -> None:
        """Tell it on standard error."""
        complaint = Console(stderr=True, soft_wrap=True)
        complaint.print(f"[red]✗[/] {escape(self.what)}", highlight=False)
        complaint.print(f"  {self.why}\n  {self.mend}.", highlight=False, markup=False)
