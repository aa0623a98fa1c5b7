"""What a worker is told. Light, since the command itself imports it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Job:
    """On which stage to do what, with which Pulumi, and where to note it (`entry`: nowhere when empty).

    `words` are the stage's own, each with what stands for it when changes are compared.
    """

    stage: str
    operation: str
    root: str
    pulumi: str
    version: str
    log: str
    entry: str
    digest: str
    message: str
    seconds: float
    words: Mapping[str, str]
    env: Mapping[str, str] = field(repr=False)
