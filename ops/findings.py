"""What was found out about a host: kept together, so that all of it is told at once."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape

from .asking import Complaint
from .errors import OpsError


@dataclass
class Findings:
    """`fine` and `notices` are sentences; with a complaint the host isn't ready."""

    fine: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)

    def complain(self, what: str, mend: str) -> None:
        self.complaints.append(Complaint(what, mend))

    def refuse(self, what: str, mend: str) -> None:
        """Raise OpsError with every complaint, if there is one: `what` is wrong, `mend` comes after."""
        if count := len(self.complaints):
            raise OpsError(
                f"{what}: {count} problem{'s' if count > 1 else ''}",
                "\n  ".join(f"{each.what}.\n    {each.mend}." for each in self.complaints),
                mend,
            )

    def tell(self, console: Console) -> None:
        """Print all but the complaints, which are for the error that ends the command."""
        for line in self.fine:
            console.print(f"[green]✓[/] {escape(line)}")
        for line in self.notices:
            console.print(f"[yellow]![/] {escape(line)}")
