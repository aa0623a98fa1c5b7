"""What every kind of resource can do; the modules beside this one hold one kind each."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .api import Api
from .checks import Check, Failure
from .halt import Halt
from .progress import Progress
from .wire import UNKNOWN

Properties = dict[str, Any]
_DEFAULT_SECONDS = 600.0


@dataclass(frozen=True)
class Work:
    """What one create, read, update or delete has at hand, and how long it may take."""

    api: Api
    progress: Progress
    urn: str
    # The URN of the provider that is configured so in the program.
    provider: str = ""
    seconds: float = 0.0
    begun: float = field(default_factory=time.monotonic)

    @property
    def halt(self) -> Halt:
        return self.api.halt

    @property
    def rest(self) -> float:
        """Seconds left; a resource's `custom_timeouts` say how many there are, else it is ten minutes."""
        return self.begun + (self.seconds or _DEFAULT_SECONDS) - time.monotonic()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.begun

    async def call(self, method: str, path: str, doing: str, **how: Any) -> Any:
        """`Api.call`, for no longer than is left."""
        return await self.api.call(method, path, doing, seconds=self.rest, **how)

    async def say(self, line: str) -> None:
        await self.progress.status(self.urn, line)

    async def warn(self, line: str) -> None:
        await self.progress.warn(self.urn, line)


@dataclass(frozen=True)
class Found:
    """What a read found: the inputs that would make it so, and the state."""

    id: str
    inputs: Properties
    state: Properties


class Kind(ABC):
    """One kind of resource. Inputs have passed `check`; the state is what `create` and `update` returned.

    They raise ProviderError, in words for a person; IncompleteError when the thing exists nevertheless.
    """

    inputs: ClassVar[Mapping[str, Check]]
    # Inputs that only another resource can have.
    replacing: ClassVar[frozenset[str]]
    # Outputs that are only known afterwards, and whether an update changes them.
    computed: ClassVar[Mapping[str, bool]] = {}

    def check(self, inputs: Properties) -> tuple[Properties, list[Failure]]:
        """The inputs as they are kept, and what is wrong with them, each by its property's path."""
        failures = [
            Failure(name, "is not an input of this resource") for name in inputs if name not in self.inputs
        ]
        kept: Properties = {}
        for name, check in self.inputs.items():
            kept[name], wrong = check(name, inputs.get(name))
            failures += wrong
        return kept, failures

    def drift(self, id_: str, state: Properties) -> list[str]:
        """Outputs in which what was found differs from what was declared."""
        return []

    def delete_first(self, changed: set[str]) -> bool:
        """Whether a replacement has to take the old one away before it can be made."""
        return False

    def planned(self, old: Properties | None, inputs: Properties) -> Properties:
        """The state after a create (`old` is None) or update, as far as a preview can say."""
        lasting = (
            {} if old is None else {n: old.get(n) for n, changes in self.computed.items() if not changes}
        )
        return {**inputs, **dict.fromkeys(self.computed, UNKNOWN), **lasting}

    @abstractmethod
    async def create(self, inputs: Properties, work: Work) -> tuple[str, Properties]:
        """The id and state of a new one."""

    @abstractmethod
    async def read(self, id_: str, old: Properties, work: Work) -> Found | None:
        """What is there now, or None; `old` is the state, or nothing when it is imported."""

    @abstractmethod
    async def update(self, id_: str, old: Properties, inputs: Properties, work: Work) -> Properties:
        """The state after the change."""

    @abstractmethod
    async def delete(self, id_: str, old: Properties, work: Work) -> None:
        """Take it away; it may be gone already."""
