"""What a person sees of a fleet, with a terminal and without one."""

import io

from rich.console import Console
from rich.table import Table

from ops.fleet import display
from ops.fleet.command import code
from ops.fleet.running import Fleet, Result

UPDATED = {"updated": 1, "unchanged": 4}


def text(table: Table) -> list[str]:
    console = Console(file=io.StringIO(), width=160)
    console.print(table)
    written = console.file
    assert isinstance(written, io.StringIO)
    return [" ".join(line.split()) for line in written.getvalue().splitlines()]


def shown(*results: Result, terminal: bool, interruptions: int = 0, operation: str = "up") -> str:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=120, height=40)
    fleet = Fleet((), 1, lambda result: None, lambda fleet: None, interruptions=interruptions)
    fleet.steps["eu-9"] = "update Action phone"
    with display.Display(console, 2, operation) as it:
        for result in results:
            it.told(result)
            it.show(fleet)
    return file.getvalue()


def test_without_a_terminal_it_is_a_line_a_stage() -> None:
    said = shown(
        Result("eu-1", "done", changes=UPDATED, seconds=1.24),
        Result("eu-2", "failed", "No [key] here", seconds=0.5),
        terminal=False,
    )
    assert said.splitlines() == [
        "✓ eu-1  1.2 s  1 updated  (1 of 2)",
        "✗ eu-2  0.5 s  No [key] here  (2 of 2)",
    ]


def test_a_preview_says_what_would_be() -> None:
    said = shown(Result("eu-1", "done", changes=UPDATED), terminal=False, operation="preview")
    assert "1 to update" in said


def test_an_interruption_is_answered_once() -> None:
    results = [Result("eu-1", "done"), Result("eu-2", "done")]
    assert shown(*results, terminal=False, interruptions=1).count("No other stage begins") == 1


def test_on_a_terminal_those_at_work_are_shown_with_their_step() -> None:
    said = shown(Result("eu-1", "done", changes=UPDATED), terminal=True)
    assert "update Action phone" in said
    assert "1 of 2, 1 at work, 0 failed" in said


def test_a_preview_says_which_changes_are_alike() -> None:
    rows = text(
        display.preview_table(
            [
                Result("eu-1", "done", changes={"created": 2, "updated": 1}, fingerprint="a"),
                Result("eu-2", "done", changes={"created": 2, "updated": 1}, fingerprint="a"),
                Result("eu-3", "done", changes={"deleted": 1}, fingerprint="b"),
                Result("eu-4", "done", changes={"unchanged": 5}, fingerprint="c"),
                Result("eu-5", "failed", "It said no"),
                Result("eu-6"),
            ]
        )
    )
    assert rows[1:] == [
        "eu-1 2 1 its own",
        "eu-2 2 1 as eu-1",
        "eu-3 1 its own",
        "eu-4 none",
        "eu-5 ✗ It said no",
        "eu-6 · not begun",
    ]


def test_the_summary_says_how_each_went() -> None:
    rows = text(
        display.up_table(
            [
                Result("eu-1", "done", changes=UPDATED, seconds=2.0, link="https://app.pulumi.com/x"),
                Result("eu-2", "before"),
                Result("eu-3", "interrupted", "update canceled", seconds=1.0),
                Result("eu-4"),
            ]
        )
    )
    assert rows[1:] == [
        "eu-1 ✓ done 1 updated 2.0 https://app.pulumi.com/x",
        "eu-2 · before done before",
        "eu-3 ! interrupted update canceled 1.0",
        "eu-4 · waiting not begun",
    ]


def test_the_exit_code_says_it_too() -> None:
    done, before, failed = Result("a", "done"), Result("b", "before"), Result("c", "failed")
    assert [code(each) for each in ([done, before], [done, failed], [])] == [0, 1, 0]
    assert code([failed, Result("d")]) == code([done, Result("d", "interrupted")]) == 130
