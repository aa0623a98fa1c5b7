"""Reads an environment once, at start, and keeps every problem for one message."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import SecretStr

from .contract import digest_of

MAKE_A_KEY = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"


class SettingsError(Exception):
    """The environment won't do; the text has one line for each problem and never shows a value."""

    def __init__(self, problems: list[str], service: str = "form") -> None:
        self.problems = problems
        super().__init__(f"The {service} can't start:\n" + "\n".join(f"- {problem}" for problem in problems))


class ForAContract(Protocol):
    """A stage's constants say for which contract they were made."""

    @property
    def contract(self) -> str: ...


S = TypeVar("S", bound=ForAContract)


class Environment:
    """Variables, and the problems found with them so far."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems: list[str] = []

    def value(self, name: str) -> str:
        return self._variables.get(name, "").strip()

    def text(self, name: str, shape: re.Pattern[str], example: str) -> str:
        """A value that has to be there and in shape."""
        value = self.value(name)
        if not value:
            self.problems.append(f"{name} is not set: set it to {example}")
        elif not shape.fullmatch(value):
            self.problems.append(f"{name} has the wrong shape: it should be {example}")
        return value

    def switch(self, name: str) -> bool:
        """1 is on; 0 and nothing are off."""
        value = self.value(name)
        if value not in ("", "0", "1"):
            self.problems.append(f"{name} must be 1 or be left out")
        return value == "1"

    def distinct(self, names: list[str]) -> None:
        """Keys must differ: one that is used twice would open what it shouldn't."""
        seen: dict[str, str] = {}
        for name in names:
            if (value := self.value(name)) and value in seen:
                self.problems.append(
                    f"{name} equals {seen[value]}: each needs a key of its own; {MAKE_A_KEY}"
                )
            seen.setdefault(value, name)

    def stage(
        self, name: str, parse: Callable[[bytes], S], contract: str, together: str
    ) -> tuple[S | None, str]:
        """The stage's constants and their digest; `together` says what to deploy again with them."""
        path = self.value(name)
        if not path:
            self.problems.append(f"{name} is not set: set it to the path of the stage's stage.json")
            return None, ""
        try:
            content = Path(path).read_bytes()
            stage = parse(content)
        except OSError:
            self.problems.append(f"{name} names a file that can't be read: render the stage again")
            return None, ""
        except ValueError as error:
            self.problems += [f"{name}: {line}" for line in str(error).splitlines()]
            return None, ""
        if stage.contract != contract:
            self.problems.append(
                f"{name} was made for another version of the contract (action_src/contract.json): "
                f"render the stage again and deploy {together} together"
            )
        return stage, digest_of(content)

    def store(self, redis_name: str, single_name: str) -> SecretStr | None:
        """The Redis that all processes share; None with one process only."""
        url, single = self.value(redis_name), self.value(single_name)
        if single not in ("", "0", "1"):
            self.problems.append(f"{single_name} must be 1 (one process only) or be left out")
        if not url:
            if single != "1":
                self.problems.append(
                    f"{redis_name} is not set: limits need a Redis that all processes share; "
                    f"with one process only, set {single_name}=1"
                )
            return None
        if not re.fullmatch(r"(redis|rediss|unix)://\S+", url):
            self.problems.append(f"{redis_name} must start with redis://, rediss:// or unix://")
        return SecretStr(url)
