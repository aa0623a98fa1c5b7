"""What a probe found, and how it asks the person in front of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .tenant import Tenant

Value = str | int | bool


@dataclass(frozen=True)
class Finding:
    """The value of a switch that makes the sandbox behave like this tenant; `evidence` is what was seen."""

    switch: str
    value: Value
    evidence: str


class Console(Protocol):
    """The person in front of the probe."""

    def say(self, text: str) -> None: ...

    def ask(self, question: str) -> str: ...


@dataclass(frozen=True)
class Probe:
    """`makes` says before the run what the tenant will have for its time; `needs` what the person does."""

    name: str
    makes: str
    needs: str
    run: Callable[[Tenant, Console], Finding]
