"""What was found out about a host: kept together, so that all of it is told at once."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape

from .asking import Complaint


@dataclass
class Findings:
    """`fine` and `notices` are sentences; with a complaint the host isn't ready."""

    fine: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)

    def complain(self, what: str, mend: str) -> None:
        self.complaints.append(Complaint(what, mend))

    def tell(self, console: Console) -> None:
        """Print all but the complaints, which are for the error that ends the command."""
        for line in self.fine:
            console.print(f"[green]✓[/] {escape(line)}")
        for line in self.notices:
            console.print(f"[yellow]![/] {escape(line)}")
