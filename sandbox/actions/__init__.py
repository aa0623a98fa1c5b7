"""Actions: deployed JavaScript, executed in one Node process with nothing of ours in reach."""

from .errors import RunnerError
from .runner import NodeRunner

__all__ = ["NodeRunner", "RunnerError"]
