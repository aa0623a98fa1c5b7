"""How a leg of the pipeline ends."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["done", "redirect", "challenge", "denied", "failed", "invalid", "interaction_required"]


@dataclass(frozen=True)
class Outcome:
    """`text`: the address of a redirect, otherwise the reason; `code`: a validation error's own code."""

    kind: Kind
    text: str = ""
    code: str = ""


DONE = Outcome("done")


class RefusedError(Exception):
    """An Action asked for something that is not allowed, which fails it like an error of its own."""
