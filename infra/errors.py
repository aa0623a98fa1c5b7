"""What the declaration refuses, in sentences for the person who can mend it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake in a stage: the key, what is wrong there, and the command that mends it."""

    key: str
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.key}: {self.message}\n    {self.mend}"


class SettingsError(ValueError):
    """A stage that cannot be used, with every problem found in it."""

    def __init__(self, stage: str, problems: Sequence[Problem]) -> None:
        self.stage = stage
        self.problems = tuple(problems)
        super().__init__(stage, self.problems)

    def __str__(self) -> str:
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        listed = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(self.problems, 1))
        return f"Stage '{self.stage}' cannot be used: {count} in Pulumi.{self.stage}.yaml.\n{listed}"


class StageFileError(Exception):
    """A stage file or project file that is absent, or is not the YAML it should be."""


class RenderError(Exception):
    """A value that must not, or cannot, enter rendered text."""


class BundleError(Exception):
    """The hosted service's files cannot be put together, or not be kept for the provider."""


class BindingsError(Exception):
    """A trigger whose list of Actions ours cannot join without a decision by a person."""


class SecretExposedError(TypeError):
    """A secret was about to become text."""
