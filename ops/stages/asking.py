"""Getting every answer: from what was given, from the person at the terminal, or from the defaults."""

import getpass
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from rich.console import Console

from infra.stage import is_production

from ..errors import OpsError
from . import answers as given_answers
from .questions import QUESTIONS, Question

_REFUSED = "That will not do"


class Terminal(Protocol):
    """A person who can be asked."""

    def say(self, text: str) -> None: ...
    def ask(self, prompt: str) -> str: ...
    def ask_hidden(self, prompt: str) -> str: ...


class Tty:
    """The process's own terminal. Ctrl-C and Ctrl-D raise what they always raise."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False)

    def ask(self, prompt: str) -> str:
        return input(prompt)

    def ask_hidden(self, prompt: str) -> str:
        return getpass.getpass(prompt)


def complete(
    stage: str,
    given: Mapping[str, Any],
    terminal: Terminal | None,
    take_defaults: bool,
    missing: Sequence[str] = (),
) -> dict[str, Any]:
    """Every setting of the new stage, by dotted key, judged together.

    Without a terminal nothing is asked: raises OpsError with all that is missing and all that is wrong.
    `missing` is what the caller misses besides.
    """
    _refuse_enforcement(given)
    known = dict(given)
    if is_production(stage):
        known.setdefault("protect", True)
    still = _Open(also=missing)
    for question in QUESTIONS:
        if not question.applies(known):
            continue
        if terminal is not None:
            _ask(question, stage, known, terminal)
        elif question.key not in known:
            _take_default(question, known, still, take_defaults)
    found = given_answers.problems(stage, known, given if still.needed or not terminal else None)
    # What follows from a wrong answer is wrong, too, and need not be told.
    found = found or given_answers.problems(stage, known, known if still.needed else None)
    if still.lines() or found:
        raise _refusal(stage, still, given_answers.told(found), terminal is not None)
    known[given_answers.ENFORCEMENT] = "off"
    # Kept with every consent: which text it was.
    known.setdefault("consent.version", date.today().isoformat())
    return {key: value for key, value in known.items() if value not in ("", [], None)}


def _refuse_enforcement(given: Mapping[str, Any]) -> None:
    if given.get(given_answers.ENFORCEMENT, "off") != "off":
        raise OpsError(
            "A new stage starts with verification.enforcement off",
            "Nobody may be sent to a form before it answers.",
            "Leave it out; `auth0-phone enable` switches it on once the host answers",
        )


def _ask(question: Question, stage: str, known: dict[str, Any], terminal: Terminal) -> None:
    """Ask until the settings take the answer; an answer that was given is only judged."""
    if question.key in known:
        found = given_answers.problems(stage, known, [question.key])
        if not found:
            return
        terminal.say(f"{_REFUSED}: {given_answers.told(found)}")
        del known[question.key]
    offered = given_answers.default(question, known)
    terminal.say(f"\n{question.asks}\n  {question.why}")

    def judge(text: str) -> str | None:
        value = given_answers.parse(question.key, text) if text.strip() else offered
        if question.needed and value in (None, "", []):
            return "it has to be said"
        found = given_answers.problems(stage, known | {question.key: value}, [question.key])
        if not found:
            known[question.key] = value
        return given_answers.told(found)

    shown = given_answers.shown(offered)
    ask_until(terminal, f"  {question.key} [{shown}]: " if shown else f"  {question.key}: ", judge)


def ask_until(
    terminal: Terminal, prompt: str, judge: Callable[[str], str | None], hidden: bool = False
) -> None:
    """Ask again until `judge` has no complaint."""
    ask = terminal.ask_hidden if hidden else terminal.ask
    while complaint := judge(ask(prompt)):
        terminal.say(f"  {_REFUSED}: {complaint}")


def _take_default(question: Question, known: dict[str, Any], still: "_Open", take_defaults: bool) -> None:
    value = given_answers.default(question, known)
    if question.needed and value in (None, "", []):
        still.needed.append(question)
    elif take_defaults:
        known[question.key] = value
    else:
        still.defaults.append(question)


@dataclass
class _Open:
    """The questions that nobody has answered: without a default, and with one that was not asked for."""

    needed: list[Question] = field(default_factory=list)
    defaults: list[Question] = field(default_factory=list)
    also: Sequence[str] = ()

    def lines(self) -> list[str]:
        lines = [
            f"{question.option}: {question.asks[0].lower()}{question.asks[1:]}" for question in self.needed
        ]
        lines += self.also
        options = ", ".join(question.option for question in self.defaults)
        return [*lines, f"--yes takes the defaults of {options}"] if options else lines


def _refusal(stage: str, still: _Open, wrong: str, asked: bool) -> OpsError:
    mend = (
        "Give them as options or in --answers FILE (docs/bootstrap.md), or run it in a terminal to be asked"
    )
    return OpsError(
        f"The stage {stage} is not complete",
        "\n  ".join([*still.lines(), *([wrong] if wrong else [])]),
        "Run it again; nothing was written" if asked else mend,
    )
